"""Preprocess as Spark's driver: the whole job, top down.

    dataset -> counts of terms by review -> vocabulary of the training set
                                         -> census -> partitioning -> part files

The outputs are those of `processing.jobs.preprocess`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from processing import names
from processing.dataset.columns import choose_columns
from processing.dataset.files.file_content import validate_parquet
from processing.dataset.files.file_formats import is_parquet, is_table
from processing.dataset.files.input_object import print_ignored_objects
from processing.dataset.given_splits import print_sources, require_all_given, sources_of_splits
from processing.dataset.hashing import sampling_limit
from processing.dataset.labels import Classes
from processing.dataset.path_columns import path_columns
from processing.dataset.read import DatasetFile, InputFile, dataset_files, files_to_read
from processing.dataset.reviews import print_unusable
from processing.dataset.tables import ReadOptions
from processing.errors import DataError, UsageError
from processing.feature_sets import FEATURE_SETS
from processing.features.example_words import example_words
from processing.features.manifest import manifest_json
from processing.features.options import preprocess_parser, read_options
from processing.features.vocabulary import vocabulary_json
from processing.json_files import write_json
from processing.spark import queries
from processing.spark.partitioning import Plan
from processing.spark.queries import TermCount
from processing.spark.reading import (
    SCHEMA,
    hadoop_address,
    input_file,
    parquet_errors_in_one_line,
    read,
    read_parquet,
    spark_row,
)
from processing.spark.writing import Target, lines, write

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession


def parser() -> argparse.ArgumentParser:
    """Return the command line of Preprocess on Spark."""
    return preprocess_parser(__doc__)


def run(options: argparse.Namespace) -> None:
    """Run the job on the cluster that started this program. Raise DataError."""
    from pyspark.sql import SparkSession

    require_stems(options)
    spark = SparkSession.builder.appName("preprocess").getOrCreate()
    try:
        preprocess(spark, options, spark.sparkContext.defaultParallelism)
    finally:
        spark.stop()


def require_stems(options: argparse.Namespace) -> None:
    """Raise UsageError for features that are made on one machine only."""
    if options.features != names.STEMS:
        raise UsageError(
            f"--features {options.features}: n-gram scores are computed on one machine only; use "
            f"{names.STEMS}, or processing_engine single"
        )


def preprocess(spark: SparkSession, options: argparse.Namespace, partitions: int) -> None:
    """Run the job in ``partitions`` tasks at a time; the outputs don't depend on their number."""
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    spark.conf.set("spark.sql.caseSensitive", "true")  # as columns are found on one machine
    print_ignored_objects(options.raw)
    files = files_to_read(options.raw, read_options(options))
    with parquet_errors_in_one_line([file.path for file in files]):
        queries.register(_read(spark, files, options, partitions))
        queries.require_readable(spark)
    _require_all_given(spark, files)
    classes = queries.by_class(spark, options.positive_label)
    test_is_chosen = queries.choose_test_set(spark)
    print_unusable(queries.skipped(spark), "skipped", "the manifest lists them")
    for message in classes.messages():
        print(message, flush=True)
    census = queries.census(spark)
    plan = Plan.of(census, classes, options.validation_fraction, options.training_parts)
    sources = sources_of_splits(
        queries.found_splits(spark),
        validation_is_given=not any(plan.validation.values()),
        test_is_chosen=test_is_chosen,
    )
    print_sources(sources)
    queries.require_unique_names(spark)
    vocabulary = queries.vocabulary(spark, options.vocabulary_size)
    print(f"vocabulary of {len(vocabulary):,} terms", flush=True)
    _write_features(spark, vocabulary, plan, options, partitions)
    _write_vocabulary(vocabulary, plan, classes, options)
    _write_example_words(spark, vocabulary, options)
    _write_manifest(spark, files, vocabulary, plan, sources, classes, options)


