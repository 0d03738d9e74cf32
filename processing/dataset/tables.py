"""Reviews in tables: the rows of CSV, JSON lines and Parquet files become reviews.

A table has a column of texts, one of labels if a model is trained on it, and optionally one of ids
and one named ``split`` with the values ``train``, ``validation`` and ``test``.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from processing.dataset.columns import ColumnNames, Columns, choose_columns
from processing.dataset.given_splits import (
    BY_COLUMN,
    BY_HASH,
    BY_PATH,
    TRAIN_OR_TEST,
    split_of_value,
)
from processing.dataset.hashing import is_for_testing
from processing.dataset.rows.table import Table, TableRow
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


class MissingValue(DataError):
    """A row lacks a value that it must have."""

    def __init__(self, where: str, column: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: no {what} in column {column!r}; {remedy}")
        self.column = column
        self.remedy = remedy


def reviews_of(
    table: Table, options: ReadOptions, *, source: str, prefix: str = "", split: str = ""
) -> Iterator[TableReview]:
    """Yield the reviews of a table, front to back.

    source: what messages call the file. prefix: precedes the row number in the name of a review
    without an id. split: that the table's path names. Raise DataError, with file and row.
    """
    of_path = options.columns.of_path
    known: set[str] = set()
    with contextlib.closing(table):
        for number, values in enumerate(table.rows, start=1):
            where, name = f"{source}: row {number}", f"{prefix}{number}"
            if not values.keys() <= known:
                _require_same_columns(where, values, table.columns, options.columns)
                known.update(values)
            row = {**of_path, **values} if of_path else values
            try:
                yield review_of(row, table.columns, options, where=where, name=name, split=split)
            except MissingValue as missing:
                complete = 1 if number > 1 else _next_row_with(missing.column, table)
                if complete is None:
                    raise
                raise DataError(
                    f"{where} has no value in column {missing.column!r}, but row {complete} has "
                    f"one; {missing.remedy}"
                ) from None


def _next_row_with(column: str, table: Table) -> int | None:
    """Return the next row, from 2, that has a value in a column."""
    return next((n for n, row in enumerate(table.rows, 2) if not _is_blank(row.get(column))), None)


def _require_same_columns(where: str, row: TableRow, columns: Columns, names: ColumnNames) -> None:
    """Raise DataError if a row of JSON has a key that would have been chosen, had others it."""
    found = choose_columns(where, [*dict.fromkeys((*columns.read, *row))], names)
    for role, name in found.by_role().items():
        if name != columns.by_role().get(role):
            raise DataError(
                f"{where} has a column {name!r}, but row 1 doesn't; give all rows the same columns"
            )


def review_of(
    row: TableRow,
    columns: Columns,
    options: ReadOptions,
    *,
    where: str,
    name: str,
    split: str = "",
) -> TableReview:
    """Return the review in a row, whose name is ``name`` if it has no id. Raise DataError.

    split: that the table's path names; a column takes precedence.

    >>> row = {"text": "Fine.", "label": 1, "id": 7}
    >>> options = ReadOptions(ColumnNames())
    >>> review_of(row, Columns("text", "label", "id"), options, where="row 1", name="1")
    TableReview(name='7', text='Fine.', label='1', split='train', source='hash of ids')
    """
    if columns.id is not None:
        name = _cell(row, columns.id, where)
    if not name or "\0" in name:
        remedy = "fill it in, or set IdColumn to another"
        raise MissingValue(where, f"{columns.id}", "id", remedy)
    text = row.get(columns.text)
    label = "" if columns.label is None else _cell(row, columns.label, where)
    split, source = _split(row, columns, where, split)
    split = options.split(split, source, name)
    return TableReview(name, text if isinstance(text, str) else None, label, split, source)


def _split(row: TableRow, columns: Columns, where: str, of_path: str) -> tuple[str, str]:
    """Return the split that is given for a row, else train, and where it comes from."""
    if columns.label is None:
        return TEST, ""
    if columns.split is None:
        return (of_path, BY_PATH) if of_path else (TRAIN, BY_HASH)
    value = row.get(columns.split)
    if split := split_of_value(value):
        return split, BY_COLUMN
    remedy = "it must be train, validation, test or unlabeled"
    if _is_blank(value):
        raise MissingValue(where, columns.split, "split", remedy)
    raise DataError(f"{where}: {columns.split} is {value!r:.40}; {remedy}")


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value != value


def _cell(values: TableRow, column: str, where: str) -> str:
    """Return an id or a label as text."""
    value = values.get(column)
    if isinstance(value, dict):
        value = _of_extended_json(value)
    if isinstance(value, (list, dict)):
        raise DataError(f"{where}: column {column!r} holds a list or an object; choose another")
    return _as_text(value)


def _of_extended_json(value: dict[str, Any]) -> Any:
    """Return the id or number in an object of MongoDB's extended JSON; other objects as they are.

    >>> _of_extended_json({"$oid": "5f"}), _of_extended_json({"$numberDouble": "1.0"})
    ('5f', 1.0)
    """
    match value:
        case {"$oid": str(found)} | {"$numberInt": str(found)} | {"$numberLong": str(found)}:
            return found
        case {"$numberDouble": str(found)} | {"$numberDecimal": str(found)}:
            with contextlib.suppress(ValueError):
                return float(found)
    return value


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
