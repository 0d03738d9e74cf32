"""Sums over the rows of train depend neither on the blocks nor on the workers that share them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from processing.corpus.token_ids import ReviewTokens
from processing.features.ngrams import Hashes, hashes_of
from processing.features.train_rows import FOLDS, Blocks, TrainRows, pooled_blocks
from processing.worker_pool import WorkerPool

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

TERMS = "not a very good film".split()
LENGTHS = [3, 0, 5, 1, 2, 4, 1]

Numbers = npt.NDArray[np.int64]


def blocks_of(folder: Path, pool: WorkerPool, rows_at_a_time: int) -> Blocks[TrainRows]:
    path = folder / "ids"
    ids = np.arange(sum(LENGTHS), dtype=np.uint32) % len(TERMS)
    path.write_bytes(ids.astype(np.uint32).tobytes())
    lengths = np.array(LENGTHS, np.int32)
    reviews = ReviewTokens(path, np.append(0, np.cumsum(lengths))[:-1], lengths)
    labels = np.arange(len(lengths), dtype=np.uint8) % np.uint8(2)
    return pooled_blocks(reviews, labels, hashes_of(TERMS), pool, rows_at_a_time)


def count(hashes: Hashes, blocks: Iterable[TrainRows]) -> Numbers:
    """How often each hash occurs in the rows of each fold and label."""
    counts = np.zeros((FOLDS, 2, len(hashes)), np.int64)
    for block in blocks:
        groups = zip(block.folds, block.labels, strict=True)
        of_row = [
            group
            for group, number in zip(groups, block.lengths, strict=True)
            for _ in range(number)
        ]
        for (fold, label), token in zip(of_row, block.hashes, strict=True):
            counts[fold, label, np.flatnonzero(hashes == token)] += 1
    return counts


def numbers(first: int, block: TrainRows) -> Numbers:
    return first + block.rows


def histogram(blocks: Iterable[Numbers]) -> Numbers:
    counts = np.zeros(10, np.int64)
    for block in blocks:
        np.add.at(counts, block, 1)
    return counts


@pytest.mark.parametrize("workers", [1, 2, 9])
@pytest.mark.parametrize("rows_at_a_time", [1, 3, 1_000])
def test_sums_are_those_of_all_rows_together(
    tmp_path: Path, workers: int, rows_at_a_time: int
) -> None:
    hashes = hashes_of(TERMS)
    with WorkerPool(1) as pool:
        expected = blocks_of(tmp_path, pool, 1_000).sum(partial(count, hashes))
    with WorkerPool(workers) as pool:
        found = blocks_of(tmp_path, pool, rows_at_a_time).sum(partial(count, hashes))
    assert found.tolist() == expected.tolist()
    assert expected.sum() == sum(LENGTHS)
    assert expected.sum(axis=(1, 2)).tolist() == [7, 1, 5, 1, 2]  # rows 0 and 5 are of fold 0


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_function_returns_for_blocks_is_summed_as_often_as_needed(
    tmp_path: Path, workers: int
) -> None:
    with WorkerPool(workers) as pool:
        blocks = blocks_of(tmp_path, pool, 2)
        plain, shifted = blocks.map(partial(numbers, 0)), blocks.map(partial(numbers, 2))
        again = shifted.map(partial(np.add, 1))
        for _ in range(2):
            assert plain.sum(histogram).tolist() == [1] * 7 + [0] * 3
            assert shifted.sum(histogram).tolist() == [0] * 2 + [1] * 7 + [0]
        assert again.sum(histogram).tolist() == [0] * 3 + [1] * 7
