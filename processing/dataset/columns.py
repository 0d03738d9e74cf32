"""Columns of tables: their names, and what is required of them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processing.errors import DataError, printable
from processing.names import Parameter

SPLIT = "split"
"""The column that assigns a row to the training set or to the test set."""

DEPRECATED_SPLIT = "half"
"""The former name of `SPLIT`."""

_OPTIONAL_ID = "id"
"""The default of the id column, which a table needn't have. Any other is required."""

_MAX_LISTED = 40  # columns in a message, and characters of their names


@dataclass(frozen=True)
class ColumnNames:
    """Names of the columns. label: None for reviews to score, whose labels aren't read."""

    text: str = "text"
    id: str = _OPTIONAL_ID
    label: str | None = "label"

    @property
    def required(self) -> Mapping[str, str]:
        """The columns that a table must have, by the parameter that names them."""
        columns = {Parameter.TEXT_COLUMN: self.text}
        if self.label is not None:
            columns[Parameter.LABEL_COLUMN] = self.label
        if self.id != _OPTIONAL_ID:
            columns[Parameter.ID_COLUMN] = self.id
        return columns

    @property
    def read(self) -> tuple[str, ...]:
        """All columns that are read if they exist, each once."""
        splits = () if self.label is None else (SPLIT, DEPRECATED_SPLIT)
        return tuple(dict.fromkeys((*self.required.values(), self.id, *splits)))


def add_column_options(parser: argparse.ArgumentParser, *, labelled: bool) -> None:
    """Add the options that name columns."""
    parser.add_argument("--text-column", default="text", help="tables: column of the texts")
    parser.add_argument("--id-column", default=_OPTIONAL_ID, help="tables: column of unique ids")
    if labelled:
        parser.add_argument("--label-column", default="label", help="tables: column of the labels")


def columns_from_options(options: argparse.Namespace) -> ColumnNames:
    """Return the values of the options that `add_column_options` adds."""
    label = getattr(options, "label_column", None)
    return ColumnNames(options.text_column, options.id_column, label)


def require_columns(where: str, found: Sequence[str], columns: ColumnNames) -> None:
    """Raise DataError unless the table has the required columns, and none of them twice."""
    for name in columns.read:
        if found.count(name) > 1:
            raise DataError(f"{where}: two columns are named {printable(name)!r}; rename one")
    if {SPLIT, DEPRECATED_SPLIT} <= {*found} & {*columns.read}:
        raise DataError(
            f"{where}: has a column {SPLIT!r} and a column {DEPRECATED_SPLIT!r}, its former name; "
            "remove one"
        )
    for parameter, name in columns.required.items():
        if name not in found:
            listed = ", ".join(
                repr(printable(column[:_MAX_LISTED])) for column in found[:_MAX_LISTED]
            )
            raise DataError(
                f"{where}: no column {name!r}; set {parameter} to one of {listed or 'none'}"
            )


def report_deprecated(file: str, found: Sequence[str], columns: ColumnNames) -> None:
    """Log that a table uses the former name of `SPLIT`."""
    if DEPRECATED_SPLIT in found and DEPRECATED_SPLIT in columns.read:
        print(
            f"{file}: the column name {DEPRECATED_SPLIT!r} is deprecated; rename it to {SPLIT!r}",
            flush=True,
        )
