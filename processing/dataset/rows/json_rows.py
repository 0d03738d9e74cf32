"""Rows of JSON: an object on each line, or objects in a list or one after the other."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from processing.dataset.columns import ColumnNames, Columns, choose_columns
from processing.dataset.rows.table import Table
from processing.dataset.rows.text_lines import CHUNK, MAX_LINE_BYTES, TextFile
from processing.errors import DataError

_KEYS_FROM = 1_000
"""The columns are the keys of this many objects, or of all if a required one isn't in these."""

_BETWEEN = re.compile(r"[\s,]*")


def json_table(file: TextFile, names: ColumnNames) -> Table:
    """Return the table of objects, each with the keys that it has.

    Raise DataError if a required column is in no object, and for content that isn't objects.
    """
    objects = _objects_in_lines if _is_lines(file) else _objects_in_stream
    columns = _columns(file, objects, names)
    return Table(columns, objects(file)) if columns else Table(Columns(""), iter(()))


def _columns(
    file: TextFile,
    objects: Callable[[TextFile], Iterator[dict[str, Any]]],
    names: ColumnNames,
) -> Columns | None:
    """Return the columns; None if there is no object. Raise DataError."""
    found: dict[str, None] = {}
    for number, values in enumerate(objects(file), start=1):
        if number == 1:
            _refuse_columns_as_rows(file.name, values)
        found.update(dict.fromkeys(values))
        if number % _KEYS_FROM == 0:
            try:
                return choose_columns(file.name, list(found), names)
            except DataError:
                continue  # a later object may have the column
    return choose_columns(file.name, list(found), names) if found else None


def _refuse_columns_as_rows(name: str, values: dict[str, Any]) -> None:
    """Raise DataError for an object of columns, as pandas writes a table by default."""
    cells = list(values.values())
    if cells and all(isinstance(cell, dict) and cell.keys() == cells[0].keys() for cell in cells):
        raise DataError(
            f"{name}: an object of columns, not of rows; write an object a row, in pandas with "
            "to_json(orient='records', lines=True)"
        )


def _is_lines(file: TextFile) -> bool:
    """Return whether each line is an object: unless the file is a list, or the first line isn't."""
    start = next(filter(str.strip, file.chunks()), "").lstrip()
    if not start.startswith("{"):
        return not start.startswith("[")
    try:
        json.loads(next(filter(str.strip, file.lines())))
    except (ValueError, RecursionError):
        return False
    return True


def _objects_in_lines(file: TextFile) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file.lines(), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):  # RecursionError: deeply nested lists
            values = None
        if not isinstance(values, dict):
            raise DataError(
                f"{file.name}: line {number}: not a JSON object; write one object a line"
            )
        yield values


def _objects_in_stream(file: TextFile) -> Iterator[dict[str, Any]]:
    """Yield objects that may have several lines, in a list or one after the other.

    A chunk of the file, and at least one object, are in memory at a time.
    """
    decode = json.JSONDecoder().raw_decode
    chunks = file.chunks()
    text, at, line = "", 0, 1
    is_list: bool | None = None
    while True:
        start = at
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        line += text.count("\n", start, at)
        if at == len(text):
            text, at = next(chunks, ""), 0
            if text:
                continue
            if is_list:
                raise DataError(f"{file.name}: truncated: no ] at the end; fetch or write it again")
            return
        if is_list is None:
            is_list = text[at] == "["
            at += is_list
            continue
        if is_list and text[at] == "]":
            if text[at + 1 :].strip() or any(map(str.strip, chunks)):
                raise _not_an_object(file.name, line)
            return
        try:
            values, end = decode(text, at)
        except ValueError:  # invalid, or cut at the end of the chunk
            more = "".join(itertools.islice(chunks, 1 + (len(text) - at) // CHUNK))
            if not more or len(text) - at > MAX_LINE_BYTES:
                raise _not_an_object(file.name, line) from None
            text, at = text[at:] + more, 0
            continue
        except RecursionError:
            values = None
        if not isinstance(values, dict):
            raise _not_an_object(file.name, line)
        yield values
        line += text.count("\n", at, end)
        at = end


def _not_an_object(name: str, line: int) -> DataError:
    return DataError(
        f"{name}: line {line}: not a JSON object; write a list of objects, or one object a line"
    )
