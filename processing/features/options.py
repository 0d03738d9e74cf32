"""The command line of Preprocess, which is the same on one machine and on Spark."""

from __future__ import annotations

import argparse
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser, fraction, positive_integer
from processing.dataset.columns import add_column_options, columns_from_options
from processing.dataset.tables import ReadOptions
from processing.feature_sets import FEATURE_SETS
from processing.features.writer import FORMATS
from processing.worker_pool import add_workers_option


def preprocess_parser(description: str | None) -> argparse.ArgumentParser:
    """Return the command line of Preprocess."""
    parser = ArgumentParser(prog="preprocess", description=description, allow_abbrev=False)
    parser.add_argument("--raw", type=Path, required=True, help="folder of archives and tables")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    add_dataset_options(parser)
    _add_feature_options(parser)
    add_workers_option(parser)
    return parser


def add_dataset_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a dataset is read and divided."""
    add_column_options(parser, labelled=True)
    parser.add_argument(
        "--positive-label",
        default=names.AUTO,
        help="the positive one of the two labels; auto recognizes the usual pairs",
    )
    parser.add_argument(
        "--test-fraction",
        type=fraction,
        default=0.2,
        help="share of the rows of a table that are the test set, if it has no column `split`",
    )
    parser.add_argument("--validation-fraction", type=fraction, default=0.4)
    parser.add_argument("--seed", type=int, default=0)


def _add_feature_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vocabulary-size", type=positive_integer, default=5_000)
    parser.add_argument(
        "--features",
        choices=sorted(FEATURE_SETS, reverse=True),
        default=names.STEMS,
        help="counts of stems, as in the article; or words and the scores of n-grams",
    )
    parser.add_argument("--feature-format", choices=sorted(FORMATS), default=names.LIBSVM)
    parser.add_argument(
        "--training-parts",
        type=positive_integer,
        default=1,
        help="number of files of train and of validation: one for each training host, because "
        "the built-in XGBoost reads several files on one host in random order",
    )


def read_options(options: argparse.Namespace) -> ReadOptions:
    """Return how the rows of tables become reviews, from the options of Preprocess."""
    return ReadOptions(columns_from_options(options), options.seed, options.test_fraction)
