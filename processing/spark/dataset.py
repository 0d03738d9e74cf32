"""The dataset on the driver: which file is read how, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from processing import names
from processing.dataset.file_summary import DatasetSummary, FileSummary
from processing.dataset.files.file_formats import is_parquet
from processing.dataset.hashing import file_digest, sampling_limit
from processing.dataset.read import DatasetFile, dataset_files, files_to_read, table_has_rows
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.feature_sets import FEATURE_SETS
from processing.features.options import read_options
from processing.spark import queries
from processing.spark.parquet import Footers, ParquetFile, parquet_rows, require_undamaged
from processing.spark.reading import (
    SCHEMA,
    Item,
    JoinedDicts,
    Outcome,
    Outcomes,
    read,
    spark_row,
)

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import SparkSession


def read_dataset(
    spark: SparkSession, options: argparse.Namespace, folder: Path, partitions: int
) -> DatasetSummary:
    """Read all files into the table ``found``. Raise DataError for the first that is refused."""
    reading = read_options(options)
    footers = Footers(spark)

    def has_rows(file: DatasetFile) -> bool:
        return footers.has_rows(file) if is_parquet(file.path) else table_has_rows(file, reading)

    files = files_to_read(folder, reading, has_rows)
    tables: list[ParquetFile] = []
    refusal = None
    try:
        for file in files:
            if is_parquet(file.path):
                tables.append(footers.read(file, reading))
    except DataError as error:  # but a file before it may be refused for what it holds
        files, refusal = files[: file.number], error
    term = FEATURE_SETS[options.features].term
    has_stems = options.features == names.STEMS
    limit = sampling_limit(dataset_files(options.raw)) if has_stems else 0
    row = partial(spark_row, seed=options.seed, term=term, sampled_below=limit)
    while True:
        found, outcomes = _items(spark, files, tables, reading, partitions)
        try:
            queries.register(spark.createDataFrame(found.map(row), SCHEMA, verifySchema=False))
            break
        except Exception:
            # Spark's message need not name the file that can't be read.
            for table in tables:
                try:
                    require_undamaged(spark, table)
                except DataError as error:
                    files, refusal = files[: table.file.number], error
                    break
            else:
                raise
            tables = [table for table in tables if table.file.number < len(files)]
    return _summary(files, tables, outcomes.value, refusal)


def _items(
    spark: SparkSession,
    files: Sequence[DatasetFile],
    tables: Sequence[ParquetFile],
    reading: ReadOptions,
    partitions: int,
) -> tuple[RDD[Item], Outcomes]:
    """Return the reviews of all files, and the outcomes, which are complete once all are read.

    tables: the Parquet files. One task reads each file, front to back.
    """
    context = spark.sparkContext
    outcomes: Outcomes = context.accumulator({}, JoinedDicts())
    read_one = partial(read, reading=reading, outcomes=outcomes)
    in_parquet = {table.file.number for table in tables}
    others = [file for file in files if file.number not in in_parquet]
    found = context.parallelize(others, max(1, len(others))).flatMap(read_one)
    found = context.union([found, *parquet_rows(spark, tables, read_one)])
    return (found.repartition(partitions) if len(files) < partitions else found), outcomes


def _summary(
    files: Sequence[DatasetFile],
    tables: Sequence[ParquetFile],
    outcomes: Mapping[int, Outcome],
    refusal: DataError | None,
) -> DatasetSummary:
    """Return the summary of the files, and log it as one machine does.

    refusal: why no files after these are read. Raise DataError for the first that is refused.
    """
    dataset = DatasetSummary()
    without_rows = {
        table.file.number: Outcome(
            FileSummary(table.file.name, table.columns, file_digest(table.file.path))
        )
        for table in tables
        if not table.rows
    }
    outcomes = {**without_rows, **outcomes}
    for file in files:
        outcome = outcomes.get(file.number)
        if outcome is None:
            raise DataError(f"{file.name}: Spark doesn't read files of this name; rename it")
        print(outcome.log, end="", flush=True)
        dataset.add(outcome.summary)
        dataset.require_all_given()
        if outcome.refused:
            raise DataError(outcome.refused)
        outcome.summary.print_unlabeled()
    if refusal:
        raise refusal
    return dataset
