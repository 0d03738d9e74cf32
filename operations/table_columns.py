"""Columns of local tables, checked before a table is stored, uploaded or read by a job."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from operations.datasets import S3, WEB, local_path
from operations.errors import UsageError
from processing.dataset.file_formats import (
    CSV_SUFFIXES,
    data_files,
    is_parquet,
    is_table,
    table_suffix,
)
from processing.names import Parameter

_OPTIONAL = {Parameter.ID_COLUMN: "id"}
"""Columns that a table needn't have if they have their default name."""

_COLUMNS = (Parameter.TEXT_COLUMN, Parameter.LABEL_COLUMN, Parameter.ID_COLUMN)
_HEAD = 1 << 20  # characters to find the header in
_MAX_LISTED = 40  # columns in a message, and characters of their names


def require_columns(
    dataset: str, values: Mapping[str, Any], options: Mapping[str, str] | None = None
) -> None:
    """Raise UsageError if a local table lacks a column that a parameter names.

    values: of the pipeline's parameters. options: that set a parameter, instead of --parameter.
    Tables that can't be read are left to the job, whose message has the line.
    """
    wanted = {
        parameter: str(values[parameter])
        for parameter in _COLUMNS
        if values.get(parameter) not in (None, _OPTIONAL.get(parameter))
    }
    for path, shown in _local_tables(dataset):
        columns = _columns(path)
        for parameter, name in wanted.items():
            if columns and name not in columns:
                how = (options or {}).get(parameter, f"--parameter {parameter}=...")
                listed = ", ".join(repr(column[:_MAX_LISTED]) for column in columns[:_MAX_LISTED])
                raise UsageError(f"{shown}: no column {name!r}; set {how} to one of {listed}")


def _local_tables(dataset: str) -> Iterator[tuple[Path, str]]:
    """Yield each table of a local dataset, and its path as the user would write it.

    Tables beside text files aren't read.
    """
    if dataset.startswith((*WEB, S3)):
        return
    path = local_path(dataset)
    if path.is_dir() and not any(path.rglob("*.txt")):
        yield from ((file, str(file)) for file in data_files(path) if is_table(file))
    elif path.is_file() and is_table(path):
        yield path, dataset


def _columns(table: Path) -> list[str]:
    """The names of a table's columns, of JSON lines those of the first; empty if unreadable."""
    try:
        if is_parquet(table):
            from pyarrow import parquet

            return list(parquet.read_schema(table).names)
        return _columns_of_text(_head(table), is_csv=table_suffix(table.name) in CSV_SUFFIXES)
    except (csv.Error, EOFError, ImportError, OSError, RecursionError, ValueError, zlib.error):
        return []


def _columns_of_text(head: TextIO, *, is_csv: bool) -> list[str]:
    if is_csv:
        return next((record for record in csv.reader(head, strict=True) if record), [])
    first = json.loads(next(filter(str.strip, head), "{}"))
    return list(first) if isinstance(first, dict) else []


def _head(table: Path) -> TextIO:
    """The first characters of a text file, plain or compressed with gzip."""
    opened = gzip.open if table.name.lower().endswith(".gz") else open
    with opened(table, "rt", encoding="utf-8-sig", newline="") as file:
        return io.StringIO(file.read(_HEAD), newline="")
