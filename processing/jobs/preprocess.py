"""Preprocess: raw reviews become features, labels, a vocabulary and a manifest.

    reviews -> corpus of word ids -> vocabulary of the training half
                                  -> split -> part files of train, validation, test

Outputs, each a folder below the output root: ``train``, ``validation``, ``test`` (features only),
``labels`` and ``rows`` (of test), ``vocabulary``, ``manifest``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from processing import names
from processing.arguments import ArgumentParser, fraction, positive_integer
from processing.corpus.corpus import Corpus, Counts, read_corpus
from processing.dataset.columns import add_column_options, column_names
from processing.dataset.labels import AUTO
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import Skipped
from processing.dataset.tables import ReadOptions
from processing.feature_sets import RECIPES
from processing.features import manifest, ngram_scores
from processing.features.bag_of_words import training_encodings
from processing.features.manifest import Classes, Duplicates
from processing.features.splits import Rows, Split, split
from processing.features.vocabulary import Vocabulary, as_json, fit
from processing.features.writer import (
    FORMATS,
    Written,
    write_labels,
    write_rows,
)
from processing.json_files import write_json
from processing.row_files import write_row_files
from processing.worker_pool import WorkerPool, add_workers_option

ROWS_PER_TEST_PART = 1_000
"""Enough files of the test set for 25 transform hosts; their order means nothing to scoring."""


def parser() -> argparse.ArgumentParser:
    """The command line of the Preprocess job."""
    parser = ArgumentParser(prog="preprocess", description=__doc__, allow_abbrev=False)
    parser.add_argument("--raw", type=Path, required=True, help="folder of archives, tables")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    add_column_options(parser, labelled=True)
    parser.add_argument(
        "--positive-label",
        default=AUTO,
        help="which of the two labels is the positive one; auto knows the usual pairs",
    )
    parser.add_argument(
        "--test-fraction",
        type=fraction,
        default=0.2,
        help="share of a table that is the test set, where no column `half` says what is",
    )
    parser.add_argument("--vocabulary-size", type=positive_integer, default=5_000)
    parser.add_argument("--validation-fraction", type=fraction, default=0.4)
    parser.add_argument(
        "--features",
        choices=sorted(RECIPES, reverse=True),
        default=names.STEMS,
        help="counts of stems as in the article; or words, and the evidence of n-grams",
    )
    parser.add_argument("--feature-format", choices=sorted(FORMATS), default=names.LIBSVM)
    parser.add_argument(
        "--training-parts",
        type=positive_integer,
        default=1,
        help="files of train and of validation: one for each training host, because the built-in "
        "XGBoost reads several files of one host in random order",
    )
    parser.add_argument("--seed", type=int, default=0)
    add_workers_option(parser)
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError for reviews that cannot be used."""
    reader = DatasetReader(options.raw, read_options(options))
    recipe = RECIPES[options.features]
    with WorkerPool(options.workers) as pool, tempfile.TemporaryDirectory() as scratch:
        corpus = read_corpus(
            reader.batches(), pool, Path(scratch) / "ids", recipe, positive=options.positive_label
        )
        report_skipped(corpus.skipped)
        parts = split(corpus, options.validation_fraction, options.seed)
        vocabulary = fit(corpus, options.vocabulary_size)
        print(f"vocabulary of {len(vocabulary):,} terms", flush=True)
        document_counts = _write_features(corpus, vocabulary, parts, pool, options)
    write_json(
        options.output / names.VOCABULARY / names.VOCABULARY_FILE,
        as_json(
            recipe,
            feature_format=options.feature_format,
            labels=corpus.classes,
            terms=vocabulary.terms,
            term_counts=vocabulary.term_counts.tolist(),
            document_counts=document_counts.tolist(),
            documents=len(parts.train) + len(parts.validation),
        ),
    )
    write_json(
        options.output / names.MANIFEST / names.MANIFEST_FILE,
        manifest.as_json(
            options,
            files=reader.files,
            duplicates=_duplicates(corpus),
            skipped=corpus.skipped,
            classes=corpus.classes,
            splits={name: _classes(corpus, rows) for name, rows in parts.named().items()},
            vocabulary_size=len(vocabulary),
        ),
    )


def read_options(options: argparse.Namespace) -> ReadOptions:
    """Return how rows of tables become reviews."""
    return ReadOptions(column_names(options), options.seed, options.test_fraction)


def report_skipped(skipped: Sequence[Skipped]) -> None:
    """Tells of the first reviews that are left out; the manifest lists all of them."""
    for skip in skipped[:20]:
        print(f"skipped {skip.name}: {skip.reason}", flush=True)
    if len(skipped) > 20:
        print(f"skipped {len(skipped):,} in all; the manifest lists them", flush=True)


def part_count(rows: int) -> int:
    """How many files the test set of so many rows is written in."""
    return -(-rows // ROWS_PER_TEST_PART)


def _write_features(
    corpus: Corpus,
    vocabulary: Vocabulary,
    parts: Split,
    pool: WorkerPool,
    options: argparse.Namespace,
) -> Counts:
    recipe = RECIPES[options.features]
    encodings = training_encodings(corpus, vocabulary, recipe, parts.train, pool)
    if (weights := encodings.weights) is not None:
        ngram_scores.write(options.output / names.VOCABULARY / names.EVIDENCE_FILE, weights)
    document_counts = np.zeros(len(vocabulary), dtype=np.int64)
    write = partial(write_rows, pool=pool, form=FORMATS[options.feature_format])
    for name, rows, encoding in (
        (names.TRAIN, parts.train, encodings.train),
        (names.VALIDATION, parts.validation, encodings.others),
    ):
        written = write(
            corpus.runs.of(rows),
            encoding,
            options.output / name,
            parts=options.training_parts,
            labels=corpus.labels[rows],
        )
        document_counts += written.document_counts
        print(f"wrote {len(rows):,} rows of {name}", flush=True)
    files = part_count(len(parts.test))
    tested = write(
        corpus.runs.of(parts.test), encodings.others, options.output / names.TEST, parts=files
    )
    write_labels(corpus.labels[parts.test], options.output / names.LABELS, parts=files)
    _write_rows(corpus, parts.test, tested, options.output / names.ROWS, files)
    print(f"wrote {len(parts.test):,} rows of {names.TEST}", flush=True)
    return document_counts


def _write_rows(corpus: Corpus, rows: Rows, written: Written, folder: Path, files: int) -> None:
    """What is known of the rows beside their features."""
    ids = corpus.names.of(rows)
    known = zip(ids, written.words.tolist(), written.known.tolist())
    write_row_files(known, len(rows), folder, parts=files)


def _classes(corpus: Corpus, rows: Rows) -> Classes:
    positive = int(corpus.labels[rows].sum())
    return Classes(positive, len(rows) - positive)


def _duplicates(corpus: Corpus) -> Duplicates:
    train = np.unique(corpus.digests[corpus.in_train_half])
    test = np.unique(corpus.digests[~corpus.in_train_half])
    return Duplicates(
        train=int(corpus.in_train_half.sum()) - len(train),
        test=int((~corpus.in_train_half).sum()) - len(test),
        test_texts_in_train=len(np.intersect1d(train, test)),
    )
