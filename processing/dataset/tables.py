"""Reviews in tables: CSV, JSON lines, Parquet; the first two plain or gzip-compressed.

A table has a column of texts, one of labels if a model shall learn from it, and may have one of ids
and one named ``half`` that says ``train`` or ``test``. All are read front to back, some rows at a
time.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.dataset.file_formats import CSV, ending, is_parquet
from processing.dataset.hashing import is_for_testing
from processing.dataset.text_lines import LONGEST, read_lines
from processing.errors import DataError, printable

HALF = "half"
_HALVES = ("train", "test")
_ROWS_AT_A_TIME = 1_000
_BUFFERED = 1 << 20  # bytes of each column

_TOLD = 40  # columns, and letters of their names

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Columns:
    """Which columns hold what. label: None where nothing is learned, so none is looked at."""

    text: str = "text"
    id: str = "id"
    label: str | None = "label"

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which a table can't be used."""
        return (self.text,) if self.label is None else (self.text, self.label)


@dataclass(frozen=True)
class Rules:
    """How rows become reviews: their columns, and which rows a model is tested on."""

    columns: Columns
    seed: int = 0
    test_fraction: float = 0.2


@dataclass(frozen=True)
class TableReview:
    """A row: ``text`` is None where the cell holds no text, ``label`` "" where it holds none."""

    name: str
    text: str | None
    label: str
    in_train: bool


def add_column_options(parser: argparse.ArgumentParser, *, labelled: bool) -> None:
    """The options that name columns."""
    parser.add_argument("--text-column", default="text", help="of tables: where the texts are")
    parser.add_argument("--id-column", default="id", help="of tables: what tells rows apart")
    if labelled:
        parser.add_argument("--label-column", default="label", help="of tables: either label")


def columns_of_options(options: argparse.Namespace) -> Columns:
    """What `add_column_options` asked for."""
    return Columns(options.text_column, options.id_column, getattr(options, "label_column", None))


def read_table(path: Path, rules: Rules, prefix: str = "") -> Iterator[TableReview]:
    """The rows of a table as reviews, front to back.

    prefix: stands before the number of a row that has no id. Raises DataError, naming file and row.
    """
    file, rows = path.name, _rows(path, rules.columns)
    for number, values in enumerate(rows, start=1):
        yield review_of(values, rules, where=f"{file}: row {number}", name=f"{prefix}{number}")


def review_of(values: Values, rules: Rules, *, where: str, name: str) -> TableReview:
    """The review in a row; ``name`` is its name if it has no id. Raises DataError.

    >>> row = {"text": "Fine.", "label": 1, "id": 7}
    >>> review_of(row, Rules(Columns(), test_fraction=0.2), where="row 1", name="1")
    TableReview(name='7', text='Fine.', label='1', in_train=True)
    """
    columns = rules.columns
    if columns.id in values:
        name = _cell(values, columns.id, where)
    if not name or "\0" in name:
        raise DataError(f"{where}: no id in column {columns.id!r}; fill it, or name another column")
    text = values.get(columns.text)
    label = "" if columns.label is None else _cell(values, columns.label, where)
    in_train = columns.label is not None and _is_for_training(values, rules, where, name)
    return TableReview(name, text if isinstance(text, str) else None, label, in_train)


def _is_for_training(values: Values, rules: Rules, where: str, name: str) -> bool:
    if HALF not in values:
        return not is_for_testing(name, rules.seed, rules.test_fraction)
    half = values[HALF]
    if half not in _HALVES:
        raise DataError(f"{where}: {HALF} is {half!r:.40}; it must be train or test")
    return bool(half == "train")


def _cell(values: Values, column: str, where: str) -> str:
    """An id or a label."""
    value = values.get(column)
    if isinstance(value, (list, dict)):
        raise DataError(f"{where}: column {column!r} holds a list or an object; name another one")
    return _as_text(value)


