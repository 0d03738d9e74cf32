"""Download: the dataset's URI becomes files. The only job that may reach the internet.

``https://`` and ``http://`` are fetched with the standard library, ``s3://`` with boto3 (imported
only then), ``file://``, which only a local run has, is copied. One file becomes ``reviews`` with
the ending of its kind; what lies below ``s3://bucket/prefix/`` or ``file:///folder/`` keeps its
names.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, BinaryIO

from processing.arguments import ArgumentParser
from processing.dataset.file_formats import is_data, stored_ending
from processing.errors import DataError, UsageError

_ATTEMPTS = 4
_TIMEOUT_SECONDS = 60
_CHUNK = 1 << 20
_PROGRESS_SECONDS = 1.0
_TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}


class _Interrupted(Exception):
    """The transfer broke in a way that another attempt may mend."""


def parser() -> argparse.ArgumentParser:
    """The command line of the Download job."""
    parser = ArgumentParser(prog="download", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--uri", required=True, help="https://, s3:// or file:// URI of the reviews"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job: the output folder gets files when all of them have arrived.

    Raises UsageError for a URI it can't read, DataError if there's nothing to be had.
    """
    uri, scheme = options.uri, _scheme(options.uri)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=options.output) as folder:
        staging = Path(folder)
        if uri.endswith("/") and scheme in _FETCH_BELOW:
            _FETCH_BELOW[scheme](uri, staging)
            if not any(staging.iterdir()):
                raise DataError(f"{uri}: no data below it; check the address")
        else:
            file = staging / "reviews"
            _FETCH[scheme](uri, file)
            file.rename(f"{file}{stored_ending(file, _name(uri, scheme), uri)}")
        for path in sorted(staging.iterdir()):
            path.replace(options.output / path.name)


def _scheme(uri: str) -> str:
    try:
        scheme = urllib.parse.urlsplit(uri).scheme
    except ValueError as error:
        raise UsageError(f"{uri!r} is no URI ({error}); check it") from None
    if scheme not in _FETCH:
        known = ", ".join(f"{name}://" for name in sorted(_FETCH))
        raise UsageError(f"{uri!r}: the dataset's URI must begin with one of {known}")
    return scheme


def _name(uri: str, scheme: str) -> str:
    """The name of a file where it comes from.

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
            raise _Interrupted(f"the server answered {error.code}") from None
        reason = " ".join(error.reason.split())  # several lines if it redirects in a circle
        raise DataError(f"{uri}: the server answered {error.code} {reason}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, socket.gaierror):
            raise DataError(f"{uri}: no such host, or no network; check the address") from None
        if not isinstance(error.reason, OSError):  # it never came to a connection
            raise DataError(f"{uri}: {error.reason}; check the address") from None
        raise _Interrupted(f"no connection ({error.reason})") from None
    except (http.client.InvalidURL, ValueError) as error:
        raise DataError(f"{uri}: {error}; check the address") from None
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"the connection broke ({error})") from None
    if expected and received != expected:
        raise _Interrupted(f"{received:,} of {expected:,} bytes arrived")


def _fetch_s3(uri: str, target: Path) -> None:
    bucket, key = _bucket_and_key(uri)
    with _s3(uri) as client:
        _fetch_object(client, bucket, key, target)


def _fetch_prefix(uri: str, folder: Path) -> None:
    """Fetches the objects below an S3 prefix that are data."""
    bucket, prefix = _bucket_and_key(uri)
    with _s3(uri) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for key in (found["Key"] for page in pages for found in page.get("Contents", [])):
            if not key.endswith("/"):  # consoles make objects for folders
                name = PurePosixPath(key[len(prefix) :].lstrip("/"))
                fetch = partial(_fetch_object, client, bucket, key)
                _receive(folder, name, f"s3://{bucket}/{key}", fetch)


def _receive(folder: Path, name: PurePath, source: str, fetch: Callable[[Path], object]) -> None:
    """Fetches ``source`` under its name below the dataset's folder, if it's data."""
    if is_data(name):
        target = _created(folder / name, source)
        fetch(target)
        stored_ending(target, name.name, source)


def _created(target: Path, source: str) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=False)
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"{source}: another object has the name of its folder or file") from None
    return target


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, slash, key = uri.partition("://")[2].partition("/")  # a key may hold "?" and "#"
    if not bucket or not slash:
        raise UsageError(f"{uri!r}: data in S3 is named as s3://bucket/key or s3://bucket/prefix/")
    return bucket, key


@contextlib.contextmanager
def _s3(uri: str) -> Iterator[Any]:
    """A client of S3. Whatever goes wrong with it is a DataError."""
    import boto3  # in every SageMaker image; a local run never comes here
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
    shutil.copyfile(source, target)


def _fetch_folder(uri: str, folder: Path) -> None:
    """Copies the files below a folder of this machine that are data."""
    source = _local_path(uri)
    for path in sorted(source.rglob("*")):
        if path.is_file():
            _receive(folder, path.relative_to(source), str(path), partial(shutil.copyfile, path))


def _local_path(uri: str) -> Path:
    return Path(urllib.request.url2pathname(urllib.parse.urlsplit(uri).path))


_FETCH: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_file,
    "http": _fetch_http,
    "https": _fetch_http,
    "s3": _fetch_s3,
}
_FETCH_BELOW: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_folder,
    "s3": _fetch_prefix,
}


def _copy(source: BinaryIO, target: Path, expected: int) -> int:
    """Copies to the end of ``source``, telling how far it is; returns the number of bytes."""
    received = 0
    told = time.monotonic()
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            received += len(chunk)
            if time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                of = f" of {expected / 1e6:.0f}" if expected else ""
                print(f"received {received / 1e6:.0f}{of} MB", flush=True)
    return received
