"""Files become rows of a table, one for each review; runs in the executors.

A fault of a file is returned as a row, too. Otherwise Spark would read a damaged archive four
times, and the driver couldn't report the first fault in one line.
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

from processing.dataset.columns import Columns
from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.file_formats import is_parquet, is_table
from processing.dataset.given_splits import BY_PATH, UNLABELED
from processing.dataset.hashing import file_digest, sort_key, text_digest
from processing.dataset.path_columns import path_columns
from processing.dataset.read import DatasetFile, InputFile, read_rows
from processing.dataset.reviews import StoredText, Unusable, labelled_text
from processing.dataset.tables import (
    ReadOptions,
    TableReview,
    review_of,
)
from processing.errors import DataError, printable
from processing.text.normalize import TermFunction, split_words, tokens

SCHEMA = """
    file INT, position INT, name STRING, refused STRING, skipped STRING,
    id STRING, split STRING, source STRING, class STRING, key STRING, digest BIGINT, bag STRING,
    sampled STRING
"""
"""A row is a review, or the reason why there is none.

file, position: where the review is stored; rows sorted by them are in reading order.
name: in printable form. id: as stored. key: `hashing.sort_key` in hexadecimal.
refused, skipped: why the file, or the review, can't be used; the later columns are null then. All
of these are null for an unlabeled review.
split, source: as in `processing.dataset.tables.TableReview`.
class: name of the label. digest: of the text.
sampled: the terms and words (`terms_and_words`), if the review is sampled.
bag: ``film:2 plot:1``, the number of each term's occurrences; a string, because Spark takes twice
as long to pass a map to Python.
"""

_REMEMBERED_WORDS = 1 << 18  # the article's reviews have 103,435

SparkRow = tuple[Any, ...]


@dataclass(frozen=True)
class Unreadable:
    """A file that can't be read, or not to its end."""

    reason: str


@dataclass(frozen=True)
class LabelledReview:
    """A review as stored."""

    name: str
    text: StoredText
    label: str
    split: str
    source: str


@dataclass(frozen=True)
class Item:
    """The content of a file at a position."""

    file: int
    position: int
    content: LabelledReview | Unreadable


def read(source: DatasetFile, reading: ReadOptions) -> Iterator[Item]:
    """Yield the reviews of an archive, or of a table that is stored in lines, front to back."""
    position = -1
    reviews = (_read_table if is_table(source.path) else _read_archive)(source, reading)
    try:
        for position, review in enumerate(reviews):
            yield Item(source.number, position, review)
    except DataError as error:
        yield Item(source.number, position + 1, Unreadable(str(error)))


def _read_archive(source: DatasetFile, reading: ReadOptions) -> Iterator[LabelledReview]:
    for review in ReviewArchive(source.path).labelled():
        split = reading.split(review.split, BY_PATH, review.name)
        yield LabelledReview(review.name, review.text, review.label, split, BY_PATH)


def _read_table(source: DatasetFile, reading: ReadOptions) -> Iterator[LabelledReview]:
    return map(_labelled, read_rows(source, reading)[1])


def _labelled(review: TableReview) -> LabelledReview:
    return LabelledReview(review.name, review.text, review.label, review.split, review.source)


def hadoop_address(path: str) -> str:
    r"""Return an absolute path as Spark's readers take it, with the characters of patterns escaped.

    >>> print(hadoop_address("/raw/100 %/a[1]*.parquet"))
    file:///raw/100 %/a\[1\]\*.parquet
    """
    return "file://" + re.sub(r"[][\\{}*?,]", r"\\\g<0>", path)


def read_parquet(
    values: Any, sources: Mapping[str, DatasetFile], columns: Columns, reading: ReadOptions
) -> Item:
    """Return the review in a row of a Parquet file.

    values: the file's address, the row's number, and the cells. sources: by absolute path.
    """
    address, position, *cells = values
    source = sources[unquote(urlsplit(address).path)]
    row = {**path_columns(source.name), **dict(zip(values.__fields__[2:], cells))}
    number = position + 1
    where, name = f"{source.name}: row {number}", f"{source.prefix}{number}"
    try:
        review = _labelled(
            review_of(row, columns, reading, where=where, name=name, split=source.split)
        )
    except DataError as error:
        return Item(source.number, position, Unreadable(str(error)))
    return Item(source.number, position, review)


