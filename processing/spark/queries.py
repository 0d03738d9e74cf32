"""SQL queries of two tables with the columns of `processing.spark.reading.SCHEMA`.

``found``: all rows that were read. ``reviews``: the rows of ``found`` that can be used, with a
column ``label`` of 0 or 1.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from processing.dataset.given_splits import TRAIN_OR_TEST
from processing.dataset.labels import MAX_LABELS, Classes, classes
from processing.dataset.reviews import Skipped
from processing.features.manifest import Duplicates
from processing.features.splits import occurs_twice
from processing.features.vocabulary import no_terms
from processing.names import TEST, TRAIN
from processing.spark.partitioning import (
    RANGE_DIGITS,
    Census,
    Placed,
    Plan,
    place,
)
from processing.spark.reading import term_counts

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession

TermCount = tuple[str, int, int]
"""(a term, its number of occurrences in the training set, the number of reviews that have it)"""


def register(found: DataFrame) -> None:
    """Read the table of rows, keep it, and name it."""
    found.persist().createOrReplaceTempView("found")
    found.count()


def by_class(spark: SparkSession, positive: str) -> Classes:
    """Name the table of reviews, with labels 0 and 1; return the classes.

    Raise DataError unless there are two.
    """
    rows = _collect(
        spark,
        "SELECT class, count(*) AS reviews FROM found WHERE key IS NOT NULL GROUP BY class "
        "ORDER BY min(struct(file, position)) LIMIT :most",
        most=MAX_LABELS + 1,
    )
    counts = {row["class"]: row["reviews"] for row in rows}
    found = classes(counts, positive)
    usable = spark.table("found").where("key IS NOT NULL")
    label = usable["class"].isin([name for name in counts if found.number(name)]).cast("int")
    usable.withColumn("label", label).createOrReplaceTempView("reviews")
    return found


def choose_test_set(spark: SparkSession) -> bool:
    """Decide the split of the reviews of train that are the test set if none is given.

    Return whether they are. The table of reviews then has three splits.
    """
    is_chosen = not _collect(spark, "SELECT 1 FROM reviews WHERE split = 'test' LIMIT 1")
    decided = {TRAIN_OR_TEST: TEST if is_chosen else TRAIN}
    spark.table("reviews").replace(decided, subset=["split"]).createOrReplaceTempView("reviews")
    return is_chosen


def skipped(spark: SparkSession) -> list[Skipped]:
    """Return the reviews that can't be used, sorted by name."""
    rows = _collect(spark, "SELECT name, skipped FROM found WHERE skipped IS NOT NULL")
    return sorted(
        (Skipped(row.name, row.skipped) for row in rows), key=lambda skip: (skip.name, skip.reason)
    )


def census(spark: SparkSession) -> Census:
    """Return the number of reviews of each group in each range of hashes."""
    ranges: dict[str, dict[tuple[str, int], int]] = {}
    for row in _collect(
        spark,
        "SELECT left(key, :digits) AS range, split, label, count(*) AS reviews "
        "FROM reviews GROUP BY ALL",
        digits=RANGE_DIGITS,
    ):
        ranges.setdefault(row.range, {})[row.split, row.label] = row.reviews
    return Census(ranges)


def require_unique_names(spark: SparkSession) -> None:
    """Raise DataError for the first review, in reading order, that has the name of an earlier one.

    Equal names have equal hashes.
    """
    for row in _collect(
        spark,
        """
        SELECT name, file, position FROM (
            SELECT name, file, position,
                row_number() OVER (PARTITION BY key ORDER BY file, position) AS occurrence
            FROM reviews
        ) WHERE occurrence = 2 ORDER BY file, position, name LIMIT 1
        """,
    ):
        raise occurs_twice(row.name)


def test_texts_hash(spark: SparkSession) -> int:
    """Return the exclusive or of the hashes of the test set's texts."""
    [row] = _collect(spark, "SELECT bit_xor(digest) AS texts FROM reviews WHERE split = 'test'")
    return int(row.texts) % (1 << 64)  # Spark stores it as a signed integer


def duplicates(spark: SparkSession) -> Duplicates:
    """Return the number of texts that occur more than once."""
    [row] = _collect(
        spark,
        """
        SELECT coalesce(sum(train - in_train), 0) AS train,
            coalesce(sum(test - in_test), 0) AS test,
            coalesce(sum(in_train * in_test), 0) AS both
        FROM (
            SELECT count_if(split <> 'test') AS train, count_if(split = 'test') AS test,
                max(int(split <> 'test')) AS in_train, max(int(split = 'test')) AS in_test
            FROM reviews GROUP BY digest
        )
        """,
    )
    return Duplicates(row.train, row.test, row.both)


def vocabulary(spark: SparkSession, size: int) -> list[TermCount]:
    """Return the ``size`` most frequent terms of the training set, in alphabetical order.

    Of terms that tie at the cut, the alphabetically first are chosen (docs/decisions/0007).
    Raise DataError if no review has a term.
    """
    found = spark.sql("SELECT terms FROM reviews WHERE split <> 'test'").rdd
    counts = spark.createDataFrame(
        found.mapPartitions(term_counts),
        "term STRING, occurrences BIGINT, documents BIGINT",
        verifySchema=False,
    )
    counts.createOrReplaceTempView("term_counts")
    rows = _collect(
        spark,
        """
        SELECT term, sum(occurrences) AS total, sum(documents) AS documents
        FROM term_counts GROUP BY term ORDER BY total DESC, term ASC LIMIT :size
        """,
        size=size,
    )
    terms = sorted((row.term, row.total, row.documents) for row in rows)
    if not terms:
        raise no_terms()
    return terms


def sampled(spark: SparkSession) -> list[str]:
    """Return the terms and words of each sampled review."""
    rows = _collect(spark, "SELECT sampled FROM reviews WHERE sampled IS NOT NULL")
    return [row.sampled for row in rows]


def placed(spark: SparkSession, plan: Plan) -> RDD[Placed]:
    """Return the reviews with their places."""
    ranges = spark.sql(
        "SELECT key, split, label, id, terms FROM reviews "
        "DISTRIBUTE BY left(key, :digits) SORT BY key",
        args={"digits": RANGE_DIGITS},
    )
    return ranges.rdd.mapPartitions(partial(place, plan))


def _collect(spark: SparkSession, query: str, **values: int) -> list[Any]:
    """Return the rows that a query yields."""
    rows: list[Any] = spark.sql(query, args=values).collect()
    return rows
