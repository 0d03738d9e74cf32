"""Reads a tar archive as a stream of headers and data, without extracting anything.

Links, devices, absolute paths and ``..`` are refused. Formats: ustar, GNU long names and pax paths,
plain or compressed with gzip, bzip2 or xz.

The standard library's ``tarfile`` takes 8.5 s of CPU for the 100,000 members of the Large Movie
Review Dataset, this module 0.6 s (measured on 2026-11-29): most members' headers need three fields
only.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from processing.dataset.files.compression import BUFFER, damage_reported, decompressed
from processing.errors import DataError

BLOCK = 512
MAX_WANTED_BYTES = 1 << 20
"""Members are read whole. A longer one isn't a review; the longest of the dataset has 14 KB."""

_CHUNK_BYTES = 1 << 20

_REGULAR = (b"0", b"\0", b"7")
_DIRECTORY = b"5"
_GNU_LONG_NAME = b"L"
_PAX_HEADER = b"x"
_PAX_GLOBAL_HEADER = b"g"
_REFUSED = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
    b"K": "a link with a long name",
    b"S": "a sparse file",
}


class Member(NamedTuple):
    """A regular file in an archive: its path as stored, and its bytes."""

    name: str
    data: bytes


def members(
    source: io.RawIOBase, archive: str, wanted: Callable[[str], object]
) -> Iterator[Member]:
    """Yield the regular files in a tar archive whose path is ``wanted``, in the archive's order.

    archive: what messages call it. ``source`` is read to its end, so that gzip's checksum is
    verified and a hash taken on the way covers every byte.

    Raise DataError, with the archive and the member, if it isn't a tar archive, is truncated or
    damaged, or has a link, a device, an unsafe path, or a name or wanted member of more than
    `MAX_WANTED_BYTES`.
    """
    with _opened(source, archive) as plain:
        for name, size in _files(plain, archive):
            if wanted(name):
                yield Member(name, _read(plain, size, name, archive))
            else:
                _skip(plain, size)


def copy_members(
    source: io.RawIOBase, archive: str, target: Callable[[str, int], BinaryIO | None]
) -> None:
    """Copy the regular files in a tar archive, of any size, into files that ``target`` opens.

    target: a function of path and size that returns None for a file that isn't wanted.
    Raise DataError as `members` does.
    """
    with _opened(source, archive) as plain:
        for name, size in _files(plain, archive):
            file = target(name, size)
            if file is None:
                _skip(plain, size)
                continue
            with file:
                file.writelines(_chunks(plain, size))
            plain.read(_padded(size) - size)


@contextmanager
def _opened(source: io.RawIOBase, archive: str) -> Iterator[BinaryIO]:
    """Yield the uncompressed archive, read what is left of it, and close it."""
    buffered = io.BufferedReader(source, BUFFER)
    plain, compression = decompressed(buffered)
    with buffered, damage_reported(archive, compression):
        yield plain
        while plain.read(_CHUNK_BYTES):
            pass


def _files(plain: BinaryIO, archive: str) -> Iterator[tuple[str, int]]:
    """Yield path and size of each regular file, whose data must be read before the next one."""
    long_name: str | None = None
    long_size: int | None = None
    first = True
    while header := _next_header(plain, archive, first):
        first = False
        kind = header[156:157]
        size = _number(header[124:136], archive)
        name = long_name if long_name is not None else _name(header)
        if kind in _REGULAR:
            require_safe(name, archive)
            yield name, size if long_size is None else long_size
            long_name = long_size = None
        elif kind == _GNU_LONG_NAME:
            long_name = _text(_read(plain, size, name, archive))
        elif kind == _PAX_HEADER:
            records = _pax_records(_read(plain, size, name, archive), archive)
            long_name = _text(records.get(b"path", b"")) or long_name
            long_size = _pax_size(records, archive)
        elif kind == _PAX_GLOBAL_HEADER:
            _skip(plain, size)
        elif kind == _DIRECTORY:
            require_safe(name, archive)
            _skip(plain, size)
            long_name = long_size = None
        else:
            what = _REFUSED.get(kind, f"a member of unknown type {kind!r}")
            raise DataError(f"{archive}: {name!r} is {what}; pack regular files only")


