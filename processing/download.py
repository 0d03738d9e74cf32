"""Download: the dataset's URI becomes one archive. The only job that may reach the internet.

``https://`` and ``http://`` are fetched with the standard library, ``s3://`` with boto3 (imported
only then), ``file://``, which only a local run has, is copied.
"""

from __future__ import annotations

import argparse
import http.client
import shutil
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from processing.arguments import ArgumentParser
from processing.errors import DataError, UsageError
from processing.tar_stream import BLOCK, GZIP_MAGIC, is_header

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
    parser.add_argument("--output", type=Path, required=True, help="folder for the archive")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job: one archive lies in the output folder, or nothing does.

    Raises UsageError for a URI it can't read, DataError if there's nothing to be had.
    """
    try:
        scheme = urllib.parse.urlsplit(options.uri).scheme
    except ValueError as error:
        raise UsageError(f"{options.uri!r} is no URI ({error}); check it") from None
    if scheme not in _FETCH:
        known = ", ".join(f"{name}://" for name in sorted(_FETCH))
        raise UsageError(f"{options.uri!r}: the dataset's URI must begin with one of {known}")
    options.output.mkdir(parents=True, exist_ok=True)
    arriving = options.output / ".arriving"
    try:
        _FETCH[scheme](options.uri, arriving)
        arriving.replace(options.output / _archive_name(arriving, options.uri))
    finally:
        arriving.unlink(missing_ok=True)


def _archive_name(archive: Path, uri: str) -> str:
    with archive.open("rb") as file:
        start = file.read(BLOCK)
    if start.startswith(GZIP_MAGIC):
        return "reviews.tar.gz"
    if is_header(start):
        return "reviews.tar"
    raise DataError(f"{uri}: not a tar archive, plain or gzip-compressed")


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
    import boto3  # in every SageMaker image; a local run never comes here
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = uri.partition("://")[2].partition("/")  # a key may hold "?" and "#"
    if not bucket or not key:
        raise UsageError(f"{uri!r}: an archive in S3 is named as s3://bucket/key")
    try:
        answer = boto3.client("s3").get_object(Bucket=bucket, Key=key)
        _copy(answer["Body"], target, answer["ContentLength"])
    except (BotoCoreError, ClientError) as error:
        raise DataError(f"{uri}: {error}") from None


def _fetch_file(uri: str, target: Path) -> None:
    source = Path(urllib.request.url2pathname(urllib.parse.urlsplit(uri).path))
    if not source.is_file():
        raise DataError(f"{source}: no such file")
    shutil.copyfile(source, target)


_FETCH: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_file,
    "http": _fetch_http,
    "https": _fetch_http,
    "s3": _fetch_s3,
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
