"""Download: fetches the dataset. The only job that may reach the internet.

``https://`` and ``http://`` are fetched with the standard library, ``s3://`` with boto3, which is
imported only then. ``file://``, which only local runs use, is linked or copied. A single file is
stored as ``reviews`` with the suffix of its format; files below ``s3://bucket/prefix/`` or
``file:///folder/`` keep their names.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from processing.arguments import ArgumentParser
from processing.dataset.file_formats import (
    DATA_SUFFIXES,
    data_files,
    files_below,
    format_suffix,
    is_data,
    is_hidden,
)
from processing.dataset.input_object import print_ignored
from processing.dataset.uri import public_uri
from processing.errors import DataError, UsageError
from processing.fetch.s3 import bucket_and_key, fetch_object, list_objects, s3_client
from processing.fetch.web import fetch_url


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
            name = _FETCH_FILE[scheme](uri, file)
            file.rename(f"{file}{format_suffix(file, name, public_uri(uri))}")
        for path in sorted(staging.iterdir()):
            path.replace(options.output / path.name)


def _scheme(uri: str) -> str:
    try:
        scheme = urllib.parse.urlsplit(uri).scheme
    except ValueError as error:
        shown = uri.partition("?")[0]
        raise UsageError(f"{shown!r}: not a valid URI ({error}); check DatasetUri") from None
    if scheme not in _FETCH_FILE:
        shown = public_uri(uri) if {*"?@"} & {*uri} else uri
        known = ", ".join(f"{name}://" for name in sorted(_FETCH_FILE))
        raise UsageError(f"{shown!r}: DatasetUri must begin with one of {known}")
    return scheme


def _fetch_s3(uri: str, target: Path) -> str:
    with s3_client() as client:
        fetch_object(client, uri, target)
    return uri


def _fetch_prefix(uri: str, folder: Path) -> None:
    """Fetch the objects below an S3 prefix that are data."""
    bucket, prefix = bucket_and_key(uri)
    ignored = []
    with s3_client() as client:
        for found in list_objects(client, uri):
            name = PurePosixPath(found["Key"][len(prefix) :].lstrip("/"))
            source = f"s3://{bucket}/{found['Key']}"
            if is_data(name) and found["Size"]:
                target = _reserve(folder / name, source)
                fetch_object(client, source, target)
                format_suffix(target, name.name, source)
            elif not is_hidden(name):
                ignored.append(f"{name}{'' if found['Size'] else ' (empty)'}")
    print_ignored(ignored)


def _reserve(target: Path, source: str) -> Path:
    """Create an empty file. Raise DataError if another object has its path, or a folder's."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=False)
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"{source}: another object has this path, or a path below it") from None
    except OSError as error:  # a name of more than 255 bytes
        raise DataError(f"{source}: can't be stored ({error.strerror}); rename it") from None
    return target


def _fetch_file(uri: str, target: Path) -> str:
    source = _local_path(uri)
    if not source.is_file():
        raise DataError(f"{source}: no such file")
    _link_or_copy(source, target)
    return source.name


def _fetch_folder(uri: str, folder: Path) -> None:
    """Link or copy the files below a local folder that are data."""
    source = _local_path(uri)
    for path in data_files(source):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(path, target)
        format_suffix(target, path.name, str(path))
    names = [path.relative_to(source) for path in files_below(source)]
    print_ignored([str(name) for name in names if not (is_data(name) or is_hidden(name))])


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


_FETCH_FILE: dict[str, Callable[[str, Path], str]] = {
    "file": _fetch_file,
    "http": fetch_url,
    "https": fetch_url,
    "s3": _fetch_s3,
}
_FETCH_FOLDER: dict[str, Callable[[str, Path], None]] = {
    "file": _fetch_folder,
    "s3": _fetch_prefix,
}