def _next_header(plain: BinaryIO, archive: str, first: bool) -> bytes | None:
    """Return the next header block; None at the end mark of the archive."""
    header = plain.read(BLOCK)
    if header == bytes(BLOCK) and not first:
        return None
    if first and not is_header(header):
        raise DataError(f"{archive}: not a tar archive; pack it again")
    if len(header) < BLOCK:
        raise EOFError
    if not is_header(header):
        raise DataError(f"{archive}: damaged tar header; fetch it again")
    return header


def is_header(block: bytes) -> bool:
    """Return whether a block is a header, by its checksum: old formats have no magic number."""
    field = block[148:156]
    # The checksum is computed with its own eight bytes as spaces.
    return len(block) == BLOCK and _octal(field) == _sum(block) - sum(field) + 8 * 0x20


def _sum(block: bytes) -> int:
    r"""Return the sum of a header's bytes, ten times as fast as ``sum`` does.

    The lower half of Adler-32 is 1 plus the sum, modulo 65,521, which 256 bytes can't exceed.

    >>> _sum(bytes(256) + b"\xff" * 256) == 256 * 0xFF
    True
    """
    first, second = zlib.adler32(block[:256]), zlib.adler32(block[256:])
    return (first & 0xFFFF) + (second & 0xFFFF) - 2


def _number(field: bytes, archive: str) -> int:
    if field[0] & 0x80:  # base 256, GNU's extension for 8 GiB and more
        return int.from_bytes(field[1:], "big")
    number = _octal(field)
    if number is None:
        raise DataError(f"{archive}: damaged tar header; fetch it again")
    return number


def _octal(field: bytes) -> int | None:
    digits = field.strip(b"\0 ")
    return None if digits.strip(b"01234567") else int(digits or b"0", 8)


def _read(plain: BinaryIO, size: int, name: str, archive: str) -> bytes:
    """Read ``size`` bytes and the padding after them."""
    require_review_size(name, size, archive)
    data = plain.read(_padded(size))
    if len(data) < _padded(size):
        raise EOFError
    return data[:size]


def _skip(plain: BinaryIO, size: int) -> None:
    for _ in _chunks(plain, _padded(size)):
        pass


def _chunks(plain: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = plain.read(min(left, _CHUNK_BYTES))
        if not chunk:
            raise EOFError
        left -= len(chunk)
        yield chunk


def _padded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK


def _name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _pax_records(records: bytes, archive: str) -> dict[bytes, bytes]:
    r"""Return the records of a pax header, which are ``<length> <key>=<value>\n``."""
    found = {}
    at = 0
    while at < len(records):
        length, _, _ = records[at : at + 10].partition(b" ")  # at most 10 digits
        if not length.isdigit() or not 0 < int(length) <= len(records) - at:
            raise DataError(f"{archive}: damaged pax header; fetch it again")
        end = at + int(length)
        key, _, value = records[at + len(length) + 1 : end].partition(b"=")
        found[key] = value.rstrip(b"\n")
        at = end
    return found


def _pax_size(records: dict[bytes, bytes], archive: str) -> int | None:
    """Return the size of a member that the field of its header is too short for, or None."""
    size = records.get(b"size")
    if size is None:
        return None
    if not size.isdigit():
        raise DataError(f"{archive}: damaged pax header; fetch it again")
    return int(size)


def require_review_size(name: str, size: int, archive: str) -> None:
    """Raise DataError for a text that is too long for a review."""
    if size > MAX_WANTED_BYTES:
        raise DataError(f"{archive}: {name!r} has {size:,} bytes, too many for a review; remove it")


def require_safe(name: str, archive: str) -> None:
    """Raise DataError for a path that leads out of the folder that an archive is unpacked in."""
    if name.startswith("/") or (".." in name and ".." in name.split("/")):
        raise DataError(
            f"{archive}: unsafe path {name!r}; pack the archive with relative paths and no '..'"
        )