def _read(
    spark: SparkSession, files: list[DatasetFile], options: argparse.Namespace, partitions: int
) -> DataFrame:
    """Return the reviews of all files as rows of `SCHEMA`."""
    reading = read_options(options)
    streams = [file for file in files if not is_parquet(file.path)]
    tables = [file for file in files if is_parquet(file.path)]
    found = spark.sparkContext.parallelize(streams, max(1, len(streams))).flatMap(
        lambda source: read(source, reading)
    )
    if len(streams) < partitions:  # each is read by one task, front to back
        found = found.repartition(partitions)
    if tables:
        found = found.union(_read_parquet(spark, tables, reading))
    term = FEATURE_SETS[options.features].term
    limit = sampling_limit(dataset_files(options.raw))
    row = partial(spark_row, seed=options.seed, term=term, sampled_below=limit)
    return spark.createDataFrame(found.map(row), SCHEMA, verifySchema=False)


def _require_all_given(spark: SparkSession, files: list[DatasetFile]) -> None:
    """Log unlabeled rows; raise DataError if the splits of some tables are given, of others not."""
    if unlabeled := queries.unlabeled(spark):
        print(f"skipped the unlabeled rows: {unlabeled:,}", flush=True)
    found = queries.sources_of_files(spark)
    tables = [file for file in files if file.number in found and is_table(file.path)]
    require_all_given({file.name: found[file.number] for file in tables})


def _read_parquet(spark: SparkSession, tables: list[DatasetFile], reading: ReadOptions) -> RDD[Any]:
    """Return the rows of Parquet files, which Spark divides. All must have the first one's columns.

    Raise DataError for columns that can't be used.
    """
    from pyspark.sql.functions import col

    for table in tables:
        validate_parquet(table.path)  # Spark's message would have a hundred lines
    by_path = {str(table.path.absolute()): table for table in tables}
    frame = spark.read.parquet(*map(hadoop_address, by_path))
    name = tables[0].name
    columns = choose_columns(
        name, frame.columns, replace(reading.columns, of_path=path_columns(name))
    )
    for message in columns.messages():
        print(f"{name}: {message}", flush=True)
    kind = frame.schema[columns.text].dataType.simpleString()
    if kind != "string":
        raise DataError(f"{name}: column {columns.text!r} holds {kind}, not text")
    wanted = [each for each in columns.read if each in frame.columns]
    cells = (col("`{}`".format(each.replace("`", "``"))) for each in wanted)
    rows = frame.select(col("_metadata.file_path"), col("_metadata.row_index"), *cells).rdd
    return rows.map(partial(read_parquet, sources=by_path, columns=columns, reading=reading))


def _write_features(
    spark: SparkSession,
    vocabulary: list[TermCount],
    plan: Plan,
    options: argparse.Namespace,
    partitions: int,
) -> None:
    """Write every review to its file; each file is written by one task."""
    target = Target(
        output=options.output,
        feature_format=options.feature_format,
        columns={term: column for column, (term, _, _) in enumerate(vocabulary)},
        partitioning=queries.partitioning(spark, plan),
    )
    shared = spark.sparkContext.broadcast(target)
    reviews = spark.sql("SELECT key, split, label, id, bag FROM reviews").rdd
    rows = reviews.mapPartitions(lambda part: lines(shared.value, part))
    files = rows.repartitionAndSortWithinPartitions(
        min(partitions, len(target.partitioning)), partitionFunc=lambda key: key[0]
    )
    files.foreachPartition(lambda part: write(shared.value, part))
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
    files: list[DatasetFile],
    vocabulary: list[TermCount],
    plan: Plan,
    sources: Mapping[str, str],
    classes: Classes,
    options: argparse.Namespace,
) -> None:
    content = manifest_json(
        options,
        files=_input_files(spark, files, read_options(options)),
        classes=classes,
        duplicates=queries.duplicates(spark),
        test_texts_hash=queries.test_texts_hash(spark),
        skipped=queries.skipped(spark),
        splits=plan.splits,
        sources=sources,
        vocabulary_size=len(vocabulary),
    )
    write_json(options.output / names.MANIFEST / names.MANIFEST_FILE, content)


def _input_files(
    spark: SparkSession, files: list[DatasetFile], reading: ReadOptions
) -> list[InputFile]:
    """Return the files with their hashes and columns; each file is one task."""
    each = spark.sparkContext.parallelize(files, len(files))
    found: list[InputFile] = each.map(partial(input_file, reading=reading)).collect()
    return found
