"""File formats of reviews, and which files of a folder are data. Standard library only.

Tables are recognised by the suffixes of their names, archives by their content.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from processing.dataset.tar_stream import BLOCK, GZIP_MAGIC, is_header
from processing.errors import DataError

CSV_SUFFIXES = (".csv", ".csv.gz")
JSON_LINES_SUFFIXES = (".jsonl", ".jsonl.gz")
PARQUET_SUFFIXES = (".parquet",)
TABLE_SUFFIXES = (*CSV_SUFFIXES, *JSON_LINES_SUFFIXES, *PARQUET_SUFFIXES)
ARCHIVE_SUFFIXES = (".tar", ".tar.gz", ".tgz")
DATA_SUFFIXES = (*TABLE_SUFFIXES, *ARCHIVE_SUFFIXES)
"""Suffixes of data in a folder, in upper or lower case."""

_PARQUET_MAGIC = b"PAR1"
_WEB_PAGES = (b"<!doctype html", b"<html")


def is_data(path: PurePath) -> bool:
    """Return whether a file in a dataset's folder is data. ``path`` is relative to the folder.

    Data has one of `DATA_SUFFIXES`. A name that begins with ``.`` or ``_``, of the file or of a
    folder on the way to it, marks what Spark, notebooks and others leave beside their data.

    >>> is_data(PurePath("2026/reviews.csv")), is_data(PurePath("2026/README.md"))
    (True, False)
    >>> is_data(PurePath("_tmp/reviews.csv")), is_data(PurePath(".ipynb_checkpoints/reviews.csv"))
    (False, False)
    """
    return path.name.lower().endswith(DATA_SUFFIXES) and not is_hidden(path)


def is_hidden(path: PurePath) -> bool:
    """Return whether a part of the path begins with ``.`` or ``_``."""
    return any(part.startswith((".", "_")) for part in path.parts)


def data_files(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that are data, sorted by path."""
    return [path for path in files_below(folder) if is_data(path.relative_to(folder))]


def files_below(folder: Path) -> list[Path]:
    """Return all files below ``folder``, sorted by path."""
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=Path.as_posix)


def table_suffix(name: str) -> str:
    """Return which of `TABLE_SUFFIXES` a file name has; "" if it isn't that of a table.

    >>> table_suffix("reviews.csv.gz"), table_suffix("REVIEWS.CSV"), table_suffix("reviews.tar.gz")
    ('.csv.gz', '.csv', '')
    """
    return next((suffix for suffix in TABLE_SUFFIXES if name.lower().endswith(suffix)), "")


def is_table(path: Path) -> bool:
    """Return whether the file is a table, by its name."""
    return table_suffix(path.name) != ""


def is_parquet(path: Path) -> bool:
    """Return whether the file is Parquet, by its name."""
    return table_suffix(path.name) in PARQUET_SUFFIXES


def format_suffix(file: Path, name: str, source: str) -> str:
    """Return the suffix that identifies the format of a file: ``.tar``, ``.csv.gz``.

    name: the file's name at its source. source: what messages call it. Raise DataError for a file
    that is neither a table nor an archive.
    """
    with file.open("rb") as opened:
        start = opened.read(BLOCK)
    if suffix := table_suffix(name):
        _validate_table(start, suffix, source)
        return suffix
    if start.startswith(GZIP_MAGIC):
        return ".tar.gz"
    if is_header(start):
        return ".tar"
    known = ", ".join(TABLE_SUFFIXES)
    raise DataError(f"{source}: neither a tar archive nor a table; tables are named {known}")


def validate_parquet(path: Path) -> None:
    """Raise DataError for a file that doesn't begin and end like Parquet."""
    with path.open("rb") as file:
        start = file.read(len(_PARQUET_MAGIC))
        file.seek(max(0, path.stat().st_size - len(_PARQUET_MAGIC)))
        end = file.read()
    if not start == end == _PARQUET_MAGIC:
        raise DataError(f"{path.name}: not a valid Parquet file; write it again")


def _validate_table(start: bytes, suffix: str, source: str) -> None:
    """Raise DataError if the file can't have the format of its suffix."""
    is_compressed = start.startswith(GZIP_MAGIC)
    if suffix.endswith(".gz"):
        if not is_compressed:
            raise DataError(f"{source}: not compressed with gzip; remove .gz from its name")
    elif is_compressed:
        raise DataError(f"{source}: compressed with gzip; rename it to end in {suffix}.gz")
    elif suffix in PARQUET_SUFFIXES:
        if not start.startswith(_PARQUET_MAGIC):
            raise DataError(f"{source}: not a Parquet file; give it the suffix of its format")
    elif start.lstrip().lower().startswith(_WEB_PAGES):
        raise DataError(f"{source}: a web page, not a table; use the address of the file itself")
