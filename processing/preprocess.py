"""Preprocess: a raw archive of reviews becomes features, labels, a vocabulary and a manifest.

    archive -> corpus of stem ids -> vocabulary of the training half
                                  -> split -> part files of train, validation, test (+ its labels)

Outputs, each a folder below the output root: ``train``, ``validation``, ``test`` (features only),
``labels`` (of test), ``vocabulary``, ``manifest``.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from processing import names
from processing.arguments import ArgumentParser, fraction, positive_integer
from processing.corpus import Corpus, Counts, read_corpus
from processing.features import FORMATS, write_split
from processing.files import write_json
from processing.reviews import the_archive
from processing.splits import Split, split
from processing.team import Team, available_cores
from processing.text import PREPROCESSING_VERSION
from processing.vocabulary import Vocabulary, as_json, fit

ROWS_PER_TEST_PART = 1_000
"""Enough files of the test set for 25 transform hosts; their order means nothing to scoring."""


def parser() -> argparse.ArgumentParser:
    """The command line of the Preprocess job."""
    parser = ArgumentParser(prog="preprocess", description=__doc__, allow_abbrev=False)
    parser.add_argument("--raw", type=Path, required=True, help="folder that holds the archive")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--vocabulary-size", type=positive_integer, default=5_000)
    parser.add_argument("--validation-fraction", type=fraction, default=0.4)
    parser.add_argument("--feature-format", choices=sorted(FORMATS), default=names.LIBSVM)
    parser.add_argument(
        "--training-parts",
        type=positive_integer,
        default=1,
        help="files of train and of validation: one for each training host. Several files make "
        "training irreproducible, because the built-in XGBoost reads them in random order",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--workers",
        type=positive_integer,
        default=available_cores(),
        help="processes that share the work, beside the one that reads the archive; the outputs "
        "don't depend on it",
    )
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError for an archive that cannot be used."""
    archive = the_archive(options.raw)
    with Team(options.workers) as team, tempfile.TemporaryDirectory() as scratch:
        corpus = read_corpus(archive.read(), team, Path(scratch) / "ids")
        _report_skipped(corpus)
        parts = split(corpus, options.validation_fraction, options.seed)
        vocabulary = fit(corpus, options.vocabulary_size)
        print(f"vocabulary of {len(vocabulary):,} stems", flush=True)
        document_counts = _write_features(corpus, vocabulary, parts, team, options)
    documents = len(parts.train) + len(parts.validation)
    write_json(
        options.output / names.VOCABULARY / names.VOCABULARY_FILE,
        as_json(vocabulary, document_counts, documents),
    )
    write_json(
        options.output / names.MANIFEST / names.MANIFEST_FILE,
        {
            "archive": {"name": archive.path.name, "sha256": archive.sha256},
            "duplicates": _duplicates(corpus),
            "feature_format": options.feature_format,
            "preprocessing_version": PREPROCESSING_VERSION,
            "seed": options.seed,
            "skipped": [asdict(skip) for skip in corpus.skipped],
            "splits": _rows_and_classes(corpus, parts),
            "validation_fraction": options.validation_fraction,
            "vocabulary_size": len(vocabulary),
        },
    )


def _write_features(
    corpus: Corpus, vocabulary: Vocabulary, parts: Split, team: Team, options: argparse.Namespace
) -> Counts:
    form = FORMATS[options.feature_format]
    document_counts = np.zeros(len(vocabulary), dtype=np.int64)
    write = partial(write_split, corpus, vocabulary, team=team, form=form)
    for name, rows in ((names.TRAIN, parts.train), (names.VALIDATION, parts.validation)):
        counts = write(rows, parts=options.training_parts, features=options.output / name)
        document_counts += counts
        print(f"wrote {len(rows):,} rows of {name}", flush=True)
    write(
        parts.test,
        parts=-(-len(parts.test) // ROWS_PER_TEST_PART),
        features=options.output / names.TEST,
        labels=options.output / names.LABELS,
    )
    print(f"wrote {len(parts.test):,} rows of {names.TEST}", flush=True)
    return document_counts


def _rows_and_classes(corpus: Corpus, parts: Split) -> dict[str, dict[str, int]]:
    return {
        name: {
            "rows": len(rows),
            "positive": int(corpus.labels[rows].sum()),
            "negative": int(len(rows) - corpus.labels[rows].sum()),
        }
        for name, rows in parts.named().items()
    }


def _duplicates(corpus: Corpus) -> dict[str, int]:
    """How many reviews repeat a text of their half, and how many of test stand in train."""
    train = np.unique(corpus.digests[corpus.in_train_half])
    test = np.unique(corpus.digests[~corpus.in_train_half])
    return {
        "train": int(corpus.in_train_half.sum()) - len(train),
        "test": int((~corpus.in_train_half).sum()) - len(test),
        "test_texts_in_train": len(np.intersect1d(train, test)),
    }


def _report_skipped(corpus: Corpus) -> None:
    for skip in corpus.skipped[:20]:
        print(f"skipped {skip.name}: {skip.reason}", flush=True)
    if len(corpus.skipped) > 20:
        print(f"skipped {len(corpus.skipped):,} in all; the manifest lists them", flush=True)
