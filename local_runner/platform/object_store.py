"""The object store: objects by ``s3://bucket/key``, kept in a folder.

``s3://bucket/key`` is the file ``<root>/bucket/key``. An object, or a folder under a new URI, is
renamed into place when it is complete. Jobs get hard links where the file system has them, so that
inputs aren't copied.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from local_runner.errors import JobFailed
from local_runner.platform.file_digest import file_digest


class ObjectStore(Protocol):
    """The S3 operations of an execution. A missing object raises JobFailed, which names the URI."""

    def exists(self, uri: str) -> bool:
        """Return whether there is any object at or below ``uri``."""

    def open(self, uri: str) -> BinaryIO:
        """Open one object for reading. Raise OSError if it can't be read."""

    def fetch(self, uri: str, folder: Path) -> None:
        """Put the objects at or below ``uri`` into ``folder``."""

    def publish(self, source: Path, uri: str) -> None:
        """Move a file or a folder's files to ``uri``, replacing objects with the same keys."""

    def digest(self, uri: str) -> str:
        """Return a hash of the keys and contents of the objects at or below ``uri``."""


class FolderStore:
    """An object store in the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, uri: str) -> Path:
        """Return the path of ``uri``. Raise JobFailed if it isn't an S3 URI in this store."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        parts = [part for part in key.split("/") if part]
        if not uri.startswith("s3://") or not bucket or ".." in (bucket, *parts):
            raise JobFailed(f"ClientError: {uri!r} isn't an S3 URI (s3://bucket/key)")
        return self._root.joinpath(bucket, *parts)

    def files(self, uri: str) -> list[tuple[str, Path]]:
        """Return (relative key, file) of every object at or below ``uri``, sorted by key.

        Raise JobFailed if there is none, as S3 downloads do.
        """
        path = self._source(uri)
        if path.is_file():
            return [(path.name, path)]
        files = [(file.relative_to(path).as_posix(), file) for file in path.rglob("*")]
        found = sorted((key, file) for key, file in files if file.is_file())
        if not found:
            raise JobFailed(f"ClientError: no object at {uri}")
        return found

    def exists(self, uri: str) -> bool:
        """Return whether there is any object at or below ``uri``."""
        path = self._source(uri)
        return path.is_file() or any(file.is_file() for file in path.rglob("*"))

    def _source(self, uri: str) -> Path:
        """Return the path to read ``uri`` from; inputs of local executions may be file:// URIs."""
        if uri.startswith("file://"):
            return Path(url2pathname(urlsplit(uri).path))
        return self.path(uri)

    def open(self, uri: str) -> BinaryIO:
        """Open the object at ``uri`` for reading. Raise OSError if there is none."""
        return self.path(uri).open("rb")

    def fetch(self, uri: str, folder: Path) -> None:
        """Link, or copy, the objects at or below ``uri`` into ``folder``."""
        for key, file in self.files(uri):
            target = folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(file, target)

    def publish(self, source: Path, uri: str) -> None:
        """Move a file or folder to ``uri``: in one rename, or file by file into an existing folder.

        As in S3, an object replaces one with the same key, and no other object is removed.
        """
        target = self.path(uri)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise JobFailed(
                f"ClientError: {uri} can't be written: a part of its key is an object already, and "
                "a local run keeps objects as files; choose another output URI"
            ) from None
        try:
            source.replace(target)
            return
        except (IsADirectoryError, NotADirectoryError):
            raise JobFailed(
                f"ClientError: {uri} can't be both an object and a prefix in a local run; "
                "choose another output URI"
            ) from None
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)

    def digest(self, uri: str) -> str:
        """Return a SHA-256, in hexadecimal, of the keys and contents at or below ``uri``."""
        digest = hashlib.sha256()
        for key, file in self.files(uri):
            digest.update(f"{key}\0{file_digest(file)}\n".encode())
        return digest.hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """Create a hard link, or a copy if that fails, as on another file system."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
