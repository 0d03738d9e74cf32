"""Preprocess: raw reviews become features, labels, a vocabulary and a manifest.

    reviews -> corpus of tokens -> vocabulary of the training set
                                -> splits -> part files of train, validation and test

The way of one review's text, where (w) is in the worker processes:

    dataset.files.archives    a member of the archive: bytes, label and split
    dataset.read              batches of a megabyte
    corpus.tokenizer (w)      `text.normalize`: words, and their terms (`feature_sets`) as numbers
    corpus.corpus             ids of terms in the whole dataset, in a file
    features.vocabulary       terms of the training set -> columns
    features.splits           the order of the rows of train, validation and test
    features.bag_of_words (w) ids -> counts by column
    features.writer (w)       counts -> a line of libsvm or CSV; the job writes it to a part file

Outputs, each a folder below the output root: ``train``, ``validation``, ``test`` (features without
labels), ``labels`` and ``rows`` (of test), ``vocabulary``, ``manifest``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from processing import names
from processing.corpus.corpus import Corpus, Counts, read_corpus
from processing.dataset.file_summary import FileSummary
from processing.dataset.given_splits import print_sources, sources_of_splits
from processing.dataset.hashing import sampling_limit
from processing.dataset.read import DatasetReader, dataset_files
from processing.dataset.reviews import UnusableReviews
from processing.feature_sets import FEATURE_SETS
from processing.features.bag_of_words import Encoder, training_encoders
from processing.features.example_words import example_words
from processing.features.manifest import ClassCounts, manifest_json
from processing.features.ngram_weights import write_weights
from processing.features.options import preprocess_parser, read_options
from processing.features.splits import Rows, Splits, count_duplicates, split
from processing.features.vocabulary import Vocabulary, fit, vocabulary_json
from processing.features.writer import (
    FORMATS,
    unlabelled_part_count,
    write_features,
    write_labels,
)
from processing.json_files import write_json
from processing.row_files import write_row_files
from processing.worker_pool import WorkerPool


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Preprocess job."""
    return preprocess_parser(__doc__)


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError for reviews that can't be used."""
    reader = DatasetReader(options.raw, read_options(options))
    feature_set = FEATURE_SETS[options.features]
    has_stems = feature_set.name == names.STEMS
    with WorkerPool(options.workers) as pool, tempfile.TemporaryDirectory() as scratch:
        corpus = read_corpus(
            reader.batches(),
            pool,
            Path(scratch) / "ids",
            feature_set,
            positive=options.positive_label,
            sampled_below=sampling_limit(dataset_files(options.raw)) if has_stems else 0,
        )
        UnusableReviews(corpus.skipped).print("skipped", "the manifest lists them")
        for message in corpus.classes.messages():
            print(message, flush=True)
        splits = split(corpus, options.validation_fraction, options.seed)
        sources = sources_of_splits(
            reader.summary.found_splits,
            validation_is_given=splits.validation_is_given,
            test_is_chosen=corpus.test_is_chosen,
        )
        print_sources(sources)
        vocabulary = fit(corpus, options.vocabulary_size)
        print(f"vocabulary of {len(vocabulary):,} terms", flush=True)
        document_counts = _write_features(corpus, vocabulary, splits, pool, options)
    _write_vocabulary(corpus, vocabulary, document_counts, splits, options)
    words = example_words(corpus.sampled, set(vocabulary.terms))
    write_json(options.output / names.MANIFEST / names.EXAMPLE_WORDS_FILE, words)
    _write_manifest(corpus, vocabulary, splits, sources, reader.summary.files, options)


def _write_features(
    corpus: Corpus,
    vocabulary: Vocabulary,
    splits: Splits,
    pool: WorkerPool,
    options: argparse.Namespace,
) -> Counts:
    """Write all splits; return in how many rows of the training set each term occurs."""
    feature_set = FEATURE_SETS[options.features]
    encoders = training_encoders(corpus, vocabulary, feature_set, splits.train, pool)
    if (weights := encoders.weights) is not None:
        path = options.output / names.VOCABULARY / names.NGRAM_SCORES_FILE
        write_weights(path, weights)
    document_counts = np.zeros(len(vocabulary), dtype=np.int64)
    for name, rows, encoder in (
        (names.TRAIN, splits.train, encoders.train),
        (names.VALIDATION, splits.validation, encoders.others),
    ):
        written = write_features(
            corpus.tokens.select(rows),
            encoder,
            options.output / name,
            pool=pool,
            row_format=FORMATS[options.feature_format],
            parts=options.training_parts,
            labels=corpus.labels[rows],
        )
        document_counts += written.document_counts
        print(f"wrote {len(rows):,} rows of {name}", flush=True)
    _write_test_set(corpus, splits.test, encoders.others, pool, options)
    return document_counts


def _write_test_set(
    corpus: Corpus, rows: Rows, encoder: Encoder, pool: WorkerPool, options: argparse.Namespace
) -> None:
    """Write the features of the test set, and in other folders its labels, ids and word counts."""
    parts = unlabelled_part_count(len(rows))
    written = write_features(
        corpus.tokens.select(rows),
        encoder,
        options.output / names.TEST,
        pool=pool,
        row_format=FORMATS[options.feature_format],
        parts=parts,
    )
    write_labels(corpus.labels[rows], options.output / names.LABELS, parts=parts)
    ids = corpus.names.select(rows)
    records = zip(ids, written.words.tolist(), written.known.tolist())
    write_row_files(records, len(rows), options.output / names.ROWS, parts=parts)
    print(f"wrote {len(rows):,} rows of {names.TEST}", flush=True)


def _write_vocabulary(
    corpus: Corpus,
    vocabulary: Vocabulary,
    document_counts: Counts,
    splits: Splits,
    options: argparse.Namespace,
) -> None:
    write_json(
        options.output / names.VOCABULARY / names.VOCABULARY_FILE,
        vocabulary_json(
            FEATURE_SETS[options.features],
            feature_format=options.feature_format,
            labels=corpus.classes.labels,
            terms=vocabulary.terms,
            term_counts=vocabulary.term_counts.tolist(),
            document_counts=document_counts.tolist(),
            documents=len(splits.train) + len(splits.validation),
        ),
    )


def _write_manifest(
    corpus: Corpus,
    vocabulary: Vocabulary,
    splits: Splits,
    sources: Mapping[str, str],
    files: list[FileSummary],
    options: argparse.Namespace,
) -> None:
    test_texts = corpus.digests[~corpus.in_training_set]
    write_json(
        options.output / names.MANIFEST / names.MANIFEST_FILE,
        manifest_json(
            options,
            files=files,
            duplicates=count_duplicates(corpus.digests[corpus.in_training_set], test_texts),
            skipped=corpus.skipped,
            classes=corpus.classes,
            test_texts_hash=int(np.bitwise_xor.reduce(test_texts)),
            splits={name: _class_counts(corpus, rows) for name, rows in splits.named().items()},
            sources=sources,
            vocabulary_size=len(vocabulary),
        ),
    )


def _class_counts(corpus: Corpus, rows: Rows) -> ClassCounts:
    positive = int(corpus.labels[rows].sum())
    return ClassCounts(positive, len(rows) - positive)
