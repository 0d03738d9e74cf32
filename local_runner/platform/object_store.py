"""The object store: objects by ``s3://bucket/key``, kept in a folder.

``s3://bucket/key`` is the file ``<root>/bucket/key``. An object, or a folder under a new URI, is
renamed into place when it is complete. Jobs get hard links where the file system has them, so that
inputs aren't copied.

Objects can also be mapped to files elsewhere, which are only read: jobs get copies of them, and no
job can write to their URIs.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from local_runner.errors import JobFailed
from local_runner.platform.file_digest import file_digest
from local_runner.s3_uri import s3_uri


class ObjectStore(Protocol):
    """The S3 operations of an execution. A missing object raises JobFailed, which names the URI.

    ``uri`` is a prefix of keys for `fetch` and `digest`, as for the inputs of jobs on AWS:
    ``s3://bucket/raw/reviews.csv`` includes ``raw/reviews.csv.gz``. Files are named by
    `downloaded_name`.
    """

    def exists(self, uri: str) -> bool:
        """Return whether there is any object at or below ``uri``."""

    def open(self, uri: str) -> BinaryIO:
        """Open one object for reading. Raise OSError if it can't be read."""

    def fetch(self, uri: str, folder: Path) -> None:
        """Put the objects whose URIs begin with ``uri`` into ``folder``."""

    def publish(self, source: Path, uri: str) -> None:
        """Move a file or a folder's files to ``uri``, replacing objects with the same keys."""

    def delete(self, uri: str) -> None:
        """Delete the object at ``uri``, if there is one."""

    def digest(self, uri: str) -> str:
        """Return a hash of the names and contents of the objects whose URIs begin with ``uri``."""


class FolderStore:
    """An object store in the folder ``root``. mapped: files elsewhere by their objects' URIs."""

    def __init__(self, root: Path, mapped: Mapping[str, Path] | None = None) -> None:
        self.root = root
        self.staging_path = root / ".staging"
        self._mapped = mapped or {}

    def path(self, uri: str) -> Path:
        """Return the path of ``uri``. Raise JobFailed if it isn't an S3 URI in this store."""
        uri = s3_uri(uri)
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        parts = [part for part in key.split("/") if part]
        is_path = ".." not in (bucket, *parts) and "\0" not in uri
        if not uri.startswith("s3://") or not bucket or not is_path:
            raise JobFailed(f"ClientError: {uri!r} isn't an S3 URI (s3://bucket/key)")
        return self.root.joinpath(bucket, *parts)

    def files(self, uri: str) -> list[tuple[str, Path]]:
        """Return (name, file) of every object whose URI begins with ``uri``, sorted by name.

        Raise JobFailed if there is none, as S3 downloads do, or if two have the same name.
        """
        path = self._source(uri)
        is_folder = uri.endswith("/") or path.parent == self.root
        prefix = f"{path.as_posix()}/" if is_folder else path.as_posix()
        found: dict[str, Path] = {}
        for location, file in self._beginning_with(prefix):
            name = downloaded_name(location, prefix)
            if name in found:
                raise JobFailed(f"ClientError: two objects at {uri} would be the file {name}")
            found[name] = file
        if not found:
            raise JobFailed(f"ClientError: no object at {uri}")
        return sorted(found.items())

    def exists(self, uri: str) -> bool:
        """Return whether there is any object at or below ``uri``."""
        path = self._source(uri)
        if path.is_file() or any(file.is_file() for file in path.rglob("*")):
            return True
        at, below = path.as_posix(), f"{path.as_posix()}/"
        return any(place == at or place.startswith(below) for place in self._places)

    @cached_property
    def _mapped_files(self) -> set[Path]:
        return set(self._mapped.values())

    @cached_property
    def _places(self) -> Mapping[str, Path]:
        """The mapped files by the paths that their objects would have in the folder."""
        return {self.path(uri).as_posix(): file for uri, file in self._mapped.items()}

    def _beginning_with(self, prefix: str) -> Iterator[tuple[str, Path]]:
        """Yield (path in the folder, file) of objects; a mapped file hides one in the folder."""
        for file in _beginning_with(prefix):
            if (place := file.as_posix()) not in self._places:
                yield place, file
        for place, file in self._places.items():
            if place.startswith(prefix):
                yield place, file

    def _source(self, uri: str) -> Path:
        """Return the path to read ``uri`` from; inputs of local executions may be file:// URIs."""
        if uri.startswith("file://"):
            return Path(url2pathname(urlsplit(uri).path))
        return self.path(uri)

    def open(self, uri: str) -> BinaryIO:
        """Open the object at ``uri`` for reading. Raise OSError if there is none."""
        path = self.path(uri)
        return self._places.get(path.as_posix(), path).open("rb")

    def objects(self, bucket: str, prefix: str) -> dict[str, Path]:
        """Return the files of the objects whose keys begin with ``prefix``, by their keys."""
        root = f"{self.path(f's3://{bucket}').as_posix()}/"
        found = self._beginning_with(f"{root}{prefix}")
        return {place.removeprefix(root): file for place, file in found}

    def fetch(self, uri: str, folder: Path) -> None:
        """Link, or copy, the objects whose URIs begin with ``uri`` into ``folder``."""
        for key, file in self.files(uri):
            target = folder / key
            target.parent.mkdir(parents=True, exist_ok=True)
            if file in self._mapped_files:
                shutil.copyfile(file, target)
            else:
                self._link(file, target)

    def _link(self, file: Path, target: Path) -> None:
        link_or_copy(file, target)

    def publish(self, source: Path, uri: str) -> None:
        """Move a file or folder to ``uri``: in one rename, or file by file into an existing folder.

        As in S3, an object replaces one with the same key, and no other object is removed.
        """
        target = self.path(uri)
        self._require_writable(source, target, uri)
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
        for file in files_below(source):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)

    def staging(self) -> Path:
        """Return the folder of files that can be published in one rename, but aren't objects."""
        self.staging_path.mkdir(parents=True, exist_ok=True)
        return self.staging_path

    def _require_writable(self, source: Path, target: Path, uri: str) -> None:
        """Raise JobFailed if publishing would replace an object that is mapped to a file."""
        files = [source] if source.is_file() else source.rglob("*")
        for file in files if self._places else ():
            if (target / file.relative_to(source)).as_posix() in self._places:
                raise JobFailed(
                    f"ClientError: {uri} can't be written: {file.name} there is mapped to a local "
                    "file, which is only read; choose another output URI"
                )

    def delete(self, uri: str) -> None:
        """Delete the object at ``uri``, if there is one. Raise JobFailed for a mapped file."""
        path = self.path(uri)
        if path.as_posix() in self._places:
            raise JobFailed(
                f"ClientError: {uri} can't be deleted: it is mapped to a local file, which is only "
                "read"
            )
        if path.is_file():
            path.unlink()

    def digest(self, uri: str) -> str:
        """Return a SHA-256, in hexadecimal, of names and contents; ``uri`` is a prefix."""
        digest = hashlib.sha256()
        for key, file in self.files(uri):
            digest.update(f"{key}\0{file_digest(file)}\n".encode())
        return digest.hexdigest()


