"""SHA-256 of files, computed once for each content that a process meets."""

from __future__ import annotations

import hashlib
from pathlib import Path

_Identity = tuple[int, int, int, int]

_known: dict[_Identity, str] = {}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raise OSError if it can't be read.

    It is remembered by the file's device, inode, size and modification time, so a file that is
    renamed, or has another hard link, isn't read again.
    """
    identity = _identity(path)
    if identity not in _known:
        with path.open("rb") as file:
            _known[identity] = hashlib.file_digest(file, "sha256").hexdigest()
    return _known[identity]


def remember_digest(path: Path, digest: str) -> None:
    """Remember the digest of a file that was hashed while it was written."""
    _known[_identity(path)] = digest


def _identity(path: Path) -> _Identity:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
