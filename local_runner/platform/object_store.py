"""Objects by ``s3://bucket/key``: what a run needs of S3, and a folder that does it.

In the folder, ``s3://bucket/key`` is ``<root>/bucket/key``. Each object appears whole, in one
rename; a folder under a new URI, too. Jobs get hard links where the file system has them, so
nothing is copied that need not be.
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
    """What a run needs of S3. An operation on what isn't there raises JobFailed, naming the URI."""

    def exists(self, uri: str) -> bool:
        """Whether any object lies at or below ``uri``."""

    def open(self, uri: str) -> BinaryIO:
        """The content of one object. Raises OSError if it can't be read."""

    def fetch(self, uri: str, folder: Path) -> None:
        """Puts the objects at or below ``uri`` into ``folder``."""

    def publish(self, source: Path, uri: str) -> None:
        """Moves a file or a folder's files to ``uri``, in place of objects of the same keys."""

    def digest(self, uri: str) -> str:
        """A hash of the keys and contents of the objects at or below ``uri``."""


class FolderStore:
    """S3 as the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, uri: str) -> Path:
        """Where ``uri`` lies. Raises JobFailed for what is no S3 URI below this store."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        parts = [part for part in key.split("/") if part]
        if not uri.startswith("s3://") or not bucket or ".." in (bucket, *parts):
            raise JobFailed(f"ClientError: {uri!r} is no S3 URI (s3://bucket/key)")
        return self._root.joinpath(bucket, *parts)

    def files(self, uri: str) -> list[tuple[str, Path]]:
        """(relative key, file) of every object at or below ``uri``, sorted by key.

        Raises JobFailed if there is none, as S3 downloads do.
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
        """Whether any object lies at or below ``uri``."""
        path = self._source(uri)
        return path.is_file() or any(file.is_file() for file in path.rglob("*"))

    def _source(self, uri: str) -> Path:
        """Where objects are read: a dataset of this machine, which no job downloads, too."""
        if uri.startswith("file://"):
            return Path(url2pathname(urlsplit(uri).path))
        return self.path(uri)

    def open(self, uri: str) -> BinaryIO:
        """The content of the object at ``uri``. Raises OSError if there is none."""
        return self.path(uri).open("rb")

    def fetch(self, uri: str, folder: Path) -> None:
        """Links, or copies, the objects at or below ``uri`` into ``folder``."""
        for key, file in self.files(uri):
            target = folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(file, target)

    def publish(self, source: Path, uri: str) -> None:
        """Moves a file or folder to ``uri``: in one step, or object by object into what is there.

        As in S3, an object takes the place of one with its key, and no other object goes.
        """
        target = self.path(uri)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise JobFailed(f"ClientError: an object lies where {uri} wants a folder") from None
        try:
            source.replace(target)
            return
        except (IsADirectoryError, NotADirectoryError):
            raise JobFailed(
                f"ClientError: {uri} can't be an object and a folder, as on a disk"
            ) from None
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)

    def digest(self, uri: str) -> str:
        """A hash of the keys and contents of the objects at or below ``uri``, in hexadecimal."""
        digest = hashlib.sha256()
        for key, file in self.files(uri):
            digest.update(f"{key}\0{file_digest(file)}\n".encode())
        return digest.hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """A hard link, or a copy where there can be none (another file system)."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