class CopyingStore(FolderStore):
    """A store whose objects are copies: they don't change with the files of a kept sandbox."""

    def publish(self, source: Path, uri: str) -> None:
        """Copy a file or folder to ``uri``."""
        with tempfile.TemporaryDirectory(dir=self.staging()) as folder:
            copy = Path(folder, source.name)
            if source.is_dir():
                shutil.copytree(source, copy)
            else:
                shutil.copyfile(source, copy)
            super().publish(copy, uri)

    def _link(self, file: Path, target: Path) -> None:
        shutil.copyfile(file, target)


def downloaded_name(key: str, prefix: str) -> str:
    """Return the path of an input's file, given its key and the prefix in the input's URI.

    SageMaker removes the prefix if it is a folder, and what precedes the last slash if it is only
    the beginning of a name (aws/sagemaker-python-sdk#3612).

    >>> downloaded_name("raw/2026/a.csv", "raw/"), downloaded_name("raw/2026/a.csv", "raw")
    ('2026/a.csv', '2026/a.csv')
    >>> downloaded_name("raw/a.csv.gz", "raw/a.csv"), downloaded_name("raw2/a.csv", "raw")
    ('a.csv.gz', 'raw2/a.csv')
    """
    rest = key.removeprefix(prefix)
    is_folder = not prefix or prefix.endswith("/") or rest.startswith("/")
    return rest.lstrip("/") if is_folder else key[prefix.rfind("/") + 1 :]


def _beginning_with(prefix: str) -> Iterator[Path]:
    """Yield the files whose paths begin with ``prefix``."""
    folder, _, name = prefix.rpartition("/")
    if Path(folder).is_dir():
        for path in Path(folder).iterdir():
            if path.name.startswith(name):
                yield from (file for file in (path, *path.rglob("*")) if file.is_file())


def files_below(folder: Path) -> list[Path]:
    """Return the files in the order of their keys, in which ``a-b`` comes before ``a/b``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda file: file.relative_to(folder).as_posix())


def link_or_copy(source: Path, target: Path) -> None:
    """Create a hard link, or a copy if that fails, as on another file system."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