@contextmanager
def parquet_errors_in_one_line(files: Sequence[Path]) -> Iterator[None]:
    """Raise DataError for a damaged Parquet file, instead of Spark's hundred lines; on the driver.

    files: all files that are read.
    """
    from py4j.protocol import Py4JJavaError

    try:
        yield
    except Py4JJavaError as error:
        message, tables = str(error), [path.name for path in files if is_parquet(path)]
        if not tables or "parquet" not in message:
            raise
        raise DataError(
            f"{_damaged_table(message, tables)}: can't be read as Parquet "
            f"({_first_reason(message):.200}); write it again"
        ) from None


def _damaged_table(message: str, tables: Sequence[str]) -> str:
    """Return the name of the file that Spark's message is about, if it names one."""
    named = [name for name in tables if f"/{name}" in unquote(message)] or tables
    return named[0] if len(named) == 1 else f"one of {len(named)} Parquet files"


def _first_reason(message: str) -> str:
    """Return the root cause in Spark's message."""
    causes = re.findall(r"^(?:Caused by: )?(\w+\.\S+: .*)", message, re.MULTILINE)
    return printable((causes or [message])[-1].splitlines()[0])


def spark_row(item: Item, seed: int, term: TermFunction, sampled_below: int) -> SparkRow:
    """Return a row of `SCHEMA`.

    term: makes terms of words (`processing.feature_sets`). sampled_below: reviews whose digest is
    less are sampled.
    """
    where, review = (item.file, item.position), item.content
    if isinstance(review, Unreadable):
        return (*where, None, review.reason, *[None] * 9)
    if review.split == UNLABELED:
        return (*where, *[None] * 11)
    text = labelled_text(review.text, review.label)
    if isinstance(text, Unusable):
        return (*where, printable(review.name), None, text.reason, *[None] * 8)
    digest = text_digest(text)
    return (
        *where,
        printable(review.name),
        None,
        None,
        review.name.encode("utf-8", "backslashreplace").decode(),
        review.split,
        review.source,
        review.label,
        sort_key(review.name, seed).hex(),
        _signed(digest),
        bag_of_words(text, term),
        terms_and_words(text, term) if digest < sampled_below else None,
    )


def bag_of_words(text: str, term: TermFunction) -> str:
    """Return the number of occurrences of each term in a review.

    >>> from processing.text.normalize import stem_unless_stop_word
    >>> bag_of_words("A good<br />film, and moving movies; moved!", stem_unless_stop_word)
    'goodfilm:1 move:2 movi:1'
    """
    counts = Counter(tokens(text, _remembering(term)))
    return " ".join([f"{token}:{count}" for token, count in counts.items()])


def terms_and_words(text: str, term: TermFunction) -> str:
    """Return each word of a review that has a term, after its term, separated by spaces.

    >>> from processing.text.normalize import stem_unless_stop_word
    >>> terms_and_words("A film and movies", stem_unless_stop_word)
    'film film movi movies'
    """
    term = _remembering(term)
    pairs = ((term(word), word) for word in split_words(text))
    return " ".join([f"{found} {word}" for found, word in pairs if found is not None])


@lru_cache
def _remembering(term: TermFunction) -> TermFunction:
    """Return the function with a memory, which lasts as long as this process."""
    return lru_cache(_REMEMBERED_WORDS)(term)


def input_file(file: DatasetFile, reading: ReadOptions) -> InputFile:
    """Return a file's name, hash and columns."""
    columns = read_rows(file, reading)[0].by_role() if is_table(file.path) else None
    return InputFile(file.name, file_digest(file.path), columns)


def _signed(number: int) -> int:
    """Return 64 bits as the signed integer that Spark stores.

    >>> _signed(5), _signed((1 << 64) - 1)
    (5, -1)
    """
    return number - (1 << 64) if number >> 63 else number
