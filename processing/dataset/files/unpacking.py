"""Archives of tables, unpacked by Download, or by a reader of what Download hasn't fetched.

A zip archive or a tar archive that holds tables becomes a folder of its name, with the files that
are data. A zip archive of text files becomes a tar archive in such a folder. A tar archive of text
files stays as it is: `processing.dataset.files.archives` reads it.
"""

from __future__ import annotations

import io
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from processing.dataset.files.archives import is_labelled
from processing.dataset.files.compression import open_decompressed
from processing.dataset.files.file_content import PARQUET, TAR, ZIP, file_format
from processing.dataset.files.file_formats import choose_data, is_companion, is_text
from processing.dataset.files.input_object import print_ignored
from processing.dataset.files.tar_stream import (
    copy_members,
    members,
    require_review_size,
    require_safe,
)
from processing.errors import DataError

_MAX_DEPTH = 3
_CHUNK = 1 << 20


class _FoundReview(Exception):
    """The archive holds reviews in folders of their split and class."""


@contextmanager
def unpacked(folder: Path, files: Sequence[Path], scratch: Path | None = None) -> Iterator[Path]:
    """Yield a folder with the files below ``folder``, in which archives of tables are unpacked.

    It is ``folder`` itself if there are none; else ``scratch``, which is created and removed again,
    or a temporary folder.
    """
    if not any(_is_packed(file) for file in files):
        yield folder
        return
    with _created_folder(scratch) as created:
        for file in files:
            name = file.relative_to(folder)
            link = created / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute())
            print_ignored([f"{name}/{each}" for each in unpack(link, str(name))])
        yield created


@contextmanager
def _created_folder(path: Path | None) -> Iterator[Path]:
    if path is None:
        with tempfile.TemporaryDirectory() as scratch:
            yield Path(scratch)
        return
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def _is_packed(file: Path) -> bool:
    found = file_format(file)
    if found.kind == TAR:
        return bool(_tables(_tar_paths(file, file.name)))
    return found.kind == ZIP or (found.kind == PARQUET and found.compression != "")


def unpack(file: Path, source: str, depth: int = 1) -> list[str]:
    """Unpack a file, in place, if it is an archive of tables; return the paths that are ignored.

    source: what messages call it. Raise DataError for an archive that can't be unpacked, and for
    a file of a format that isn't read.
    """
    found = file_format(file, source)
    if found.kind == PARQUET and found.compression:
        _decompress(file, source)
    if found.kind not in (TAR, ZIP):
        return []
    if depth > _MAX_DEPTH:
        raise DataError(f"{source}: an archive in archives; unpack them")
    listed, extract = (
        (_tar_paths(file, source), _extract_tar)
        if found.kind == TAR
        else (_zip_paths(file, source), _extract_zip)
    )
    data = _tables(listed)
    if not data and found.kind == TAR:
        return []
    packed = file.rename(file.with_name(f".{file.name}"[:255]))
    file.mkdir()
    if data:
        extract(packed, source, lambda name, size: _create(file, name, size, data, source))
    else:
        _repack(packed, file, source)
    packed.unlink()
    ignored = [str(path) for path in listed if data and not (path in data or is_companion(path))]
    for path in sorted(data):
        ignored += [f"{path}/{each}" for each in unpack(file / path, f"{source}/{path}", depth + 1)]
    return ignored


def _tables(paths: Sequence[PurePosixPath]) -> set[PurePosixPath]:
    """Return which files of an archive are data; none if it is an archive of text files."""
    if any(is_labelled(str(path)) for path in paths):
        return set()
    return set(choose_data(paths))


def _create(
    folder: Path, name: str, size: int, wanted: set[PurePosixPath], source: str
) -> BinaryIO | None:
    """Create the file of a member; return None if it isn't wanted."""
    path = _path(name)
    if path not in wanted:
        return None
    if size > shutil.disk_usage(folder).free:
        raise DataError(f"{source}: {path} has {size:,} bytes, more than there is disk space")
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"{source}: holds {path} twice; rename one") from None


def _path(name: str) -> PurePosixPath:
    """Return the path of a member. Some programs on Windows write backslashes."""
    return PurePosixPath(name.replace("\\", "/"))


def _decompress(file: Path, source: str) -> None:
    """Decompress a Parquet file, in place: it isn't read front to back."""
    packed = file.rename(file.with_name(f".{file.name}"[:255]))
    with open_decompressed(packed, source) as plain, file.open("xb") as target:
        while chunk := plain.read(_CHUNK):
            if len(chunk) > shutil.disk_usage(file.parent).free:
                raise DataError(f"{source}: too large for the disk; decompress it")
            target.write(chunk)
    packed.unlink()


# --- tar ---


def _tar_paths(file: Path, source: str) -> list[PurePosixPath]:
    """Return the paths in a tar archive; to its first review only, if it has labelled ones."""
    paths: list[PurePosixPath] = []

    def found(name: str) -> bool:
        paths.append(_path(name))
        if is_labelled(name):
            raise _FoundReview
        return False

    try:
        with file.open("rb", buffering=0) as opened:
            for _ in members(opened, source, found):
                pass
    except _FoundReview:
        pass
    return paths


def _extract_tar(file: Path, source: str, create: Callable[[str, int], BinaryIO | None]) -> None:
    with file.open("rb", buffering=0) as opened:
        copy_members(opened, source, create)


# --- zip ---


def _zip_paths(file: Path, source: str) -> list[PurePosixPath]:
    with _opened_zip(file, source) as archive:
        return [_path(member.filename) for member in _files(archive, source)]


def _extract_zip(file: Path, source: str, create: Callable[[str, int], BinaryIO | None]) -> None:
    with _opened_zip(file, source) as archive:
        for member in _files(archive, source):
            if (target := create(member.filename, member.file_size)) is not None:
                with target, archive.open(member) as opened:
                    shutil.copyfileobj(opened, target, _CHUNK)


def _repack(file: Path, folder: Path, source: str) -> None:
    """Write the text files of a zip archive into a tar archive in a folder."""
    with (
        _opened_zip(file, source) as archive,
        tarfile.open(folder / "texts.tar", "w", format=tarfile.PAX_FORMAT) as packed,
    ):
        count = 0
        for member in _files(archive, source):
            path = _path(member.filename)
            if not is_text(path):
                continue
            require_review_size(str(path), member.file_size, source)
            entry = tarfile.TarInfo(str(path))
            entry.size = member.file_size
            packed.addfile(entry, io.BytesIO(archive.read(member)))
            count += 1
    if not count:
        raise DataError(f"{source}: holds no tables and no reviews; pack CSV, JSON or Parquet")


def _files(archive: zipfile.ZipFile, source: str) -> Iterator[zipfile.ZipInfo]:
    """Yield the regular files of a zip archive. Raise DataError for what isn't read."""
    for member in archive.infolist():
        if member.is_dir():
            continue
        name = member.filename
        require_safe(str(_path(name)), source)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(f"{source}: {name!r} is a symbolic link; pack regular files only")
        if member.flag_bits & 1:
            raise DataError(f"{source}: protected by a password; unpack it")
        yield member


@contextmanager
def _opened_zip(file: Path, source: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except NotImplementedError as error:  # deflate64, which Windows writes above 2 GB
        raise DataError(f"{source}: {error}; unpack it and give the folder") from None
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise DataError(f"{source}: damaged zip archive ({error}); fetch it again") from None
