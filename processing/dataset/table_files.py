"""Tables in CSV, JSON and Parquet files, read front to back, a few rows at a time."""

from __future__ import annotations

from pathlib import Path

from processing.dataset.columns import ColumnNames
from processing.dataset.files.file_content import CSV, JSON, PARQUET, file_format
from processing.dataset.rows.csv_rows import csv_table
from processing.dataset.rows.json_rows import json_table
from processing.dataset.rows.parquet_rows import parquet_table
from processing.dataset.rows.table import Table
from processing.dataset.rows.text_lines import MAX_LINE_BYTES, TextFile
from processing.errors import DataError


def open_table(
    path: Path,
    names: ColumnNames,
    *,
    source: str = "",
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Table:
    """Return a table. Raise DataError, with file and line or row, for what is invalid.

    source: what messages call the file.
    """
    source = source or path.name
    found = file_format(path, source)
    text = TextFile(path, source, found.encoding, max_line_bytes)
    if found.kind == CSV:
        return csv_table(text, names)
    if found.kind == JSON:
        return json_table(text, names)
    if found.kind == PARQUET and not found.compression:
        return parquet_table(path, source, names)
    raise DataError(f"{source}: {found.compression} {found.kind} inside an archive; unpack it")
