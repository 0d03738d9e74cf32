"""Inspect: print what is known of a dataset before any job starts, as JSON.

    a file or folder, in place -> its reviews, or only the head -> classes, splits, lengths, faults

It reads with the functions of Preprocess, or of Prepare for reviews to score, so it finds and
refuses the same. Of the head it can't say that something is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import time
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser, positive_integer
from processing.dataset.columns import ColumnNames, Columns
from processing.dataset.head import HeadReader, ReadFile, folder_of
from processing.dataset.reviews import LAYOUT
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.features.inspection import Inspector
from processing.features.options import add_dataset_options, read_options
from processing.names import Inspection


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Inspect job."""
    parser = ArgumentParser(prog=names.INSPECT, description=__doc__, allow_abbrev=False)
    parser.add_argument("--dataset", type=Path, required=True, help="a file or folder")
    add_dataset_options(parser)
    parser.add_argument("--scoring", action="store_true", help="the reviews have no labels")
    parser.add_argument(
        "--rows", type=positive_integer, help="read at most this many, an equal part of each file"
    )
    parser.add_argument("--seconds", type=float, help="stop reading after this time")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError for a dataset that can't be used."""
    with folder_of(options.dataset) as folder, contextlib.redirect_stdout(io.StringIO()) as notes:
        inspected = _inspect(folder, options)
    of_reader = [line for line in notes.getvalue().splitlines() if ": columns: " not in line]
    print(json.dumps({**inspected, Inspection.NOTES: [*of_reader, *inspected[Inspection.NOTES]]}))


def _inspect(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    read = ReadOptions(_columns_to_score(options)) if options.scoring else read_options(options)
    is_file = options.dataset.is_file()
    reader = HeadReader(folder, read, options.rows, is_file=is_file)
    inspector = Inspector(None if options.scoring else options.positive_label)
    is_complete = _read_until(reader, inspector, options.seconds)
    again = HeadReader(folder, read, options.rows, is_file=is_file)
    inspector.require_unique_names(again.batches())
    if is_complete and not inspector.rows:
        has_table = any(file.format and file.format.is_table for file in reader.read)
        layout = "<name>.txt" if options.scoring else LAYOUT
        missing = "rows" if has_table else f"reviews; expected {layout}, or a table"
        raise DataError(f"{options.dataset.name}: no {missing}")
    columns = reader.summary.columns
    return {
        **inspector.result(
            reader.summary.found_splits, options.validation_fraction, complete=is_complete
        ),
        Inspection.FILES: [
            _file(file, options.dataset, columns.get(file.name)) for file in reader.read
        ],
    }


def _columns_to_score(options: argparse.Namespace) -> ColumnNames:
    return ColumnNames(options.text_column, options.id_column, label=None)


def _read_until(reader: HeadReader, inspector: Inspector, seconds: float | None) -> bool:
    """Add the reviews that can be read in this time; return whether those were all."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    for batch in reader.batches():
        inspector.add(batch)
        if time.monotonic() > end:
            return False
    return all(file.is_complete for file in reader.read)


def _file(file: ReadFile, dataset: Path, columns: Columns | None) -> dict[str, Any]:
    return {
        Inspection.NAME: file.name or dataset.name,
        Inspection.FORMAT: str(file.format or "text files"),
        Inspection.BYTES: file.size,
        Inspection.COLUMNS: columns.by_role() if columns else None,
        names.ROWS: file.rows,
        Inspection.COMPLETE: file.is_complete,
    }
