"""Which files of a folder, an archive or an S3 prefix are data. Standard library only.

Names decide which files are read; their first bytes decide how
(`processing.dataset.files.file_content`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeVar

from processing.dataset.files.file_content import PARQUET, file_format

COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz")
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_ARCHIVES = (".tar", ".zip")
_SHORT = (".tgz", ".tbz2", ".txz")

DATA_SUFFIXES = (*_TABLES, *_ARCHIVES, *_SHORT)
"""Suffixes of data in a folder, in upper or lower case; one of compression may follow."""

LISTED_SUFFIXES = (
    f"{', '.join((*_TABLES, *_ARCHIVES))}; compressed: {', '.join(COMPRESSED_SUFFIXES)}"
)
"""The suffixes, as messages list them."""

COMPANION_NAMES = {
    *("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"),  # Hugging Face
    *("dataset-metadata.json", "datapackage.json", "croissant.json", "metadata.json"),
    *("desktop.ini", "thumbs.db"),
}
"""Names, in lower case, of files that accompany data although they may have its suffix."""

_DOCUMENTATION = {"readme", "license", "licence", "changelog", "citation", "notice"}
_DOCUMENT_SUFFIXES = {"", ".txt", ".rst", ".html", ".pdf"}
_COMPANION_SUFFIXES = {".crc", ".md", ".md5", ".sha256"}

_Path = TypeVar("_Path", bound=PurePath)


def is_data(path: PurePath) -> bool:
    """Return whether a file in a dataset's folder is data. ``path`` is relative to the folder.

    Data has one of `DATA_SUFFIXES` and isn't a companion (`is_companion`).

    >>> is_data(PurePath("2026/reviews.csv.gz")), is_data(PurePath("2026/README.md"))
    (True, False)
    >>> is_data(PurePath("_tmp/reviews.csv")), is_data(PurePath("data/dataset_info.json"))
    (False, False)
    """
    name = path.name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        name = name.removesuffix(suffix)
    return name.endswith(DATA_SUFFIXES) and not is_companion(path)


def is_companion(path: PurePath) -> bool:
    """Return whether a file accompanies data: what programs and people leave beside it.

    A name that begins with ``.`` or ``_``, of the file or of a folder on the way to it, marks what
    Spark, notebooks and operating systems leave; others are known names.
    """
    stem, suffix = path.stem.lower(), path.suffix.lower()
    return (
        any(part.startswith((".", "_")) for part in path.parts)
        or f"{stem}{suffix}" in COMPANION_NAMES
        or (stem in _DOCUMENTATION and suffix in _DOCUMENT_SUFFIXES)
        or suffix in _COMPANION_SUFFIXES
    )


def is_text(path: PurePath) -> bool:
    """Return whether a file of a folder or an archive of texts is a text.

    >>> is_text(PurePath("2026/1.txt")), is_text(PurePath("README.txt"))
    (True, False)
    """
    return path.suffix == ".txt" and not is_companion(path)


def choose_data(paths: Sequence[_Path]) -> list[_Path]:
    """Return which files are data, of all files in a folder, an archive or below an S3 prefix.

    paths: relative to it. A single file beside companions is data under any name
    but that of a text, of which folders and archives may consist.

    >>> choose_data([PurePath("reviews.csv"), PurePath("notes.txt"), PurePath("_SUCCESS")])
    [PurePosixPath('reviews.csv')]
    >>> choose_data([PurePath("reviews"), PurePath("README.md")])
    [PurePosixPath('reviews')]
    """
    data = [path for path in paths if is_data(path)]
    others = [path for path in paths if not (is_companion(path) or is_text(path))]
    return data or (others if len(others) == 1 else [])


def data_files(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that are data, without empty ones, sorted by path."""
    files = [path.relative_to(folder) for path in files_below(folder) if path.stat().st_size]
    return [folder / path for path in choose_data(files)]


def files_below(folder: Path) -> list[Path]:
    """Return all files below ``folder``, sorted by path. Links to files and folders are followed.

    Broken links, and links to a folder that contains them, are ignored.
    """
    found = []
    for root, folders, names in os.walk(folder, followlinks=True):
        above = {Path(root).resolve(), *Path(root).resolve().parents}
        folders[:] = [name for name in folders if Path(root, name).resolve() not in above]
        found += [path for name in names if (path := Path(root, name)).is_file()]
    return sorted(found, key=Path.as_posix)


def own_name(name: str, default: str) -> str:
    """Return the last part of a path or URI as a file's name, or the default if it isn't one.

    >>> own_name("raw/my reviews.csv", "reviews"), own_name("https://host/", "reviews")
    ('my reviews.csv', 'reviews')
    """
    last = PurePosixPath(name).name if not name.endswith("/") else ""
    is_valid = last not in ("", ".", "..") and "\0" not in last and len(os.fsencode(last)) < 256
    return last if is_valid else default


def is_table(path: Path) -> bool:
    """Return whether the file is a table. Raise DataError if its format isn't read."""
    return file_format(path).is_table


def is_parquet(path: Path) -> bool:
    """Return whether the file is Parquet. Raise DataError if its format isn't read."""
    return file_format(path).kind == PARQUET


def stem(path: str) -> str:
    """Return a path without the suffixes of format and compression, in lower case.

    >>> stem("2026/Reviews.csv.gz"), stem("reviews.2026.tgz"), stem("reviews")
    ('2026/reviews', 'reviews.2026', 'reviews')
    """
    found = path.lower()
    for suffix in (*COMPRESSED_SUFFIXES, *DATA_SUFFIXES):
        found = found.removesuffix(suffix)
    return found
