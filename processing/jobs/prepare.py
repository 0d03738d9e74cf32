"""Prepare: new reviews become the features that a version was trained with.

    raw reviews -> corpus of tokens -> the version's vocabulary -> part files of features
                                                                -> part files of id,words,known

It is Preprocess without labels, splits and fitting: the same readers, the same text path, the same
rows. Rows are in the order of the input. A review without a usable text becomes a row without
words, and its number of words is -1.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser
from processing.corpus.corpus import Corpus, read_corpus
from processing.dataset.columns import add_column_options, columns_from_options
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import print_unusable
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.features.bag_of_words import TextEncoders
from processing.features.preprocessing import ngram_weights_in, read_preprocessing
from processing.features.writer import (
    FORMATS,
    FeatureCounts,
    unlabelled_part_count,
    write_features,
)
from processing.row_files import UNUSABLE, write_row_files
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
    weights = ngram_weights_in(options.version, version.feature_set)
    encoders = TextEncoders(version.feature_set, version.terms, weights)
    reader = DatasetReader(options.raw, ReadOptions(columns_from_options(options)))
    with WorkerPool(options.workers) as pool, tempfile.TemporaryDirectory() as scratch:
        corpus = read_corpus(
            reader.batches(), pool, Path(scratch) / "ids", version.feature_set, positive=None
        )
        if not len(corpus.names):
            raise DataError(f"{options.raw}: no review to score; give one at least")
        print_unusable(corpus.skipped, "not scored:", "their scores are empty")
        written = write_features(
            corpus.tokens,
            encoders.of(corpus.terms),
            options.output / names.FEATURES,
            pool=pool,
            row_format=FORMATS[version.feature_format],
            parts=unlabelled_part_count(len(corpus.names)),
        )
        _write_rows(corpus, written, options.output / names.ROWS)
    print(f"wrote {len(corpus.names):,} rows", flush=True)


def _write_rows(corpus: Corpus, written: FeatureCounts, folder: Path) -> None:
    """Write the ids and word counts of all rows."""
    words = written.words.copy()
    words[corpus.unusable] = UNUSABLE
    records = zip(corpus.names, words.tolist(), written.known.tolist())
    count = len(corpus.names)
    write_row_files(records, count, folder, parts=unlabelled_part_count(count))
