"""Download: fetches the dataset. The only job that may reach the internet.

``https://`` and ``http://`` are fetched with the standard library, ``s3://`` with boto3, which is
imported only then. ``file://``, which only local runs use, is linked or copied. Files keep their
names, those below ``s3://bucket/prefix/`` or ``file:///folder/`` also their folders. Archives of
tables are unpacked into folders of their names.
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
from processing.dataset.files.file_formats import (
    LISTED_SUFFIXES,
    choose_data,
    data_files,
    files_below,
    is_companion,
    own_name,
)
from processing.dataset.files.input_object import print_ignored
from processing.dataset.files.unpacking import unpack
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
                raise DataError(
                    f"{uri}: no tables or archives there ({LISTED_SUFFIXES}); check the URI"
                )
        else:
            fetched = staging / ".fetched"
            name = own_name(_FETCH_FILE[scheme](uri, fetched), "reviews")
            print_ignored(unpack(fetched.rename(staging / name), public_uri(uri)))
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
    with s3_client() as client:
        found = [
            (PurePosixPath(each["Key"][len(prefix) :].lstrip("/")), each)
            for each in list_objects(client, uri)
        ]
        data = set(choose_data([name for name, each in found if each["Size"]]))
        ignored = []
        for name, each in found:
            source = f"s3://{bucket}/{each['Key']}"
            if name in data and each["Size"]:
                target = _reserve(folder / name, source)
                fetch_object(client, source, target)
                ignored += [f"{name}/{path}" for path in unpack(target, source)]
            elif not is_companion(name):
                ignored.append(f"{name}{'' if each['Size'] else ' (empty)'}")
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
    data = {path.relative_to(source): path for path in data_files(source)}
    others = {path.relative_to(source) for path in files_below(source)} - data.keys()
    ignored = [
        f"{name}{'' if (source / name).stat().st_size else ' (empty)'}"
        for name in sorted(others)
        if not is_companion(name)
    ]
    for name, path in data.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(path, target)
        ignored += [f"{name}/{each}" for each in unpack(target, str(name))]
    print_ignored(ignored)


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
