"""Reviews in tables: CSV, JSON lines, Parquet; the first two plain or gzip-compressed.

A table has a column of texts, one of labels if a model shall learn from it, and may have one of ids
and one named ``half`` that says ``train`` or ``test``. All are read front to back, some rows at a
time.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from processing.errors import DataError, printable
from processing.hashing import is_for_testing

CSV = (".csv", ".csv.gz")
JSON_LINES = (".jsonl", ".jsonl.gz")
PARQUET = (".parquet",)
ENDINGS = (*CSV, *JSON_LINES, *PARQUET)

HALF = "half"
_HALVES = ("train", "test")
_LONGEST_CELL = 1 << 30
_ROWS_AT_A_TIME = 1_000

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


def is_table(path: Path) -> bool:
    """Whether a file's name says that it is a table.

    >>> is_table(Path("reviews.csv.gz")), is_table(Path("reviews.tar.gz"))
    (True, False)
    """
    return path.name.endswith(ENDINGS)


def read_table(path: Path, rules: Rules, prefix: str = "") -> Iterator[TableReview]:
    """The rows of a table as reviews, front to back.

    prefix: stands before the number of a row that has no id. Raises DataError, naming file and row.
    """
    rows = _rows(path, rules.columns)
    for number, values in enumerate(rows, start=1):
        yield review_of(values, rules, where=f"{path.name}: row {number}", name=f"{prefix}{number}")


def review_of(values: Values, rules: Rules, *, where: str, name: str) -> TableReview:
    """The review in a row; ``name`` is its name if it has no id. Raises DataError.

    >>> row = {"text": "Fine.", "label": 1, "id": 7}
    >>> review_of(row, Rules(Columns(), test_fraction=0.2), where="row 1", name="1")
    TableReview(name='7', text='Fine.', label='1', in_train=True)
    """
    columns = rules.columns
    if columns.id in values:
        name = _as_text(values[columns.id])
    if not name or "\0" in name:
        raise DataError(f"{where}: no id in column {columns.id!r}; fill it, or name another column")
    text = values.get(columns.text)
    label = "" if columns.label is None else _as_text(values.get(columns.label))
    in_train = columns.label is not None and _is_for_training(values, rules, where, name)
    return TableReview(name, text if isinstance(text, str) else None, label, in_train)


def _is_for_training(values: Values, rules: Rules, where: str, name: str) -> bool:
    if HALF not in values:
        return not is_for_testing(name, rules.seed, rules.test_fraction)
    half = values[HALF]
    if half not in _HALVES:
        raise DataError(f"{where}: {HALF} is {half!r:.40}; it must be train or test")
    return bool(half == "train")


def _as_text(value: Any) -> str:
    """An id or a label as text: 1 and 1.0 are the same, as in a column that Parquet widened.

    >>> [_as_text(value) for value in (" good ", 1, 1.0, 0.5, True, None)]
    ['good', '1', '1', '0.5', 'true', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _rows(path: Path, columns: Columns) -> Iterator[Values]:
    if path.name.endswith(PARQUET):
        return _parquet(path, columns)
    return (_csv if path.name.endswith(CSV) else _json_lines)(path, columns)


def _csv(path: Path, columns: Columns) -> Iterator[Values]:
    csv.field_size_limit(_LONGEST_CELL)
    with _opened(path) as file:
        rows = csv.reader(_lines(path, file), strict=True)
        try:
            header = next(rows, None)
            if header is None:
                raise DataError(f"{path.name}: empty; expected a header and rows")
            insist_columns(path.name, header, columns)
            for row in rows:
                if not row:  # a blank line
                    continue
                if len(row) != len(header):
                    raise DataError(
                        f"{path.name}: line {rows.line_num}: {len(row)} cells below a header of "
                        f"{len(header)}; quote cells that hold commas or lines"
                    )
                yield dict(zip(header, row))
        except csv.Error as error:
            raise DataError(
                f"{path.name}: line {rows.line_num}: {error}; check the quotes"
            ) from None


def _json_lines(path: Path, columns: Columns) -> Iterator[Values]:
    with _opened(path) as file:
        for number, line in enumerate(_lines(path, file), start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except ValueError:
                values = None
            if not isinstance(values, dict):
                raise DataError(f"{path.name}: line {number}: no JSON object; write one a line")
            insist_columns(f"{path.name}: line {number}", list(values), columns)
            yield values


def _parquet(path: Path, columns: Columns) -> Iterator[Values]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise DataError(f"{path.name}: reading Parquet needs the package pyarrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            insist_columns(path.name, names, columns)
            kind = file.schema_arrow.field(columns.text).type
            if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
                raise DataError(f"{path.name}: column {columns.text!r} holds {kind}, not text")
            wanted = [name for name in (*columns.needed, columns.id, HALF) if name in names]
            for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=wanted):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path.name}: no Parquet file that can be read ({error})") from None


def insist_columns(where: str, found: Sequence[str], columns: Columns) -> None:
    """Raises DataError unless the table has the columns, each once."""
    twice = [name for name in found if found.count(name) > 1]
    if twice:
        raise DataError(f"{where}: column {printable(twice[0])!r} is there twice; rename one")
    for name in columns.needed:
        if name not in found:
            there = ", ".join(repr(printable(column)) for column in found[:20])
            raise DataError(f"{where}: no column {name!r}; there are {there or 'none'}")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, uncompressed."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield file  # type: ignore[misc]  # a GzipFile reads as any file does
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: damaged gzip stream ({error}); write it again") from None


def _lines(path: Path, file: BinaryIO) -> Iterator[str]:
    """The lines with their ends, without the mark that some programs put before the first."""
    for number, line in enumerate(file, start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path.name}: line {number}: not UTF-8 at byte {error.start}; save it as UTF-8"
            ) from None
        yield text.removeprefix("\ufeff") if number == 1 else text
