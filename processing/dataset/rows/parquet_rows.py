"""Rows of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processing.dataset.columns import ColumnNames, Columns, choose_columns
from processing.dataset.rows.table import Table
from processing.errors import DataError, printable

# Rows and bytes of a column that are in memory at a time.
_ROWS = 1_000
_BUFFER = 1 << 20


def parquet_table(path: Path, name: str, names: ColumnNames) -> Table:
    """Return the table. name: what messages call the file.

    Raise DataError for a missing column, a column that holds something else than text, or text and
    numbers, and text that isn't UTF-8.
    """
    with _errors(name):
        from pyarrow import parquet

        schema = parquet.read_schema(path)
    columns = choose_columns(name, schema.names, names)
    wanted = [column for column in schema.names if column in columns.read]
    for column in wanted:
        kind = _value_type(schema.field(column).type)
        is_text = _is_text(kind) or _is_binary(kind)
        require_kind(name, columns, column, is_text=is_text, is_number=_is_number(kind))
    return Table(columns, _rows(path, name, wanted))


def require_kind(
    name: str, columns: Columns, column: str, *, is_text: bool, is_number: bool
) -> None:
    """Raise DataError unless a column holds text, or numbers where they may be; name: the file."""
    if column == columns.text and not is_text:
        raise DataError(f"{name}: column {column!r} doesn't hold text; choose another")
    if not (is_text or is_number):
        raise DataError(f"{name}: column {column!r} holds neither text nor numbers; choose another")


def not_utf8(name: str, row: int, error: UnicodeDecodeError) -> DataError:
    """Return the error for a row with invalid text; name: the file."""
    return DataError(f"{name}: row {row}: not UTF-8 at byte {error.start}; write it as UTF-8")


def not_parquet(name: str) -> DataError:
    """Return the error for a file that can't be read; name: the file."""
    return DataError(f"{name}: not a valid Parquet file; write it again")


def _rows(path: Path, name: str, wanted: list[str]) -> Iterator[dict[str, Any]]:
    from pyarrow import parquet

    # Without these options a whole row group, perhaps the whole file, is in memory at a time.
    with _errors(name), parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        first = 1
        for batch in file.iter_batches(_ROWS, columns=wanted, use_threads=False):
            yield from _batch_rows(_with_text(batch), name, first)
            first += batch.num_rows


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Raise DataError for errors of pyarrow, and without it."""
    try:
        import pyarrow
    except ImportError:
        raise DataError(f"{name}: install pyarrow to read Parquet") from None
    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        print(f"{name}: {printable(str(error)):.300}", flush=True)
        raise not_parquet(name) from None


def _is_text(kind: Any) -> bool:
    """Return whether an Arrow type is text."""
    from pyarrow import types

    text_types = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_type(kind) for is_type in text_types)


def _is_binary(kind: Any) -> bool:
    """Return whether an Arrow type is bytes."""
    from pyarrow import types

    binary_types = (
        *(types.is_binary, types.is_large_binary, types.is_binary_view),
        types.is_fixed_size_binary,
    )
    return any(is_type(kind) for is_type in binary_types)


def _is_number(kind: Any) -> bool:
    """Return whether an Arrow type is numbers, true and false, or nothing but null."""
    from pyarrow import types

    number_types = (types.is_integer, types.is_floating, types.is_decimal)
    return any(is_type(kind) for is_type in (*number_types, types.is_boolean, types.is_null))


def _value_type(kind: Any) -> Any:
    from pyarrow import types

    return kind.value_type if types.is_dictionary(kind) else kind


def _with_text(batch: Any) -> Any:
    """Return a batch whose columns of bytes are text, which isn't checked to be UTF-8.

    Writers without a type for text, as Impala and older versions of Spark, store it as bytes.
    """
    import pyarrow
    from pyarrow import types

    columns = []
    for column in batch.columns:
        if _is_binary(_value_type(column.type)):
            values = column.dictionary_decode() if types.is_dictionary(column.type) else column
            whole = values.cast(pyarrow.large_binary())
            columns.append(whole.cast(pyarrow.large_string(), safe=False))
        else:
            columns.append(column)
    return pyarrow.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _batch_rows(batch: Any, name: str, first: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a batch. Raise DataError for the first text that isn't UTF-8."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for row in range(batch.num_rows):
            try:
                yield from batch.slice(row, 1).to_pylist()
            except UnicodeDecodeError as error:
                raise not_utf8(name, first + row, error) from None
