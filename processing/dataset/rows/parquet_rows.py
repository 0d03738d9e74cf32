"""Rows of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processing.dataset.columns import ColumnNames, choose_columns
from processing.dataset.rows.table import Table
from processing.errors import DataError

# Rows and bytes of a column that are in memory at a time.
_ROWS = 1_000
_BUFFER = 1 << 20


def parquet_table(path: Path, name: str, names: ColumnNames) -> Table:
    """Return the table. name: what messages call the file.

    Raise DataError for a missing column, a column of texts that holds something else, and text that
    isn't UTF-8.
    """
    with _errors(name):
        from pyarrow import parquet

        schema = parquet.read_schema(path)
    columns = choose_columns(name, schema.names, names)
    if columns.text in schema.names:
        kind = schema.field(columns.text).type
        if not (_is_text(kind) or _is_binary(kind)):
            raise DataError(
                f"{name}: column {columns.text!r} holds {kind}, not text; choose another"
            )
    wanted = [column for column in columns.read if column in schema.names]
    return Table(columns, _rows(path, name, wanted))


def _rows(path: Path, name: str, wanted: list[str]) -> Iterator[dict[str, Any]]:
    from pyarrow import parquet

    # Without these options a whole row group, perhaps the whole file, is in memory at a time.
    with _errors(name), parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        first = 1
        for batch in file.iter_batches(_ROWS, columns=wanted, use_threads=False):
            yield from _batch_rows(_with_text(batch), f"{name}: row ", first)
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
        raise DataError(f"{name}: not a valid Parquet file ({error}); write it again") from None


def _is_text(kind: Any) -> bool:
    """Return whether an Arrow type is text, or a dictionary of texts."""
    from pyarrow import types

    text_types = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_type(_value_type(kind)) for is_type in text_types)


def _is_binary(kind: Any) -> bool:
    """Return whether an Arrow type is bytes, or a dictionary of bytes."""
    from pyarrow import types

    binary_types = (
        *(types.is_binary, types.is_large_binary, types.is_binary_view),
        types.is_fixed_size_binary,
    )
    return any(is_type(_value_type(kind)) for is_type in binary_types)


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
        if _is_binary(column.type):
            values = column.dictionary_decode() if types.is_dictionary(column.type) else column
            whole = values.cast(pyarrow.large_binary())
            columns.append(whole.cast(pyarrow.large_string(), safe=False))
        else:
            columns.append(column)
    return pyarrow.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _batch_rows(batch: Any, where: str, first: int) -> list[dict[str, Any]]:
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
