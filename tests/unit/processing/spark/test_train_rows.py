"""Sums over the rows of train are the same in executors as on one machine."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from processing.corpus.token_ids import ReviewTokens, number_terms
from processing.features.ngrams import hashes_of
from processing.features.train_rows import Blocks, TrainRows, pooled_blocks
from processing.spark.partitioning import Placed
from processing.spark.train_rows import train_blocks
from processing.worker_pool import WorkerPool

# pyspark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

Numbers = npt.NDArray[np.int64]


def placed(count: int) -> list[Placed]:
    chance = random.Random(0)
    return [
        Placed(split, row, chance.randrange(2), "", " ".join(chance.choices("abcdef", k=row % 7)))
        for split in ("validation", "train", "test")
        for row in range(count)
    ]


def on_one_machine(folder: Path, rows: list[Placed]) -> Blocks[TrainRows]:
    terms, ids, lengths = number_terms(row.terms for row in rows)
    path = folder / "ids"
    path.write_bytes(ids.tobytes())
    reviews = ReviewTokens(path, np.append(0, np.cumsum(lengths))[:-1], lengths)
    labels = np.array([row.label for row in rows], np.uint8)
    return pooled_blocks(reviews, labels, hashes_of(terms), WorkerPool(1))


def products(factor: int, block: TrainRows) -> Numbers:
    """A number for each row, from all that is known of it, in its place."""
    found = np.zeros(50, np.int64)
    np.add.at(
        found,
        np.repeat(block.rows, block.lengths),
        (block.hashes >> np.uint64(40)).astype(np.int64),
    )
    found[block.rows] += block.labels + block.folds
    return found * factor


def total(blocks: Iterable[Numbers]) -> Numbers:
    numbers: Numbers = np.sum([np.zeros(50, np.int64), *blocks], axis=0)
    return numbers


@pytest.mark.parametrize("partitions", [1, 9])
def test_sums_and_kept_blocks_are_those_of_one_machine(
    spark: Any, tmp_path: Path, partitions: int
) -> None:
    rows = placed(50)
    shuffled = random.Random(1).sample(rows, len(rows))
    blocks = train_blocks(spark.sparkContext.parallelize(shuffled, partitions))
    expected = on_one_machine(tmp_path, [row for row in rows if row.split == "train"])
    for factor in (1, 3):
        kept, wanted = (each.map(partial(products, factor)) for each in (blocks, expected))
        for _ in range(2):
            assert kept.sum(total).tolist() == wanted.sum(total).tolist()
        assert np.count_nonzero(wanted.sum(total)) > 40
