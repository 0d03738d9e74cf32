"""Prepare: new reviews become the features that a version was trained with.

    raw reviews -> tokens -> the version's vocabulary -> part files of features
                                                      -> part files of id,words,known

It is Preprocess without labels, splits and fitting: the same readers, the same text path, the same
rows. Without fitting, one pass is enough, so memory doesn't grow with the number of reviews. Rows
are in the order of the input. A review without a usable text becomes a row without words, and its
number of words is -1.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser
from processing.dataset.columns import add_column_options, columns_from_options
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import UnusableReviews
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.features.preprocessing import ngram_weights_in, read_preprocessing
from processing.features.row_encoder import EncodedRows, RowEncoder, split_batches
from processing.features.writer import FORMATS, ROWS_PER_TEST_PART, rows_in_memory
from processing.part_files import part_name
from processing.progress import Progress
from processing.row_files import UNUSABLE, row_line
from processing.worker_pool import WorkerPool, add_workers_option


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Prepare job."""
    parser = ArgumentParser(prog="prepare", description=__doc__, allow_abbrev=False)
    parser.add_argument("--raw", type=Path, required=True, help="folder of the new reviews")
    parser.add_argument("--version", type=Path, required=True, help="folder that FindModel wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    add_column_options(parser, labelled=False)
    add_workers_option(parser)
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job.

    Raise DataError without any review, and if this code can't preprocess for the version.
    """
    version = read_preprocessing(options.version)
    encode = RowEncoder(version, ngram_weights_in(options.version, version.feature_set))
    reader = DatasetReader(options.raw, ReadOptions(columns_from_options(options)))
    batches = split_batches(reader.batches(), rows_in_memory(version.width))
    with WorkerPool(options.workers) as pool:
        count, unusable = _write(
            pool.map(encode, batches), options.output, FORMATS[version.feature_format].suffix
        )
    if not count:
        raise DataError(f"{options.raw}: no review to score; give one at least")
    unusable.print("not scored:", "their scores are empty")
    print(f"wrote {count:,} rows", flush=True)


def _write(
    batches: Iterable[EncodedRows], output: Path, suffix: str
) -> tuple[int, UnusableReviews]:
    """Write features and rows; return the number of rows, and those without a usable text.

    Parts have at most `ROWS_PER_TEST_PART` rows, and end between batches.
    """
    folders = {output / names.FEATURES: suffix, output / names.ROWS: "csv"}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    count, in_part, part = 0, 0, 0
    unusable = UnusableReviews()
    progress = Progress(lambda done, rate: f"wrote {done:,} rows ({rate:,.0f} per second)")
    for rows in batches:
        if in_part + len(rows.names) > ROWS_PER_TEST_PART:
            in_part, part = 0, part + 1
        for (folder, ending), lines in zip(folders.items(), ([rows.lines], _row_lines(rows))):
            path = folder / f"{part_name(part)}.{ending}"
            with path.open("ab" if in_part else "wb") as file:
                file.writelines(lines)
        in_part += len(rows.names)
        count += len(rows.names)
        unusable.add(rows.skipped)
        progress.update(count)
    return count, unusable


def _row_lines(rows: EncodedRows) -> Iterator[bytes]:
    words = rows.words.copy()
    words[rows.unusable] = UNUSABLE
    return map(row_line, rows.names, words.tolist(), rows.known.tolist())
