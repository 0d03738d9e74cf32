"""S3 as the object store of an execution."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from local_runner.errors import JobFailed
from local_runner.platform.object_store import downloaded_name


class S3Store:
    """Objects in the buckets of a client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def exists(self, uri: str) -> bool:
        """Whether there is any object at or below ``uri``."""
        _, prefix = _split(uri)
        rests = (item["Key"].removeprefix(prefix) for item in self._objects(uri))
        return any(_is_at_or_below(prefix, rest) for rest in rests)

    def open(self, uri: str) -> BinaryIO:
        """Return the content of one object. Raise OSError if it can't be read."""
        bucket, key = _split(uri)
        try:
            return io.BytesIO(self._client.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            raise OSError(f"{uri}: {error}") from None

    def fetch(self, uri: str, folder: Path) -> None:
        """Download the objects whose URIs begin with ``uri``. Raise JobFailed if there is none."""
        bucket, prefix = _split(uri)
        for item in self._some(uri):
            name = downloaded_name(item["Key"], prefix)
            if item["Key"].endswith("/"):  # consoles create objects for folders
                (folder / name).mkdir(parents=True, exist_ok=True)
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            self._client.download_file(bucket, item["Key"], str(target))

    def publish(self, source: Path, uri: str) -> None:
        """Upload a file, or a folder's files, to ``uri``."""
        bucket, key = _split(uri)
        if source.is_file():
            self._upload(source, bucket, key)
            return
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            self._upload(file, bucket, f"{key.rstrip('/')}/{file.relative_to(source).as_posix()}")

    def delete(self, uri: str) -> None:
        """Delete the object at ``uri``, if there is one."""
        bucket, key = _split(uri)
        try:
            self._client.delete_object(Bucket=bucket, Key=key)
        except ClientError as error:
            raise JobFailed(f"ClientError: {uri}: {error}") from None

    def digest(self, uri: str) -> str:
        """Return a hash of the names and entity tags of the objects whose URIs begin with it."""
        _, prefix = _split(uri)
        lines = [
            f"{downloaded_name(item['Key'], prefix)}\0{item['ETag']}\n" for item in self._some(uri)
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _upload(self, file: Path, bucket: str, key: str) -> None:
        try:
            with file.open("rb") as content:
                self._client.put_object(Bucket=bucket, Key=key, Body=content)
        except ClientError as error:
            raise JobFailed(f"ClientError: s3://{bucket}/{key}: {error}") from None

    def _some(self, uri: str) -> list[dict[str, Any]]:
        found = list(self._objects(uri))
        if not found:
            raise JobFailed(f"ClientError: no object at {uri}")
        return found

    def _objects(self, uri: str) -> Iterator[dict[str, Any]]:
        """Yield the objects whose URIs begin with ``uri``; none in a bucket that doesn't exist."""
        bucket, key = _split(uri)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        try:
            for page in pages:
                yield from page.get("Contents", ())
        except ClientError as error:
            if error.response["Error"].get("Code") != "NoSuchBucket":
                raise JobFailed(f"ClientError: {uri}: {error}") from None


def _is_at_or_below(prefix: str, rest: str) -> bool:
    """Whether a key, which is ``prefix`` and ``rest``, is that object or in that folder."""
    return not prefix or prefix.endswith("/") or not rest or rest.startswith("/")


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise JobFailed(f"ClientError: {uri!r} isn't an S3 URI (s3://bucket/key)")
    return bucket, key
