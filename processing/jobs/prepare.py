"""Prepare: new reviews become the features that a version was trained on.

    raw reviews -> corpus of word ids -> the version's vocabulary -> part files of features
                                                                  -> part files of id,words,known

It is Preprocess without labels, split and fit: the same reading, the same text path, the same rows.
Rows keep the order in which they came. One that can't be used is a row without words, and -1 stands
for their number.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser
from processing.corpus.corpus import read_corpus
from processing.dataset.columns import add_column_options, column_names
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import Skipped
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.features.bag_of_words import scoring_encoding
from processing.features.preprocessing import read_preprocessing, read_weights
from processing.features.writer import FORMATS, write_rows
from processing.jobs.preprocess import part_count
from processing.row_files import UNUSABLE, write_row_files
from processing.worker_pool import WorkerPool, add_workers_option

_TOLD = 20


def parser() -> argparse.ArgumentParser:
    """The command line of the Prepare job."""
    parser = ArgumentParser(prog="prepare", description=__doc__, allow_abbrev=False)
    parser.add_argument("--raw", type=Path, required=True, help="folder of the new reviews")
    parser.add_argument("--version", type=Path, required=True, help="folder that FindModel wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    add_column_options(parser, labelled=False)
    add_workers_option(parser)
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job.

    Raises DataError if there is no review, or the version's preprocessing isn't this code's.
    """
    preprocessing = read_preprocessing(options.version)
    recipe, form = preprocessing.recipe, FORMATS[preprocessing.feature_format]
    weights = read_weights(options.version, recipe)
    reader = DatasetReader(options.raw, ReadOptions(column_names(options)))
    with WorkerPool(options.workers) as pool, tempfile.TemporaryDirectory() as scratch:
        corpus = read_corpus(reader.batches(), pool, Path(scratch) / "ids", recipe, positive=None)
        rows = len(corpus.names)
        if not rows:
            raise DataError(f"{options.raw}: no review to score; give one at least")
        _tell_unusable(corpus.skipped)
        encoding = scoring_encoding(corpus, recipe, preprocessing.terms, weights)
        parts = part_count(rows)
        folder = options.output / names.FEATURES
        written = write_rows(corpus.runs, encoding, folder, pool=pool, form=form, parts=parts)
        words = written.words.copy()
        words[corpus.unusable] = UNUSABLE
        told = zip(corpus.names, words.tolist(), written.known.tolist())
        write_row_files(told, rows, options.output / names.ROWS, parts=parts)
    print(f"wrote {rows:,} rows", flush=True)


def _tell_unusable(reviews: Sequence[Skipped]) -> None:
    for review in reviews[:_TOLD]:
        print(f"not scored: {review.name}: {review.reason}", flush=True)
    if len(reviews) > _TOLD:
        print(f"not scored: {len(reviews):,} in all; their scores are empty", flush=True)
