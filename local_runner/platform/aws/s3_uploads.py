"""The S3 operations with which local jobs write: PutObject, CopyObject, and uploads in parts."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO

from local_runner.errors import JobFailed
from local_runner.platform.object_store import FolderStore

_CHUNK = 1 << 20


class Missing(JobFailed):
    """An upload or an object doesn't exist. code: of S3's error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"ClientError: {message}")
        self.code = code


@dataclass
class _Upload:
    uri: str
    parts: dict[int, Path] = field(default_factory=dict)


class Uploads:
    """Writes of objects into a store. An object appears when all of it has arrived."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._open: dict[str, _Upload] = {}

    def put(self, bucket: str, key: str, content: BinaryIO | BufferedIOBase, size: int) -> None:
        """Write an object of ``size`` bytes. Raise JobFailed if it can't be written."""
        self._publish([self._received(content, size)], f"s3://{bucket}/{key}")

    def copy(self, bucket: str, key: str, source: str) -> str:
        """Write an object with the content of another, ``bucket/key``; return the answer."""
        uri = f"s3://{source.lstrip('/')}"
        try:
            content = self._store.open(uri)
        except OSError:
            raise Missing("NoSuchKey", f"no object at {uri}") from None
        with content:
            self.put(bucket, key, content, os.fstat(content.fileno()).st_size)
        modified = datetime.now(UTC).isoformat(timespec="seconds")
        return (
            f"<CopyObjectResult><ETag>0</ETag><LastModified>{modified}</LastModified>"
            "</CopyObjectResult>"
        )

    def start(self, bucket: str, key: str) -> str:
        """Start an upload in parts; return the answer, which names it."""
        name = uuid.uuid4().hex
        with self._lock:
            self._open[name] = _Upload(f"s3://{bucket}/{key}")
        return (
            f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId>"
            "</InitiateMultipartUploadResult>"
        )

    def add(self, upload: str, number: int, content: BinaryIO | BufferedIOBase, size: int) -> None:
        """Receive a part. Parts may arrive in any order."""
        part = self._received(content, size)
        try:
            with self._lock:
                self._found(upload).parts[number] = part
        except Missing:
            part.unlink()
            raise

    def complete(self, upload: str) -> str:
        """Write the object from its parts; return the answer."""
        with self._lock:
            found = self._found(upload)
            del self._open[upload]
        self._publish([part for _, part in sorted(found.parts.items())], found.uri)
        return "<CompleteMultipartUploadResult><ETag>0</ETag></CompleteMultipartUploadResult>"

    def abort(self, upload: str) -> None:
        """Forget an upload and its parts."""
        with self._lock:
            found = self._found(upload)
            del self._open[upload]
        for part in found.parts.values():
            part.unlink(missing_ok=True)

    def abort_all(self) -> None:
        """Forget uploads that were never completed."""
        for upload in list(self._open):
            self.abort(upload)

    def _found(self, upload: str) -> _Upload:
        if upload not in self._open:
            raise Missing("NoSuchUpload", f"there is no upload {upload}")
        return self._open[upload]

    def _received(self, content: BinaryIO | BufferedIOBase, size: int) -> Path:
        """Write what arrives to a file beside the objects, so that it can be renamed.

        Raise JobFailed if less arrives, as from a program that is killed.
        """
        with tempfile.NamedTemporaryFile(dir=self._store.staging(), delete=False) as file:
            while size > 0 and (chunk := content.read(min(size, _CHUNK))):
                file.write(chunk)
                size -= len(chunk)
        if size > 0:
            Path(file.name).unlink()
            raise JobFailed("ClientError: the request ended before its content")
        return Path(file.name)

    def _publish(self, parts: list[Path], uri: str) -> None:
        first, *others = parts
        try:
            with first.open("ab") as whole:
                for part in others:
                    with part.open("rb") as content:
                        shutil.copyfileobj(content, whole, _CHUNK)
            self._store.publish(first, uri)
        finally:
            for part in parts:
                part.unlink(missing_ok=True)
