"""Which files reviews come in: archives told by their content, tables by their names."""

from __future__ import annotations

from pathlib import Path, PurePath

from processing.dataset.tar_stream import BLOCK, GZIP_MAGIC, is_header
from processing.errors import DataError

CSV = (".csv", ".csv.gz")
JSON_LINES = (".jsonl", ".jsonl.gz")
PARQUET = (".parquet",)
ENDINGS = (*CSV, *JSON_LINES, *PARQUET)
"""How the names of tables end, in small letters or large ones."""

_PARQUET_MAGIC = b"PAR1"
_WEB_PAGES = (b"<!doctype html", b"<html")


def ending(name: str) -> str:
    """The one of `ENDINGS` that a file's name has; "" if it is no table's.

    >>> ending("reviews.csv.gz"), ending("REVIEWS.CSV"), ending("reviews.tar.gz")
    ('.csv.gz', '.csv', '')
    """
    return next((known for known in ENDINGS if name.lower().endswith(known)), "")


def is_table(path: Path) -> bool:
    """Whether a file's name says that it is a table."""
    return ending(path.name) != ""


def is_parquet(path: Path) -> bool:
    """Whether a file's name says that it is Parquet, which isn't read front to back."""
    return ending(path.name) in PARQUET


def is_data(path: PurePath) -> bool:
    """Whether a path below a dataset's folder is data: Spark, notebooks and others leave more.

    >>> is_data(PurePath("2026/reviews.csv")), is_data(PurePath("_SUCCESS"))
    (True, False)
    >>> is_data(PurePath(".ipynb_checkpoints/reviews-checkpoint.csv"))
    False
    """
    return not any(part.startswith((".", "_")) for part in path.parts)


def stored_ending(file: Path, name: str, source: str) -> str:
    """How the file's name must end for its readers to know its kind: ``.tar``, ``.csv.gz``.

    name: the name that it has where it comes from. Raises DataError, naming ``source``, for what
    is neither archive nor table.
    """
    with file.open("rb") as opened:
        start = opened.read(BLOCK)
    if found := ending(name):
        _insist_table(start, found, source)
        return found
    if start.startswith(GZIP_MAGIC):
        return ".tar.gz"
    if is_header(start):
        return ".tar"
    raise DataError(f"{source}: {no_kind()}")


def no_kind() -> str:
    """What is said of a file that is of no kind."""
    known = ", ".join(ENDINGS)
    return f"not a tar archive, plain or gzip-compressed, nor a table by its name ({known})"


def insist_parquet(path: Path) -> None:
    """Raises DataError for a file that doesn't begin and end as Parquet does."""
    with path.open("rb") as file:
        start = file.read(len(_PARQUET_MAGIC))
        file.seek(max(0, path.stat().st_size - len(_PARQUET_MAGIC)))
        end = file.read()
    if not start == end == _PARQUET_MAGIC:
        raise DataError(f"{path.name}: no Parquet file that can be read; write it again")


def _insist_table(start: bytes, found: str, source: str) -> None:
    """Raises DataError if a file can't be what its name says."""
    zipped = start.startswith(GZIP_MAGIC)
    if found.endswith(".gz"):
        if not zipped:
            raise DataError(f"{source}: not gzip-compressed; take .gz off its name, or compress it")
    elif zipped:
        raise DataError(f"{source}: gzip-compressed; give it a name that ends in {found}.gz")
    elif found in PARQUET:
        if not start.startswith(_PARQUET_MAGIC):
            raise DataError(f"{source}: no Parquet file; give it the ending of what it is")
    elif start.lstrip().lower().startswith(_WEB_PAGES):
        raise DataError(f"{source}: a web page, no table; give the address of the file itself")
