"""Reviews in tables: the rows of CSV, JSON lines and Parquet files become reviews.

A table has a column of texts, one of labels if a model is trained on it, and optionally one of ids
and one named ``split`` with the values ``train`` and ``test``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.dataset.columns import DEPRECATED_SPLIT, SPLIT, ColumnNames
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


@dataclass(frozen=True)
class TableReview:
    """A row. text: None if the cell isn't text. label: "" if the cell is empty."""

    name: str
    text: str | None
    label: str
    in_training_set: bool


def read_table(path: Path, options: ReadOptions, prefix: str = "") -> Iterator[TableReview]:
    """Yield the reviews of a table, front to back.

    prefix: precedes the row number in the name of a review without an id. Raise DataError, with
    file and row.
    """
    rows = read_values(path, options.columns)
    for number, values in enumerate(rows, start=1):
        where, name = f"{path.name}: row {number}", f"{prefix}{number}"
        yield review_of(values, options, where=where, name=name)


def review_of(values: TableRow, options: ReadOptions, *, where: str, name: str) -> TableReview:
    """Return the review in a row, whose name is ``name`` if it has no id. Raise DataError.

    >>> row = {"text": "Fine.", "label": 1, "id": 7}
    >>> review_of(row, ReadOptions(ColumnNames()), where="row 1", name="1")
    TableReview(name='7', text='Fine.', label='1', in_training_set=True)
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
    in_training_set = columns.label is not None and _is_for_training(values, options, where, name)
    return TableReview(name, text if isinstance(text, str) else None, label, in_training_set)


def _is_for_training(values: TableRow, options: ReadOptions, where: str, name: str) -> bool:
    column = SPLIT if SPLIT in values else DEPRECATED_SPLIT
    if column not in values:
        return not is_for_testing(name, options.seed, options.test_fraction)
    split = values[column]
    if split not in (TRAIN, TEST):
        raise DataError(f"{where}: {column} must be {TRAIN!r} or {TEST!r}, got {split!r:.40}")
    return bool(split == TRAIN)


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
