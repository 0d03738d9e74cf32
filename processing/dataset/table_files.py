"""Rows of CSV, JSON and Parquet files, read front to back, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from processing.dataset.columns import ColumnNames
from processing.dataset.file_content import CSV, JSON, PARQUET, file_format
from processing.dataset.rows.csv_rows import csv_rows
from processing.dataset.rows.json_rows import json_rows
from processing.dataset.rows.parquet_rows import parquet_rows
from processing.dataset.rows.text_lines import MAX_LINE_BYTES, TextFile
from processing.errors import DataError

TableRow = Mapping[str, Any]
"""A row's cells by column name."""


def read_values(
    path: Path,
    columns: ColumnNames,
    *,
    source: str = "",
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Iterator[TableRow]:
    """Yield the rows of a table. Raise DataError, with file and line or row, for invalid ones.

    source: what messages call the file.
    """
    source = source or path.name
    found = file_format(path, source)
    text = TextFile(path, source, found.encoding, max_line_bytes)
    if found.kind == CSV:
        return csv_rows(text, columns)
    if found.kind == JSON:
        return json_rows(text, columns)
    if found.kind == PARQUET and not found.compression:
        return parquet_rows(path, source, columns)
    raise DataError(f"{source}: {found.compression} {found.kind} inside an archive; unpack it")
