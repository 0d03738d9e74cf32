"""What Spark counts and sorts, in two tables of `processing.spark.reading.SCHEMA`.

found: whatever was read. reviews: the rows of found that can be used, with a label of 0 or 1.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from processing.dataset.labels import classes
from processing.dataset.reviews import Skipped
from processing.errors import DataError
from processing.features.manifest import Duplicates
from processing.features.splits import occurs_twice
from processing.features.vocabulary import no_words
from processing.spark.partitioning import (
    RANGE_DIGITS,
    Census,
    Places,
    Plan,
    find_cuts,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Stem = tuple[str, int, int]
"""(a stem, how often it occurs in the training half, in how many of its reviews)"""


def keep(found: DataFrame) -> None:
    """Names what was read, and has Spark hold it once it is read the first time."""
    found.persist().createOrReplaceTempView("found")


def by_class(spark: SparkSession, positive: str) -> tuple[str, str]:
    """Names the usable reviews, with labels 0 and 1; returns what these are called.

    Raises DataError unless there are two.
    """
    rows = _ask(
        spark, "SELECT DISTINCT class FROM found WHERE key IS NOT NULL LIMIT :most", most=99
    )
    names = classes([row["class"] for row in rows], positive)
    usable = spark.table("found").where("key IS NOT NULL")
    label = (usable["class"] == names[1]).cast("int")
    usable.withColumn("label", label).createOrReplaceTempView("reviews")
    return names


def require_readable(spark: SparkSession) -> None:
    """Raises DataError for the first file that couldn't be read."""
    for row in _ask(
        spark, "SELECT refused FROM found WHERE refused IS NOT NULL ORDER BY file, position LIMIT 1"
    ):
        raise DataError(row.refused)


def skipped(spark: SparkSession) -> list[Skipped]:
    """The reviews left out, sorted by name."""
    rows = _ask(spark, "SELECT name, skipped FROM found WHERE skipped IS NOT NULL")
    return sorted(
        (Skipped(row.name, row.skipped) for row in rows), key=lambda skip: (skip.name, skip.reason)
    )


def census(spark: SparkSession) -> Census:
    """How many reviews there are of each class in each range of hashes."""
    ranges: dict[str, dict[tuple[bool, int], int]] = {}
    for row in _ask(
        spark,
        "SELECT left(key, :digits) AS range, in_train, label, count(*) AS reviews "
        "FROM reviews GROUP BY ALL",
        digits=RANGE_DIGITS,
    ):
        ranges.setdefault(row.range, {})[row.in_train, row.label] = row.reviews
    return Census(ranges)


def require_unique(spark: SparkSession) -> None:
    """Raises DataError for the first review, in the order of reading, whose name was there before.

    Equal names are equal hashes.
    """
    for row in _ask(
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


def duplicates(spark: SparkSession) -> Duplicates:
    """How many texts are there more than once."""
    [row] = _ask(
        spark,
        """
        SELECT coalesce(sum(train - in_train), 0) AS train,
            coalesce(sum(test - in_test), 0) AS test,
            coalesce(sum(in_train * in_test), 0) AS both
        FROM (
            SELECT count_if(in_train) AS train, count_if(NOT in_train) AS test,
                max(int(in_train)) AS in_train, max(int(NOT in_train)) AS in_test
            FROM reviews GROUP BY digest
        )
        """,
    )
    return Duplicates(row.train, row.test, row.both)


def vocabulary(spark: SparkSession, size: int) -> list[Stem]:
    """The ``size`` most frequent stems of the training half, in alphabetical order.

    A tie at the cut goes to the stem that comes first alphabetically (docs/decisions/0007).
    Raises DataError if there is no stem.
    """
    rows = _ask(
        spark,
        """
        SELECT stem, sum(int(occurrences)) AS terms, count(*) AS documents
        FROM reviews LATERAL VIEW explode(str_to_map(bag, ' ', ':')) AS stem, occurrences
        WHERE in_train AND bag <> ''
        GROUP BY stem ORDER BY terms DESC, stem ASC LIMIT :size
        """,
        size=size,
    )
    stems = sorted((row.stem, row.terms, row.documents) for row in rows)
    if not stems:
        raise no_words()
    return stems


def places(spark: SparkSession, plan: Plan) -> Places:
    """Where each review goes."""
    ranges = spark.sql(
        "SELECT key, in_train, label FROM reviews DISTRIBUTE BY left(key, :digits) SORT BY key",
        args={"digits": RANGE_DIGITS},
    )
    return Places.of(ranges.rdd.mapPartitions(partial(find_cuts, plan)).collect())


def _ask(spark: SparkSession, query: str, **values: int) -> list[Any]:
    """The rows of a query's answer."""
    answer: list[Any] = spark.sql(query, args=values).collect()
    return answer