def _as_text(value: Any) -> str:
    """An id or a label as text: 1 and 1.0 are the same, as in a column that Parquet widened.

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


def _rows(path: Path, columns: Columns) -> Iterator[Values]:
    if is_parquet(path):
        return _parquet(path, columns)
    return (_csv if ending(path.name) in CSV else _json_lines)(path, columns)


def _csv(path: Path, columns: Columns) -> Iterator[Values]:
    csv.field_size_limit(LONGEST)
    rows = _records(path)
    _, header = next(rows, (0, None))
    if header is None:
        raise DataError(f"{path.name}: empty; expected a header and rows")
    insist_columns(path.name, header, columns)
    for line, row in rows:
        if len(row) != len(header):
            raise DataError(
                f"{path.name}: line {line}: {len(row)} cells below a header of {len(header)}; "
                "quote cells that hold commas or lines"
            )
        yield dict(zip(header, row))


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of CSV that aren't blank, with the line on which each begins."""
    rows = csv.reader(_lines(path), strict=True)
    line = 1
    try:
        for row in rows:
            if row:
                yield line, row
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path.name}: line {line}: {error}; check the quotes") from None


def _json_lines(path: Path, columns: Columns) -> Iterator[Values]:
    checked: Set[str] = frozenset()
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):  # the latter of lists in lists in lists
            values = None
        if not isinstance(values, dict):
            raise DataError(f"{path.name}: line {number}: no JSON object; write one a line")
        if values.keys() != checked:
            insist_columns(f"{path.name}: line {number}", list(values), columns)
            checked = values.keys()
        yield values


def _lines(path: Path) -> Iterator[str]:
    return read_lines(path, zipped=ending(path.name).endswith(".gz"))


def _parquet(path: Path, columns: Columns) -> Iterator[Values]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise DataError(f"{path.name}: reading Parquet needs the package pyarrow") from None
    try:
        # Otherwise a group of rows, which may be the whole file, is in memory at a time.
        with parquet.ParquetFile(path, buffer_size=_BUFFERED, pre_buffer=False) as file:
            schema = file.schema_arrow
            insist_columns(path.name, schema.names, columns)
            kind = schema.field(columns.text).type
            if not _is_text(kind):
                raise DataError(f"{path.name}: column {columns.text!r} holds {kind}, not text")
            wanted = [name for name in (*columns.needed, columns.id, HALF) if name in schema.names]
            first = 1
            for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=wanted, use_threads=False):
                yield from _listed(batch, f"{path.name}: row ", first)
                first += batch.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path.name}: no Parquet file that can be read ({error})") from None


def _is_text(kind: Any) -> bool:
    """Whether an Arrow type is one of text, or of text kept in a dictionary."""
    from pyarrow import types

    words = kind.value_type if types.is_dictionary(kind) else kind
    known = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_one(words) for is_one in known)


def _listed(batch: Any, where: str, first: int) -> list[Values]:
    """The batch's rows. Raises DataError for the first whose text isn't UTF-8."""
    try:
        return list(batch.to_pylist())
    except UnicodeDecodeError:
        for row in range(batch.num_rows):
            try:
                batch.slice(row, 1).to_pylist()
            except UnicodeDecodeError as error:
                told = f"{where}{first + row}: not UTF-8 at byte {error.start}; write it as UTF-8"
                raise DataError(told) from None
        raise


def insist_columns(where: str, found: Sequence[str], columns: Columns) -> None:
    """Raises DataError unless the table has the columns that are needed, and none of them twice."""
    for name in (*columns.needed, columns.id, HALF):
        if found.count(name) > 1:
            raise DataError(f"{where}: column {printable(name)!r} is there twice; rename one")
    for name in columns.needed:
        if name not in found:
            there = ", ".join(repr(printable(column[:_TOLD])) for column in found[:_TOLD])
            raise DataError(f"{where}: no column {name!r}; there are {there or 'none'}")
