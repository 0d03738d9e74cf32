"""Rows of CSV files: any of four delimiters, quotes doubled or escaped by backslashes."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from processing.dataset.columns import ColumnNames, choose_columns
from processing.dataset.rows.escaped_quotes import ESCAPED_QUOTE, with_doubled_quotes
from processing.dataset.rows.table import Table
from processing.dataset.rows.text_lines import MAX_LINE_BYTES, TextFile
from processing.errors import DataError

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?\s*')  # Excel's, before the header

_CARRIAGE_RETURN = "new-line character seen in unquoted field"  # the beginning of csv's message


@dataclass(frozen=True)
class _Layout:
    """How a file is divided into cells. first: the line after the header, from 1."""

    delimiter: str
    header: list[str]
    first: int

    @property
    def delimiters(self) -> str:
        """The delimiter's name in messages."""
        return _DELIMITERS.get(self.delimiter, repr(self.delimiter))


class _UnfitRow(DataError):
    """A row isn't CSV, or doesn't fit the header. first, end: its lines, the latter exclusive."""

    def __init__(self, message: str, first: int, end: int) -> None:
        super().__init__(message)
        self.first = first
        self.end = end


def csv_table(file: TextFile, names: ColumnNames) -> Table:
    """Return the table. Raise DataError for a missing column, and for a row that doesn't fit."""
    csv.field_size_limit(MAX_LINE_BYTES)
    layout = _layout(file, names)
    columns = choose_columns(file.name, layout.header, names)
    if layout.delimiter != ",":
        print(f"{file.name}: columns are separated by {layout.delimiters}", flush=True)
    return Table(columns, _all_rows(file, layout))


def _all_rows(file: TextFile, layout: _Layout) -> Iterator[dict[str, Any]]:
    try:
        yield from _rows(file.name, file.lines_from(layout.first), layout, layout.first)
        return
    except _UnfitRow as unfit:
        row = itertools.islice(file.lines(), unfit.first - 1, unfit.end - 1)
        if not any(ESCAPED_QUOTE in line for line in row):
            raise
        first = unfit.first
    # The rows before this one have no such quotes, so they are the same either way.
    print(f"{file.name}: line {first}: quotes are escaped by backslashes", flush=True)
    lines = with_doubled_quotes(file.lines_from(first), layout.delimiter)
    yield from _rows(file.name, lines, layout, first)


def _layout(file: TextFile, names: ColumnNames) -> _Layout:
    """Return the layout by which the header has the required columns.

    Raise DataError if there is none, listing the columns of the layout that has the most.
    """
    given = _DELIMITER_LINE.fullmatch(next(file.lines(), ""))
    found: list[_Layout] = []
    unfit: _UnfitRow | None = None
    for delimiter in [given[1]] if given else _DELIMITERS:
        try:
            found.append(_header(file, delimiter, first=2 if given else 1))
        except _UnfitRow as error:
            unfit = unfit or error
    if not any(layout.header for layout in found):
        raise unfit or DataError(f"{file.name}: empty; expected a header and rows")
    return _best(file.name, found, names)


def _best(name: str, layouts: list[_Layout], names: ColumnNames) -> _Layout:
    fitting = [layout for layout in layouts if _has_columns(layout, names)]
    if not fitting:
        return max(layouts, key=lambda layout: len(layout.header))
    if len(fitting) > 1 and fitting[0].delimiter != ",":
        listed = " or ".join(layout.delimiters for layout in fitting)
        raise DataError(f"{name}: columns separated by {listed}; separate them by commas")
    return fitting[0]


def _has_columns(layout: _Layout, names: ColumnNames) -> bool:
    try:
        choose_columns("", layout.header, names)
    except DataError:
        return False
    return True


def _header(file: TextFile, delimiter: str, first: int) -> _Layout:
    """Return the layout by a delimiter, without columns if the file is empty. Raise _UnfitRow."""
    records = csv.reader(file.lines_from(first), delimiter=delimiter, strict=True)
    try:
        header = next(filter(None, records), [])
    except csv.Error as error:
        raise _unfit(file.name, error, first, first + records.line_num) from None
    return _Layout(delimiter, header, first + records.line_num)


def _rows(name: str, lines: Iterator[str], layout: _Layout, first: int) -> Iterator[dict[str, Any]]:
    """Yield the rows in the lines, of which the first has the number ``first``."""
    header = layout.header
    records = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    line = first
    try:
        for record in records:
            if len(record) == len(header):
                yield dict(zip(header, record))
            elif record:  # a blank line has no cells
                raise _UnfitRow(
                    f"{name}: line {line}: the header has {len(header)} cells, this row "
                    f"{len(record)}; quote cells that contain {layout.delimiters} or line breaks",
                    line,
                    first + records.line_num,
                )
            line = first + records.line_num
    except csv.Error as error:
        raise _unfit(name, error, line, first + records.line_num) from None


def _unfit(name: str, error: csv.Error, first: int, end: int) -> _UnfitRow:
    reason = f"{error}; check the quotes"
    if str(error).startswith(_CARRIAGE_RETURN):
        reason = "a carriage return in a cell without quotes; quote the cell, or remove it"
    return _UnfitRow(f"{name}: line {first}: {reason}", first, end)
