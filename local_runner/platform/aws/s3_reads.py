"""The S3 operations that local jobs may call: those that read the local object store.

GetObject, HeadObject               also of a range, as boto3 downloads large objects
ListObjects, ListObjectsV2          with prefix, delimiter and pages
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from local_runner.errors import JobFailed
from local_runner.platform.object_store import FolderStore

LIST_PARAMETERS = {
    *("continuation-token", "delimiter", "encoding-type", "list-type", "marker", "max-keys"),
    *("prefix", "start-after"),
}
_PAGE_SIZE = 1000
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True)
class S3Object:
    """An object open for reading, or a range of it, with the headers of the response."""

    content: BinaryIO
    size: int
    headers: Mapping[str, str]


def open_object(store: FolderStore, bucket: str, key: str, range_: str | None) -> S3Object:
    """Open an object. range_: the request's header Range, of the form ``bytes=0-99``.

    Raise FileNotFoundError if there is no such object, ValueError for an invalid range.
    """
    try:
        content = store.open(f"s3://{bucket}/{key}")
    except (OSError, JobFailed):
        raise FileNotFoundError from None
    status = os.fstat(content.fileno())
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": _etag(status),
        "Last-Modified": formatdate(status.st_mtime, usegmt=True),
    }
    size = status.st_size
    if range_ is None:
        return S3Object(content, size, headers)
    match = _RANGE.fullmatch(range_)
    start = int(match[1]) if match else size
    if not match or start >= size:
        content.close()
        raise ValueError(range_)
    end = min(int(match[2]) + 1, size) if match[2] else size
    content.seek(start)
    return S3Object(
        content, end - start, {**headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"}
    )


def listing(store: FolderStore, bucket: str, query: Mapping[str, str]) -> str:
    """Return a page of the bucket's objects, as ListObjects (or with list-type=2, V2) does."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    token = unquote(query.get("continuation-token", ""))
    after = token or query.get("start-after") or query.get("marker", "")
    limit = int(query.get("max-keys", _PAGE_SIZE))
    entries = _entries(store.objects(bucket, prefix), prefix, delimiter)
    rest = {name: file for name, file in sorted(entries.items()) if name > after}
    page = dict(list(rest.items())[:limit])
    fields = {
        "Name": bucket,
        "Prefix": quote(prefix),
        "Delimiter": quote(delimiter),
        "EncodingType": "url",
        "KeyCount": str(len(page)),
        "MaxKeys": str(limit),
        "IsTruncated": str(len(page) < len(rest)).lower(),
    }
    if page and len(page) < len(rest):
        *_, last = page
        fields |= {"NextContinuationToken": quote(last), "NextMarker": quote(last)}
    texts = [f"<{name}>{text}</{name}>" for name, text in fields.items() if text]
    texts += [_element(name, file) for name, file in page.items()]
    return f"<ListBucketResult>{''.join(texts)}</ListBucketResult>"


def _entries(objects: Mapping[str, Path], prefix: str, delimiter: str) -> dict[str, Path | None]:
    """Return the files by their keys, and None by each common prefix that ends in the delimiter."""
    entries: dict[str, Path | None] = {}
    for key, file in objects.items():
        rest = key.removeprefix(prefix)
        if delimiter and delimiter in rest:
            entries[f"{prefix}{rest.split(delimiter, 1)[0]}{delimiter}"] = None
        else:
            entries[key] = file
    return entries


def _element(name: str, file: Path | None) -> str:
    if file is None:
        return f"<CommonPrefixes><Prefix>{quote(name)}</Prefix></CommonPrefixes>"
    status = file.stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="milliseconds")
    return (
        f"<Contents><Key>{quote(name)}</Key><LastModified>{modified}</LastModified>"
        f"<ETag>{_etag(status)}</ETag><Size>{status.st_size}</Size></Contents>"
    )


def _etag(status: os.stat_result) -> str:
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
