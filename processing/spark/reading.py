"""Files become rows of a table, one for each review; runs in the executors.

Whatever can be wrong with a file comes back as a row, so that Spark doesn't try a damaged archive
four times, and the driver tells the first fault in one line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from processing.errors import DataError, printable
from processing.indexing import text_digest
from processing.manifest import InputFile
from processing.reviews import Review, ReviewArchive, Skipped, review
from processing.spark.tables import JSON_LINES, read_lines, review_in
from processing.splits import sort_key
from processing.stopwords import ENGLISH
from processing.text import letters_and_digits, stem, strip_html

SCHEMA = """
    file INT, position INT, name STRING, refused STRING, skipped STRING,
    in_train BOOLEAN, label INT, key STRING, digest BIGINT, bag STRING
"""
"""A row tells of one review, or of why there is none.

file, position: where it stood, so that rows have the order of reading.
name: as it can be printed. key: `splits.sort_key` in hexadecimal.
refused, skipped: why the file, or the review, can't be used; what follows is then null.
digest: of the text. bag: ``film:2 plot:1``, how often each stem occurs; as a text, because Spark
takes twice as long to hand a map to Python.
"""

_REMEMBERED = 1 << 18  # words; the article's reviews have 103,435
_CHUNK = 1 << 20
_AFTER_ALL = 1 << 30  # Parquet files have no order

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Refused:
    """A file that can't be read, or no further."""

    reason: str


@dataclass(frozen=True)
class Found:
    """What was read at a position of a file."""

    file: int
    position: int
    item: Review | Skipped | Refused


def read(file: int, path: Path) -> Iterator[Found]:
    """Reads an archive, or JSON lines, front to back."""
    position = -1
    items = read_lines(path) if path.name.endswith(JSON_LINES) else _read_archive(path)
    try:
        for position, item in enumerate(items):
            yield Found(file, position, item)
    except DataError as error:
        yield Found(file, position + 1, Refused(str(error)))


def _read_archive(path: Path) -> Iterator[Review | Skipped]:
    for batch in ReviewArchive(path).read():
        yield from map(review, batch.names, batch.texts)


def read_parquet(values: Any) -> Found:
    """A row of a Parquet file."""
    try:
        return Found(_AFTER_ALL, 0, review_in(values.asDict(), "a Parquet file"))
    except DataError as error:
        return Found(_AFTER_ALL, 0, Refused(str(error)))


def row(found: Found, seed: int) -> Row:
    """What was found, as a row of `SCHEMA`."""
    where, item = (found.file, found.position), found.item
    if isinstance(item, Refused):
        return (*where, None, item.reason, *[None] * 6)
    if isinstance(item, Skipped):
        return (*where, item.name, None, item.reason, *[None] * 5)
    return (
        *where,
        printable(item.name),
        None,
        None,
        item.half == "train",
        item.label,
        sort_key(item.name, seed).hex(),
        _signed(text_digest(item.text)),
        bag(item.text),
    )


def bag(text: str) -> str:
    """How often each stem occurs in a review.

    >>> bag("A good<br />film, and moving movies; moved!")
    'goodfilm:1 move:2 movi:1'
    """
    words = letters_and_digits(strip_html(text)).split()
    counts = Counter(found for word in words if (found := _stem(word)) is not None)
    return " ".join([f"{found}:{count}" for found, count in counts.items()])


def describe(path: Path, folder: Path) -> InputFile:
    """A file's path below ``folder``, and its hash."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return InputFile(path.relative_to(folder).as_posix(), digest.hexdigest())


@lru_cache(_REMEMBERED)
def _stem(word: str) -> str | None:
    """The word's stem; None for a stop word."""
    return None if word in ENGLISH else stem(word)


def _signed(number: int) -> int:
    """64 bits as Spark holds them.

    >>> _signed(5), _signed((1 << 64) - 1)
    (5, -1)
    """
    return number - (1 << 64) if number >> 63 else number
