"""Files become rows of a table, one for each review; runs in the executors.

Whatever can be wrong with a file comes back as a row, so that Spark doesn't try a damaged archive
four times, and the driver tells the first fault in one line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from processing.corpus.tokenizer import text_digest
from processing.dataset.archives import ReviewArchive
from processing.dataset.file_formats import is_parquet, is_table
from processing.dataset.hashing import file_digest, sort_key
from processing.dataset.read import InputFile
from processing.dataset.reviews import StoredText, Unusable, labelled_text
from processing.dataset.tables import (
    ReadOptions,
    TableReview,
    read_table,
    review_of,
)
from processing.errors import DataError, printable
from processing.names import TRAIN
from processing.text.normalize import letters_and_digits, stem, strip_html
from processing.text.stop_words import ENGLISH

SCHEMA = """
    file INT, position INT, name STRING, refused STRING, skipped STRING,
    id STRING, in_train BOOLEAN, class STRING, key STRING, digest BIGINT, bag STRING
"""
"""A row tells of one review, or of why there is none.

file, position: where it stood, so that rows have the order of reading.
name: as it can be printed. id: as it is written. key: `hashing.sort_key` in hexadecimal.
refused, skipped: why the file, or the review, can't be used; what follows is then null.
class: its label's name. digest: of the text.
bag: ``film:2 plot:1``, how often each stem occurs; as a text, because Spark takes twice as long to
hand a map to Python.
"""

_REMEMBERED = 1 << 18  # words; the article's reviews have 103,435

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Refused:
    """A file that can't be read, or no further."""

    reason: str


@dataclass(frozen=True)
class Labelled:
    """A review as stored."""

    name: str
    text: StoredText
    label: str
    in_train: bool


@dataclass(frozen=True)
class Found:
    """What was read at a position of a file."""

    file: int
    position: int
    item: Labelled | Refused


@dataclass(frozen=True)
class Source:
    """A file of reviews. prefix: stands before the numbers of rows that have no id."""

    number: int
    path: Path
    prefix: str


def read(source: Source, reading: ReadOptions) -> Iterator[Found]:
    """Reads an archive, or a table that is lines, front to back."""
    position = -1
    items = _read_table(source, reading) if is_table(source.path) else _read_archive(source.path)
    try:
        for position, item in enumerate(items):
            yield Found(source.number, position, item)
    except DataError as error:
        yield Found(source.number, position + 1, Refused(str(error)))


def _read_archive(path: Path) -> Iterator[Labelled]:
    for review in ReviewArchive(path).labelled():
        yield Labelled(review.name, review.text, review.label, review.split == TRAIN)


def _read_table(source: Source, reading: ReadOptions) -> Iterator[Labelled]:
    return map(_labelled, read_table(source.path, reading, source.prefix))


def _labelled(review: TableReview) -> Labelled:
    return Labelled(review.name, review.text, review.label, review.in_training_set)


def hadoop_address(path: str) -> str:
    r"""How Spark is told an absolute path: as it is, but that a name is no pattern.

    >>> print(hadoop_address("/raw/100 %/a[1]*.parquet"))
    file:///raw/100 %/a\[1\]\*.parquet
    """
    return "file://" + re.sub(r"[][\\{}*?,]", r"\\\g<0>", path)


def read_parquet(values: Any, sources: Mapping[str, Source], reading: ReadOptions) -> Found:
    """A row of a Parquet file; its first two columns are the file's address and its number there.

    sources: the files by their absolute paths.
    """
    address, position, *cells = values
    source = sources[unquote(urlsplit(address).path)]
    row, number = dict(zip(values.__fields__[2:], cells)), position + 1
    where, name = f"{source.path.name}: row {number}", f"{source.prefix}{number}"
    try:
        item: Labelled | Refused = _labelled(review_of(row, reading, where=where, name=name))
    except DataError as error:
        item = Refused(str(error))
    return Found(source.number, position, item)


@contextmanager
def parquet_refused_in_one_line(files: Sequence[Path]) -> Iterator[None]:
    """On the driver, where Spark tells of a damaged file in a hundred lines. Raises DataError."""
    from py4j.protocol import Py4JJavaError

    try:
        yield
    except Py4JJavaError as error:
        told, tables = str(error), [path.name for path in files if is_parquet(path)]
        if not tables or "parquet" not in told:
            raise
        named = [name for name in tables if f"/{name}" in unquote(told)] or tables
        which = named[0] if len(named) == 1 else f"one of {len(named)} Parquet files"
        *_, reason = re.findall(r"^(?:Caused by: )?(\w+\.\S+: .*)", told, re.MULTILINE) or [told]
        short = printable(reason.splitlines()[0])
        raise DataError(
            f"{which}: can't be read as Parquet ({short:.200}); write it again"
        ) from None


def row(found: Found, seed: int) -> Row:
    """What was found, as a row of `SCHEMA`."""
    where, item = (found.file, found.position), found.item
    if isinstance(item, Refused):
        return (*where, None, item.reason, *[None] * 7)
    text = labelled_text(item.text, item.label)
    if isinstance(text, Unusable):
        return (*where, printable(item.name), None, text.reason, *[None] * 6)
    return (
        *where,
        printable(item.name),
        None,
        None,
        item.name.encode("utf-8", "backslashreplace").decode(),
        item.in_train,
        item.label,
        sort_key(item.name, seed).hex(),
        _signed(text_digest(text)),
        bag(text),
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
    return InputFile(path.relative_to(folder).as_posix(), file_digest(path))


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
