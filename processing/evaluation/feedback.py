"""Feedback: labels that arrive after the reviews were scored, joined with the scores by id.

labels.csv (id, label)       + scores.csv (id, label, probability)
-> the number of reviews by label and prediction, and shares with their 95% intervals
"""

from __future__ import annotations

import contextlib
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from processing import names
from processing.dataset.columns import ColumnNames
from processing.dataset.table_files import open_table
from processing.dataset.tables import ReadOptions, TableReview, review_of
from processing.errors import DataError
from processing.evaluation.significance import wilson
from processing.names import Feedback
from processing.row_files import csv_field

ID, LABEL = "id", "label"
"""The columns of a file of labels."""

_PREDICTED = "probability"
"""A column of ``scores.csv``, which also has columns of ids and labels."""

_HEADER = f"{ID},{LABEL}\n"
_EXAMPLES = 5
_QUOTED = 40  # characters of an id or a label in a message


@dataclass(frozen=True)
class Labels:
    """The labels of a file by id, with their rows.

    rows: of the file. unlabeled: number of rows without a label.
    """

    source: str = ""
    by_id: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    rows: int = 0
    unlabeled: int = 0

    def summary(self, known: Set[str]) -> dict[str, Any]:
        """Return the numbers of rows and ids; ``known`` are the ids that have been scored."""
        unknown = [name for name in self.by_id if name not in known]
        return {
            Feedback.EXAMPLES: unknown[:_EXAMPLES],
            Feedback.KNOWN: len(self.by_id) - len(unknown),
            Feedback.UNKNOWN: len(unknown),
            Feedback.UNLABELED: self.unlabeled,
            names.ROWS: self.rows,
        }


@dataclass
class LabeledScores:
    """The labeled reviews of an execution, counted.

    classes: names of the negative and of the positive class. labels: by id, in the order of the
    scores. confusion: number of reviews by (label, prediction).
    """

    classes: tuple[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    added: int = 0
    corrected: int = 0
    confusion: dict[tuple[str, str], int] = field(default_factory=dict)

    def shares(self) -> dict[str, Any]:
        """Return accuracy, precision and recall of the positive class, and what they are of."""
        return shares_of(self.confusion, self.classes)


def read_labels(path: Path) -> Labels:
    """Read a table with the columns ``id`` and ``label``; rows without a label are skipped.

    Raise DataError without these columns, and for an id with two labels.
    """
    source = path.name
    found: dict[str, tuple[str, int]] = {}
    rows = unlabeled = 0
    for rows, row in enumerate(_rows(path, source), start=1):
        if not row.label:
            unlabeled += 1
            continue
        label, first = found.setdefault(row.name, (row.label, rows))
        if label != row.label:
            raise DataError(
                f"{source}: rows {first} and {rows} give id {_short(row.name)} the labels "
                f"{_short(label)} and {_short(row.label)}; remove one of them"
            )
    return Labels(source, found, rows, unlabeled)


def _rows(path: Path, source: str) -> Iterator[TableReview]:
    # Ids are read as those of reviews, so that they are equal. There are no texts.
    columns = ColumnNames(text=ID, id=ID, label=LABEL)
    try:
        table = open_table(path, columns, source=source)
    except DataError as error:
        problem, parameter, _ = str(error).partition("; choose one of")
        if not parameter:
            raise
        raise DataError(f"{problem}; the columns must be {ID} and {LABEL}") from None
    options, of_labels = ReadOptions(columns), replace(table.columns, split=None)
    with contextlib.closing(table):
        for number, row in enumerate(table.rows, start=1):
            if _PREDICTED in row:
                raise DataError(
                    f"{source}: has a column {_PREDICTED}, so its labels may be those that were "
                    "predicted; remove the column if they aren't"
                )
            yield review_of(row, of_labels, options, where=f"{source}: row {number}", name="")


def label_scores(
    scores: Path, classes: tuple[str, str], given: Labels, stored: Mapping[str, str]
) -> LabeledScores:
    """Join the scores of an execution with labels.

    stored: labels that the execution has already; those of ``given`` replace them. Raise DataError
    for a given label that isn't one of the classes.
    """
    found = LabeledScores(classes)
    for name, predicted in read_scores(scores):
        before = stored.get(name)
        label, row = given.by_id.get(name, (before, 0))
        if label is None:
            continue
        if label not in classes:
            raise DataError(
                f"{given.source}: row {row}: label {_short(label)} isn't a class of the model; "
                f"the classes are {_short(classes[0])} and {_short(classes[1])}"
            )
        if name not in found.labels:
            found.added += before is None
            found.corrected += before not in (None, label)
        found.labels[name] = label
        if predicted:
            pair = label, predicted
            found.confusion[pair] = found.confusion.get(pair, 0) + 1
    return found


def read_scores(path: Path) -> Iterator[tuple[str, str]]:
    """Yield id and predicted class of each row of ``scores.csv``; "" if it wasn't scored."""
    for row in _records(path):
        yield row[0], row[1]


def read_stored_labels(path: Path | None) -> dict[str, str]:
    """Return the labels by id that `stored_labels` has written; none without a file."""
    return {} if path is None else {row[0]: row[1] for row in _records(path)}


def stored_labels(labels: Mapping[str, str]) -> str:
    """Return the content of the file with an execution's labels."""
    lines = (f"{csv_field(name)},{csv_field(label)}\n" for name, label in labels.items())
    return "".join([_HEADER, *lines])


def shares_of(confusion: Mapping[tuple[str, str], int], classes: tuple[str, str]) -> dict[str, Any]:
    """Return the shares of reviews, given their numbers by (label, prediction).

    >>> found = shares_of({("neg", "neg"): 1, ("pos", "neg"): 1}, ("neg", "pos"))
    >>> found["accuracy"]["value"], found["recall"]["value"], found["precision"]
    (0.5, 0.0, None)
    """
    negative, positive = classes
    count = {pair: confusion.get(pair, 0) for pair in _pairs(classes)}
    correct, hits = count[negative, negative] + count[positive, positive], count[positive, positive]
    return {
        names.ACCURACY: share(correct, sum(count.values())),
        names.CONFUSION_MATRIX: {
            label: {predicted: count[label, predicted] for predicted in classes}
            for label in classes
        },
        Feedback.CORRECT: correct,
        Feedback.LABELED: sum(count.values()),
        Feedback.PRECISION: share(hits, hits + count[negative, positive]),
        Feedback.RECALL: share(hits, hits + count[positive, negative]),
    }


def share(count: int, of: int) -> dict[str, float] | None:
    """Return a share with its 95% interval (Wilson); None of nothing."""
    if not of:
        return None
    low, high = wilson(count, of)
    return {names.VALUE: count / of, Feedback.LOW: low, Feedback.HIGH: high}


def _pairs(classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((label, predicted) for label in classes for predicted in classes)


def _records(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a file that this project has written, without its header."""
    csv.field_size_limit(sys.maxsize)  # an id may be long
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            next(rows, None)
            yield from rows
        except csv.Error as error:
            raise DataError(f"{path}: invalid CSV ({error})") from None


def _short(value: str) -> str:
    return repr(value if len(value) <= _QUOTED else f"{value[:_QUOTED]}...")
