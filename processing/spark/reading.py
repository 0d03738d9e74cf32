"""Files become rows of a table, one for each review; runs in the executors.

A fault of a file is an outcome, too. Otherwise Spark would read a damaged archive four times, and
the driver couldn't report the first fault in one line.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from processing.dataset.file_summary import FileSummary
from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.file_formats import is_table
from processing.dataset.hashing import file_digest, sort_key, text_digest
from processing.dataset.read import (
    DatasetFile,
    Review,
    archived_reviews,
    labeled_rows,
    read_rows,
)
from processing.dataset.reviews import Unusable, labelled_text
from processing.dataset.rows.table import Table
from processing.dataset.tables import ReadOptions
from processing.errors import DataError, printable
from processing.text.normalize import TermFunction, split_words, tokens

SCHEMA = """
    file INT, position INT, name STRING, skipped STRING,
    id STRING, split STRING, class STRING, key STRING, digest BIGINT, terms STRING, sampled STRING
"""
"""A row is a review, or the reason why there is none.

file, position: where the review is stored; rows sorted by them are in reading order.
name: in printable form. id: as stored. key: `hashing.sort_key` in hexadecimal.
skipped: why the review can't be used; the later columns are null then.
class: name of the label. digest: of the text.
terms: in reading order, separated by spaces; one string is cheaper to pass than a list.
sampled: the terms and words (`terms_and_words`), if the review is sampled.
"""

_REMEMBERED_WORDS = 1 << 18  # the article's reviews have 103,435

SparkRow = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """A file that was read.

    refused: why it can't be used, or not to its end. log: what was printed in the task, which the
    driver prints again.
    """

    summary: FileSummary
    refused: str = ""
    log: str = ""


class Outcomes(Protocol):
    """A shared variable of Spark to which tasks add the outcomes of files by their numbers."""

    @property
    def value(self) -> dict[int, Outcome]:
        """The outcomes so far; on the driver."""

    def add(self, outcomes: dict[int, Outcome]) -> None:
        """Add outcomes; in a task."""


class JoinedDicts:
    """How Spark joins the outcomes of tasks; if a task ran twice, both are the same."""

    def zero(self, _value: dict[int, Outcome]) -> dict[int, Outcome]:
        """Return what a task begins with."""
        return {}

    def addInPlace(  # noqa: N802  # Spark calls it by this name
        self, first: dict[int, Outcome], second: dict[int, Outcome]
    ) -> dict[int, Outcome]:
        """Return the outcomes of both."""
        return {**first, **second}


@dataclass(frozen=True)
class Item:
    """The review of a file at a position."""

    file: int
    position: int
    review: Review


def read(
    source: DatasetFile, table: Table | None = None, *, reading: ReadOptions, outcomes: Outcomes
) -> Iterator[Item]:
    """Yield the reviews of a file, front to back; add its outcome in the end.

    table: the content of a table, if Spark has opened it.
    """
    summary, refused = FileSummary(source.name), ""
    with redirect_stdout(io.StringIO()) as log:
        try:
            for position, review in enumerate(_reviews(source, table, reading, summary)):
                yield Item(source.number, position, review)
        except DataError as error:
            refused = str(error)
    outcomes.add({source.number: Outcome(summary, refused, log.getvalue())})


def _reviews(
    source: DatasetFile, table: Table | None, reading: ReadOptions, summary: FileSummary
) -> Iterator[Review]:
    if not (table or is_table(source.path)):
        yield from archived_reviews(ReviewArchive(source.path), reading, summary)
        return
    summary.columns, rows = read_rows(source, reading, table)
    yield from labeled_rows(rows, summary)
    summary.sha256 = file_digest(source.path)


def spark_row(item: Item, seed: int, term: TermFunction, sampled_below: int) -> SparkRow:
    """Return a row of `SCHEMA`.

    term: makes terms of words (`processing.feature_sets`). sampled_below: reviews whose digest is
    less are sampled.
    """
    where, (name, stored, label, split) = (item.file, item.position), item.review
    text = labelled_text(stored, label)
    if isinstance(text, Unusable):
        return (*where, printable(name), text.reason, *[None] * 7)
    digest = text_digest(text)
    return (
        *where,
        printable(name),
        None,
        name.encode("utf-8", "backslashreplace").decode(),
        split,
        label,
        sort_key(name, seed).hex(),
        _signed(digest),
        terms_of(text, term),
        terms_and_words(text, term) if digest < sampled_below else None,
    )


def terms_of(text: str, term: TermFunction) -> str:
    """Return the terms of a review in reading order, separated by spaces.

    >>> from processing.text.normalize import stem_unless_stop_word
    >>> terms_of("A good<br />film, and moving movies; moved!", stem_unless_stop_word)
    'goodfilm move movi move'
    """
    return " ".join(tokens(text, _remembering(term)))


def term_counts(reviews: Iterable[tuple[str]]) -> Iterator[tuple[str, int, int]]:
    """Yield each term, the number of its occurrences, and of the reviews that have it.

    >>> sorted(term_counts([("move film move",), ("film",)]))
    [('film', 2, 2), ('move', 2, 1)]
    """
    occurrences: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    for (terms,) in reviews:
        found = terms.split()
        occurrences.update(found)
        documents.update(set(found))
    for term, count in occurrences.items():
        yield term, count, documents[term]


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


def _signed(number: int) -> int:
    """Return 64 bits as the signed integer that Spark stores.

    >>> _signed(5), _signed((1 << 64) - 1)
    (5, -1)
    """
    return number - (1 << 64) if number >> 63 else number
