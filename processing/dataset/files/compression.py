"""Compressed streams: gzip, bzip2 and xz, recognised by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from processing.errors import DataError

GZIP = "gzip"
BZIP2 = "bzip2"
XZ = "xz"

_MAGIC = {GZIP: b"\x1f\x8b", BZIP2: b"BZh", XZ: b"\xfd7zXZ\0"}
_BZIP2_BLOCK = b"1AY&SY"  # after BZh and a digit; texts may begin with "BZh"
_MAGIC_BYTES = 10
BUFFER = 1 << 20


def compression_of(start: bytes) -> str:
    r"""Return how a file that begins with these bytes is compressed; "" if it isn't.

    >>> compression_of(b"\x1f\x8b\x08\0"), compression_of(b"BZh,label\n")
    ('gzip', '')
    """
    found = next((name for name, magic in _MAGIC.items() if start.startswith(magic)), "")
    return "" if found == BZIP2 and start[4:_MAGIC_BYTES] != _BZIP2_BLOCK else found


def decompressed(buffered: BinaryIO | io.BufferedReader[Any]) -> tuple[BinaryIO, str]:
    """Return a stream of the uncompressed bytes, and how they were compressed.

    The caller closes ``buffered``.
    """
    assert isinstance(buffered, io.BufferedReader)
    compression = compression_of(buffered.peek(_MAGIC_BYTES)[:_MAGIC_BYTES])
    stream: io.RawIOBase | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
    if compression == GZIP:
        stream = gzip.GzipFile(fileobj=buffered)
    elif compression == BZIP2:
        stream = bz2.BZ2File(buffered)
    elif compression == XZ:
        stream = lzma.LZMAFile(buffered)  # noqa: SIM115  # the caller closes it
    else:
        return buffered, ""
    return io.BufferedReader(cast("io.RawIOBase", stream), BUFFER), compression


@contextmanager
def open_decompressed(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file that may be compressed, for reading.

    name: what messages call it. Raise DataError while it is read, if the stream is damaged.
    """
    with path.open("rb", buffering=BUFFER) as file:
        plain, compression = decompressed(file)
        with plain, damage_reported(name, compression):
            yield plain


@contextmanager
def damage_reported(name: str, compression: str) -> Iterator[None]:
    """Raise DataError for the errors of a damaged or truncated stream."""
    try:
        yield
    except EOFError:
        raise DataError(f"{name}: truncated; fetch or write it again") from None
    except (zlib.error, lzma.LZMAError, OSError) as error:
        # bz2 and gzip raise an OSError without a number, unlike the operating system
        if not compression or getattr(error, "errno", None) is not None:
            raise
        raise DataError(
            f"{name}: damaged {compression} stream ({error}); fetch or write it again"
        ) from None
