"""Reviews in tables: the rows of CSV, JSON lines and Parquet files become reviews.

A table has a column of texts, one of labels if a model is trained on it, and optionally one of ids
and one named ``split`` with the values ``train``, ``validation`` and ``test``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.dataset.columns import DEPRECATED_SPLIT, SPLIT, ColumnNames
from processing.dataset.given_splits import (
    BY_COLUMN,
    BY_HASH,
    BY_PATH,
    TRAIN_OR_TEST,
    split_of_value,
)
from processing.dataset.hashing import is_for_testing
from processing.dataset.table_files import TableRow, read_values
from processing.errors import DataError
from processing.names import TEST, TRAIN


@dataclass(frozen=True)
class ReadOptions:
    """The columns of the reviews, and the share of rows without a split that are for testing."""

    columns: ColumnNames
    seed: int = 0
    test_fraction: float = 0.2

    def split(self, split: str, source: str, name: str) -> str:
        """Return the split of a review: a hash chooses reviews of train for the test set.

        If the splits are given, they are `TRAIN_OR_TEST`: there may be a test set in other files.
        """
        if split != TRAIN or not is_for_testing(name, self.seed, self.test_fraction):
            return split
        return TEST if source == BY_HASH else TRAIN_OR_TEST


@dataclass(frozen=True)
class TableReview:
    """A row. text: None if the cell isn't text. label: "" if the cell is empty.

    split, source: which split, and why (`processing.dataset.given_splits`).
    """

    name: str
    text: str | None
    label: str
    split: str
    source: str


def read_table(
    path: Path, options: ReadOptions, prefix: str = "", split: str = ""
) -> Iterator[TableReview]:
    """Yield the reviews of a table, front to back.

    prefix: the table's path and a colon, which precede the row number in the name of a review
    without an id, if there are several files. split: that the table's path names. Raise DataError,
    with file and row.
    """
    source = prefix.removesuffix(":") or path.name
    rows = read_values(path, options.columns, source=source)
    for number, values in enumerate(rows, start=1):
        where, name = f"{source}: row {number}", f"{prefix}{number}"
        yield review_of(values, options, where=where, name=name, split=split)


def review_of(
    values: TableRow, options: ReadOptions, *, where: str, name: str, split: str = ""
) -> TableReview:
    """Return the review in a row, whose name is ``name`` if it has no id. Raise DataError.

    split: that the table's path names; a column takes precedence.

    >>> row = {"text": "Fine.", "label": 1, "id": 7}
    >>> review_of(row, ReadOptions(ColumnNames()), where="row 1", name="1")
    TableReview(name='7', text='Fine.', label='1', split='train', source='hash of ids')
    """
    columns = options.columns
    if columns.id in values:
        name = _cell(values, columns.id, where)
    if not name or "\0" in name:
        raise DataError(
            f"{where}: no id in column {columns.id!r}; fill it in, or set IdColumn to another"
        )
    text = values.get(columns.text)
    label = "" if columns.label is None else _cell(values, columns.label, where)
    split, source = _split(values, columns, where, split)
    split = options.split(split, source, name)
    return TableReview(name, text if isinstance(text, str) else None, label, split, source)


def _split(values: TableRow, columns: ColumnNames, where: str, of_path: str) -> tuple[str, str]:
    """Return the split that is given for a row, else train, and where it comes from."""
    if columns.label is None:
        return TEST, ""
    column = SPLIT if SPLIT in values else DEPRECATED_SPLIT
    if column in values:
        if split := split_of_value(values[column]):
            return split, BY_COLUMN
        raise DataError(
            f"{where}: {column} must be train, validation, test or unlabeled, "
            f"got {values[column]!r:.40}"
        )
    return (of_path, BY_PATH) if of_path else (TRAIN, BY_HASH)


def _cell(values: TableRow, column: str, where: str) -> str:
    """Return an id or a label as text."""
    value = values.get(column)
    if isinstance(value, (list, dict)):
        raise DataError(f"{where}: column {column!r} holds a list or an object; choose another")
    return _as_text(value)


def _as_text(value: Any) -> str:
    """Return an id or a label as text. 1 and 1.0 are equal: Parquet may have widened the column.

    >>> [_as_text(value) for value in (" good ", 1, 1.0, 0.5, True, None, math.nan)]
    ['good', '1', '1', '0.5', 'true', '', '']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
