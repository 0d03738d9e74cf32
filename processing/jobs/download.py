"""Download: fetches the dataset. The only job that may reach the internet.

``https://`` and ``http://`` are fetched with the standard library, ``s3://`` with boto3, which is
imported only then. ``file://``, which only local runs use, is linked or copied. A single file is
stored as ``reviews`` with the suffix of its format; files below ``s3://bucket/prefix/`` or
``file:///folder/`` keep their names.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from processing.arguments import ArgumentParser
from processing.dataset.file_formats import (
    DATA_SUFFIXES,
    data_files,
    files_below,
    format_suffix,
    is_data,
    is_hidden,
)
from processing.errors import DataError, UsageError, printable

_ATTEMPTS = 4
_TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 1 << 20
_PROGRESS_SECONDS = 1.0
_MAX_LISTED = 5  # ignored files in the log
_TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}


class _Interrupted(Exception):
    """The transfer failed in a way that another attempt may not."""


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Download job."""
    parser = ArgumentParser(prog="download", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--uri", required=True, help="URI of the dataset: https://, http://, s3:// or file://"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder to store the files in")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. The files appear in the output folder when all of them are complete.

    Raise UsageError for an invalid URI, DataError if there is no data or it can't be fetched.
    """
    uri, scheme = options.uri, _scheme(options.uri)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=options.output) as folder:
        staging = Path(folder)
        if uri.endswith("/") and scheme in _FETCH_FOLDER:
            _FETCH_FOLDER[scheme](uri, staging)
            if not any(staging.iterdir()):
                known = ", ".join(DATA_SUFFIXES)
                raise DataError(f"{uri}: no tables or archives there ({known}); check the URI")
        else:
            file = staging / "reviews"
            _FETCH_FILE[scheme](uri, file)
            file.rename(f"{file}{format_suffix(file, _name(uri, scheme), uri)}")
        for path in sorted(staging.iterdir()):
            path.replace(options.output / path.name)


def _scheme(uri: str) -> str:
    try:
        scheme = urllib.parse.urlsplit(uri).scheme
    except ValueError as error:
        raise UsageError(f"{uri!r}: not a valid URI ({error}); check DatasetUri") from None
    if scheme not in _FETCH_FILE:
        known = ", ".join(f"{name}://" for name in sorted(_FETCH_FILE))
        raise UsageError(f"{uri!r}: DatasetUri must begin with one of {known}")
    return scheme


def _name(uri: str, scheme: str) -> str:
    """Return the path in the URI, whose end is the file's name.

    >>> _name("https://host/reviews%2Ecsv?version=2", "https"), _name("s3://bucket/a?b.csv", "s3")
    ('/reviews.csv', 's3://bucket/a?b.csv')
    """
    return uri if scheme == "s3" else urllib.parse.unquote(urllib.parse.urlsplit(uri).path)


def _fetch_http(uri: str, target: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _fetch_http_once(uri, target)
            return
        except _Interrupted as error:
            if attempt == _ATTEMPTS:
                raise DataError(f"{uri}: {error}, {_ATTEMPTS} times; try again later") from None
            print(f"{error}; attempt {attempt + 1} of {_ATTEMPTS}", flush=True)
            time.sleep(2.0**attempt)


def _fetch_http_once(uri: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(uri, timeout=_TIMEOUT_SECONDS) as response:
            expected = response.length or 0
            received = _copy(response, target, expected)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _TRANSIENT_STATUS:
            raise _Interrupted(f"the server returned status {error.code}") from None
        reason = " ".join(error.reason.split())  # several lines for a redirect loop
        raise DataError(f"{uri}: the server returned status {error.code} {reason}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, socket.gaierror):
            raise DataError(f"{uri}: no such host, or no network; check the URI") from None
        if not isinstance(error.reason, OSError):  # not a network error
            raise DataError(f"{uri}: {error.reason}; check the URI") from None
        raise _Interrupted(f"no connection ({error.reason})") from None
    except (http.client.InvalidURL, ValueError) as error:
        raise DataError(f"{uri}: {error}; check the URI") from None
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"the connection was lost ({error})") from None
    if expected and received != expected:
        raise _Interrupted(f"received {received:,} of {expected:,} bytes")


def _fetch_s3(uri: str, target: Path) -> None:
    bucket, key = _bucket_and_key(uri)
    with _s3(uri) as client:
        _fetch_object(client, bucket, key, target)


def _fetch_prefix(uri: str, folder: Path) -> None:
    """Fetch the objects below an S3 prefix that are data."""
    bucket, prefix = _bucket_and_key(uri)
    ignored = []
    with _s3(uri) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for key in (found["Key"] for page in pages for found in page.get("Contents", [])):
            name = PurePosixPath(key[len(prefix) :].lstrip("/"))
            source = f"s3://{bucket}/{key}"
            if key.endswith("/"):  # consoles create objects for folders
                continue
            if is_data(name):
                target = _reserve(folder / name, source)
                _fetch_object(client, bucket, key, target)
                format_suffix(target, name.name, source)
            elif not is_hidden(name):
                ignored.append(str(name))
    _report_ignored(ignored)


def _report_ignored(names: Sequence[str]) -> None:
    """Log the visible files that aren't data."""
    if names:
        more = ", ..." if len(names) > _MAX_LISTED else ""
        listed = ", ".join(map(printable, names[:_MAX_LISTED]))
        print(f"ignored {len(names):,} other files: {listed}{more}", flush=True)


def _reserve(target: Path, source: str) -> Path:
    """Create an empty file. Raise DataError if another object has its path, or a folder's."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=False)
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"{source}: another object has this path, or a path below it") from None
    return target


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, slash, key = uri.partition("://")[2].partition("/")  # a key may hold "?" and "#"
    if not bucket or not slash:
        raise UsageError(f"{uri!r}: must be s3://bucket/key or s3://bucket/prefix/")
    return bucket, key


@contextlib.contextmanager
def _s3(uri: str) -> Iterator[Any]:
    """Yield an S3 client, whose errors become a DataError."""
    import boto3  # in every SageMaker image; local runs don't need it
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = boto3.client("s3")
        try:
            yield client
        finally:
            client.close()
    except (BotoCoreError, ClientError) as error:
        raise DataError(f"{uri}: {error}") from None


def _fetch_object(client: Any, bucket: str, key: str, target: Path) -> None:
    answer = client.get_object(Bucket=bucket, Key=key)
    _copy(answer["Body"], target, answer["ContentLength"])


def _fetch_file(uri: str, target: Path) -> None:
    source = _local_path(uri)
    if not source.is_file():
        raise DataError(f"{source}: no such file")
    _link_or_copy(source, target)


def _fetch_folder(uri: str, folder: Path) -> None:
    """Link or copy the files below a local folder that are data."""
    source = _local_path(uri)
    for path in data_files(source):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(path, target)
        format_suffix(target, path.name, str(path))
    names = [path.relative_to(source) for path in files_below(source)]
    _report_ignored([str(name) for name in names if not (is_data(name) or is_hidden(name))])


def _link_or_copy(source: Path, target: Path) -> None:
    """Create a hard link to a read-only file, or else a copy of it."""
    source = source.resolve()
    if not source.stat().st_mode & 0o222:
        with contextlib.suppress(OSError):  # another file system, or another owner
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def _local_path(uri: str) -> Path:
    return Path(urllib.request.url2pathname(urllib.parse.urlsplit(uri).path))


_FETCH_FILE: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_file,
    "http": _fetch_http,
    "https": _fetch_http,
    "s3": _fetch_s3,
}
_FETCH_FOLDER: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_folder,
    "s3": _fetch_prefix,
}


def _copy(source: BinaryIO, target: Path, expected: int) -> int:
    """Copy ``source`` to its end, log the progress, and return the number of bytes."""
    received = 0
    logged = time.monotonic()
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            file.write(chunk)
            received += len(chunk)
            if time.monotonic() - logged > _PROGRESS_SECONDS:
                logged = time.monotonic()
                of = f" of {expected / 1e6:.0f}" if expected else ""
                print(f"received {received / 1e6:.0f}{of} MB", flush=True)
    return received
