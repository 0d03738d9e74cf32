"""Rows of the train split as `processing.features.train_rows.Blocks`, summed by the executors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from processing.corpus.token_ids import number_terms
from processing.features.ngrams import hashes_of
from processing.features.train_rows import (
    ROWS_AT_A_TIME,
    Block,
    Blocks,
    Other,
    Sums,
    TrainRows,
)
from processing.names import TRAIN
from processing.spark.partitioning import Placed

if TYPE_CHECKING:
    from pyspark import RDD


class SparkBlocks(Blocks[Block]):
    """Blocks in memory and on the disks of the executors; what is lost is computed again."""

    def __init__(self, blocks: RDD[Block]) -> None:
        from pyspark import StorageLevel

        self._blocks = blocks.persist(StorageLevel.MEMORY_AND_DISK)

    def sum(self, function: Callable[[Iterable[Block]], Sums]) -> Sums:
        """Return the sum for all blocks."""
        shared = self._blocks.context.broadcast(function)
        of_partitions = self._blocks.mapPartitions(lambda some: [shared.value(some)])
        # With three levels, the driver gets some tens of arrays from thousands of partitions.
        sums: Sums = of_partitions.treeReduce(np.add, depth=3)
        shared.destroy()  # or the functions of all passes would stay
        return sums

    def map(self, function: Callable[[Block], Other]) -> Blocks[Other]:
        """Return the function's results, which the executors keep."""
        return SparkBlocks(self._blocks.map(function))


def train_blocks(reviews: RDD[Placed]) -> Blocks[TrainRows]:
    """Return the rows of train among the reviews."""
    return SparkBlocks(reviews.mapPartitions(_blocks))


def _blocks(reviews: Iterable[Placed]) -> Iterator[TrainRows]:
    of_train = (review for review in reviews if review.split == TRAIN)
    while some := list(islice(of_train, ROWS_AT_A_TIME)):
        terms, ids, lengths = number_terms(review.terms for review in some)
        yield TrainRows(
            hashes_of(terms)[ids],
            lengths,
            np.array([review.label for review in some], np.uint8),
            np.array([review.row for review in some], np.int64),
        )
