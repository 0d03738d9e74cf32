"""Archives of models: the one that Train writes, and those for serving.

`write_archive` stores without compressing: the same files give the same bytes on any machine, which
compression doesn't, because its bytes differ between versions of zlib.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from processing.atomic import atomic_path
from processing.errors import DataError
from processing.names import MODEL_FILE

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no name, no time, unknown system
_BLOCK_BYTES = 0xFFFF


def read_model(archive: Path) -> bytes:
    """Return the content of the model file. Raise DataError if the archive doesn't have one."""
    try:
        with tarfile.open(archive) as members:
            file = members.extractfile(MODEL_FILE)
            if file is not None:
                return file.read()
    except FileNotFoundError:
        raise DataError(f"{archive}: no such file; use the output of Train") from None
    except (tarfile.TarError, zlib.error, OSError, EOFError, KeyError):
        pass  # the remedy is the same for every kind of damage
    raise DataError(
        f"{archive.name}: not an archive with a file {MODEL_FILE}; use the output of Train"
    )


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a tar of files by name, in the format of gzip."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with atomic_path(path) as staging:
        staging.write_bytes(_stored(content.getvalue()))


def _stored(data: bytes) -> bytes:
    r"""Return data, which isn't empty, as gzip in blocks that aren't compressed.

    >>> import gzip
    >>> gzip.decompress(_stored(b"model"))
    b'model'
    >>> len(gzip.decompress(_stored(bytes(200_000))))
    200000
    """
    parts = [_GZIP_HEADER]
    for start in range(0, len(data), _BLOCK_BYTES):
        block = data[start : start + _BLOCK_BYTES]
        is_last = start + _BLOCK_BYTES >= len(data)
        parts += [struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))
    return b"".join(parts)
