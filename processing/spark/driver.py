"""Preprocess as Spark's driver: the whole job, top down.

    dataset -> terms of reviews -> vocabulary of the training set
                                -> census -> places of reviews -> weights of n-grams
                                                               -> part files

The outputs are those of `processing.jobs.preprocess`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from processing import names
from processing.dataset.file_summary import DatasetSummary
from processing.dataset.given_splits import print_sources, sources_of_splits
from processing.dataset.labels import Classes
from processing.dataset.reviews import UnusableReviews
from processing.feature_sets import FEATURE_SETS
from processing.features.bag_of_words import TextEncoders
from processing.features.example_words import example_words
from processing.features.manifest import manifest_json
from processing.features.ngram_learning import learn_weights
from processing.features.ngram_weights import write_weights
from processing.features.options import preprocess_parser
from processing.features.splits import require_classes
from processing.features.vocabulary import vocabulary_json
from processing.json_files import write_json
from processing.spark import queries
from processing.spark.dataset import read_dataset
from processing.spark.partitioning import Plan
from processing.spark.queries import TermCount
from processing.spark.train_rows import train_blocks
from processing.spark.writing import Target, sorted_by, write

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def parser() -> argparse.ArgumentParser:
    """Return the command line of this program."""
    parser = preprocess_parser(__doc__)
    parser.add_argument(
        "--unpacked",
        type=Path,
        required=True,
        help="folder of the dataset, on every host, in which archives of tables are unpacked",
    )
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job on the cluster that started this program. Raise DataError."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("preprocess").getOrCreate()
    try:
        preprocess(spark, options, options.unpacked, spark.sparkContext.defaultParallelism)
    finally:
        spark.stop()


def preprocess(
    spark: SparkSession, options: argparse.Namespace, folder: Path, partitions: int
) -> None:
    """Run the job in ``partitions`` tasks at a time; the outputs don't depend on their number.

    folder: of the dataset, in which archives of tables are unpacked.
    """
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    dataset = read_dataset(spark, options, folder, partitions)
    classes = queries.by_class(spark, options.positive_label)
    test_is_chosen = queries.choose_test_set(spark)
    UnusableReviews(queries.skipped(spark)).print("skipped", "the manifest lists them")
    for message in classes.messages():
        print(message, flush=True)
    census = queries.census(spark)
    require_classes(census.total(), classes)
    queries.require_unique_names(spark)
    plan = Plan.of(census, options.validation_fraction, options.training_parts)
    sources = sources_of_splits(
        dataset.found_splits,
        validation_is_given=not any(plan.validation.values()),
        test_is_chosen=test_is_chosen,
    )
    print_sources(sources)
    vocabulary = queries.vocabulary(spark, options.vocabulary_size)
    print(f"vocabulary of {len(vocabulary):,} terms", flush=True)
    _write_features(spark, vocabulary, plan, options, partitions)
    _write_vocabulary(vocabulary, plan, classes, options)
    _write_example_words(spark, vocabulary, options)
    _write_manifest(spark, dataset, vocabulary, plan, sources, classes, options)


def _write_features(
    spark: SparkSession,
    vocabulary: list[TermCount],
    plan: Plan,
    options: argparse.Namespace,
    partitions: int,
) -> None:
    """Write every review to its file; each file is written by one task."""
    reviews = queries.placed(spark, plan)
    feature_set, terms = FEATURE_SETS[options.features], [term for term, _, _ in vocabulary]
    train = others = TextEncoders(feature_set, terms, None)
    if feature_set.ngram_scores:
        weights = learn_weights(train_blocks(reviews))
        path = options.output / names.VOCABULARY / names.NGRAM_SCORES_FILE
        write_weights(path, weights.of_all)
        train = TextEncoders(feature_set, terms, weights.of_folds)
        others = TextEncoders(feature_set, terms, weights.of_all)
    target = Target(options.output, options.feature_format, plan, len(terms), train, others)
    files = reviews.map(partial(sorted_by, plan)).repartitionAndSortWithinPartitions(
        min(partitions, plan.files), partitionFunc=lambda key: key[0]
    )
    files.foreachPartition(partial(write, target))
    for name, counts in plan.splits.items():
        print(f"wrote {counts.rows:,} rows of {name}", flush=True)


def _write_vocabulary(
    vocabulary: list[TermCount], plan: Plan, classes: Classes, options: argparse.Namespace
) -> None:
    terms, counts, document_counts = zip(*vocabulary)
    content = vocabulary_json(
        FEATURE_SETS[options.features],
        feature_format=options.feature_format,
        labels=classes.labels,
        terms=list(terms),
        term_counts=list(counts),
        document_counts=list(document_counts),
        documents=plan.splits[names.TRAIN].rows + plan.splits[names.VALIDATION].rows,
    )
    write_json(options.output / names.VOCABULARY / names.VOCABULARY_FILE, content)


def _write_example_words(
    spark: SparkSession, vocabulary: list[TermCount], options: argparse.Namespace
) -> None:
    words = example_words(queries.sampled(spark), {term for term, _, _ in vocabulary})
    write_json(options.output / names.MANIFEST / names.EXAMPLE_WORDS_FILE, words)


def _write_manifest(
    spark: SparkSession,
    dataset: DatasetSummary,
    vocabulary: list[TermCount],
    plan: Plan,
    sources: Mapping[str, str],
    classes: Classes,
    options: argparse.Namespace,
) -> None:
    content = manifest_json(
        options,
        files=dataset.files,
        classes=classes,
        duplicates=queries.duplicates(spark),
        test_texts_hash=queries.test_texts_hash(spark),
        skipped=queries.skipped(spark),
        splits=plan.splits,
        sources=sources,
        vocabulary_size=len(vocabulary),
    )
    write_json(options.output / names.MANIFEST / names.MANIFEST_FILE, content)
