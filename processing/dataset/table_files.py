"""Rows of CSV, JSON lines and Parquet files, read front to back, a few at a time."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any

from processing.dataset.columns import ColumnNames, report_deprecated, require_columns
from processing.dataset.file_formats import CSV_SUFFIXES, is_parquet, table_suffix
from processing.errors import DataError

MAX_LINE_BYTES = 1 << 26
"""A file with a longer line isn't lines of texts, or a quote in it isn't closed."""

_BYTE_ORDER_MARK = "\ufeff"  # some programs write it before the first line

# Parquet: rows and bytes of a column that are in memory at a time.
_PARQUET_ROWS = 1_000
_PARQUET_BUFFER = 1 << 20

TableRow = Mapping[str, Any]
"""A row's cells by column name."""


def read_values(
    path: Path, columns: ColumnNames, *, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[TableRow]:
    """Yield the rows of a table. Raise DataError, with file and line or row, for invalid ones."""
    if is_parquet(path):
        return _parquet(path, columns)
    lines = _lines(path, max_line_bytes)
    is_csv = table_suffix(path.name) in CSV_SUFFIXES
    return (_csv if is_csv else _json_lines)(path.name, lines, columns)


def _lines(path: Path, max_bytes: int) -> Iterator[str]:
    """Yield the lines of a text file, plain or compressed with gzip, with their line ends."""
    number = 0
    is_compressed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path) if is_compressed else path.open("rb") as file:
            for number, line in enumerate(iter(partial(file.readline, max_bytes), b""), start=1):
                if len(line) == max_bytes:
                    raise DataError(
                        f"{path.name}: line {number}: longer than {max_bytes >> 20} MB; close the "
                        "quotes, or write a row a line"
                    )
                text = line.decode("utf-8")
                yield text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}: line {number}: not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: damaged gzip stream ({error}); write it again") from None


def _csv(file: str, lines: Iterator[str], columns: ColumnNames) -> Iterator[TableRow]:
    csv.field_size_limit(MAX_LINE_BYTES)
    records = _csv_records(file, lines)
    _, header = next(records, (0, None))
    if header is None:
        raise DataError(f"{file}: empty; expected a header and rows")
    require_columns(file, header, columns)
    report_deprecated(file, header, columns)
    for line, record in records:
        if len(record) != len(header):
            raise DataError(
                f"{file}: line {line}: {len(record)} cells, but the header has {len(header)}; "
                "quote cells that contain commas or line breaks"
            )
        yield dict(zip(header, record))


def _csv_records(file: str, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (first line, cells) of each record that isn't blank."""
    records = csv.reader(lines, strict=True)
    line = 1
    try:
        for record in records:
            if record:
                yield line, record
            line = records.line_num + 1
    except csv.Error as error:
        raise DataError(f"{file}: line {line}: {error}; check the quotes") from None


def _json_lines(file: str, lines: Iterator[str], columns: ColumnNames) -> Iterator[TableRow]:
    validated: Set[str] = frozenset()
    is_first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):  # RecursionError: deeply nested lists
            values = None
        if not isinstance(values, dict):
            raise DataError(f"{file}: line {number}: not a JSON object; write one object a line")
        if values.keys() != validated:
            require_columns(f"{file}: line {number}", list(values), columns)
            validated = values.keys()
        if is_first:
            report_deprecated(file, list(values), columns)
            is_first = False
        yield values


def _parquet(path: Path, columns: ColumnNames) -> Iterator[TableRow]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise DataError(f"{path.name}: install pyarrow to read Parquet") from None
    try:
        # Without these options a whole row group, perhaps the whole file, is in memory at a time.
        with parquet.ParquetFile(path, buffer_size=_PARQUET_BUFFER, pre_buffer=False) as file:
            schema = file.schema_arrow
            require_columns(path.name, schema.names, columns)
            report_deprecated(path.name, schema.names, columns)
            kind = schema.field(columns.text).type
            if not _is_text(kind):
                raise DataError(
                    f"{path.name}: column {columns.text!r} holds {kind}, not text; choose another"
                )
            wanted = [name for name in columns.read if name in schema.names]
            first = 1
            for batch in file.iter_batches(_PARQUET_ROWS, columns=wanted, use_threads=False):
                yield from _batch_rows(batch, f"{path.name}: row ", first)
                first += batch.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(
            f"{path.name}: not a valid Parquet file ({error}); write it again"
        ) from None


def _is_text(kind: Any) -> bool:
    """Return whether an Arrow type is text, or a dictionary of texts."""
    from pyarrow import types

    value_type = kind.value_type if types.is_dictionary(kind) else kind
    text_types = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_type(value_type) for is_type in text_types)


def _batch_rows(batch: Any, where: str, first: int) -> list[TableRow]:
    """Return the rows of a batch. Raise DataError for the first text that isn't UTF-8."""
    try:
        return list(batch.to_pylist())
    except UnicodeDecodeError:
        for row in range(batch.num_rows):
            try:
                batch.slice(row, 1).to_pylist()
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{where}{first + row}: not UTF-8 at byte {error.start}; write it as UTF-8"
                ) from None
        raise
