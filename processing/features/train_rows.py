"""Rows of the train split, in blocks: the seam between what is learned from them, and the engine.

A learner calls `Blocks.sum` for each pass over the rows, and `Blocks.map` for what all its passes
need. One machine (`pooled_blocks`) and Spark (`processing.spark.train_rows`) differ in where the
functions run. A function gets some of the blocks, in any order, and returns an array of integers;
as sums of integers are exact, the result depends neither on the blocks nor on who has which:

    blocks: Blocks[TrainRows]
    counts = blocks.sum(partial(count, size))            # count(size, blocks) -> array of integers
    kept = blocks.map(partial(distinct, known))          # computed once; kept on disk
    for _ in range(passes):
        weights += step(kept.sum(partial(gradient, weights)))

Functions and what they hold are sent to other processes, the large arrays in them included.
"""

from __future__ import annotations

import operator
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, ReviewTokens
from processing.features.ngrams import Hashes
from processing.features.splits import Labels, Rows
from processing.worker_pool import WorkerPool

FOLDS = 5

ROWS_AT_A_TIME = 1_000
"""The most rows of a block."""

_ROWS_OF_SHARE = 1 << 17

Block = TypeVar("Block")
Block_co = TypeVar("Block_co", covariant=True)
Other = TypeVar("Other")
Sums = TypeVar("Sums", bound="npt.NDArray[np.integer[Any]]")


@dataclass(frozen=True)
class TrainRows:
    """Some rows of the train split.

    hashes: of the tokens (`ngrams.hashes_of`), one row after the other.
    lengths: how many tokens each row has. labels: 0 or 1. rows: the number of each row in the
        split. All of shape (r,).
    """

    hashes: Hashes
    lengths: Lengths
    labels: Labels
    rows: Rows

    @property
    def folds(self) -> Rows:
        """The fold of each row, of shape (r,)."""
        return self.rows % FOLDS


class Blocks(Protocol[Block_co]):
    """Blocks of rows, or what a function returned for them, in the processes of an engine."""

    def sum(self, function: Callable[[Iterable[Block_co]], Sums]) -> Sums:
        """Return the sum of the arrays that the function returns, each for some of the blocks.

        The function may get no block at all, and returns zeros then.
        """

    def map(self, function: Callable[[Block_co], Other]) -> Blocks[Other]:
        """Return what the function makes of each block, kept for several sums."""


def pooled_blocks(
    reviews: ReviewTokens,
    labels: Labels,
    hashes: Hashes,
    pool: WorkerPool,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> Blocks[TrainRows]:
    """Return the n rows of the train split as blocks for the workers of a pool.

    reviews, labels: of the rows, in their order, of shape (n,). hashes: of the corpus's terms.
    """
    rows = np.arange(len(labels))
    shares = np.array_split(rows, max(pool.size, -(-len(rows) // _ROWS_OF_SHARE)))
    return _PooledBlocks(
        [
            _TokenShare(reviews.select(share), labels[share], share, hashes, rows_at_a_time)
            for share in shares
        ],
        pool,
        reviews.path.parent,
    )


class _PooledBlocks(Blocks[Block]):
    """Blocks in shares; a worker goes through a share. Those that are kept are in ``scratch``."""

    def __init__(self, shares: Sequence[Iterable[Block]], pool: WorkerPool, scratch: Path) -> None:
        self._shares, self._pool, self._scratch = shares, pool, scratch

    def sum(self, function: Callable[[Iterable[Block]], Sums]) -> Sums:
        # The arrays are large: files take a third of the CPU time of pipes.
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            stored = Path(folder) / "function"
            stored.write_bytes(pickle.dumps(function, pickle.HIGHEST_PROTOCOL))
            files = (Path(folder) / f"{number}.npy" for number in range(len(self._shares)))
            stored_sums = self._pool.map(partial(_sum, stored), zip(self._shares, files))
            sums: Sums = reduce(operator.iadd, map(np.load, stored_sums))
            return sums

    def map(self, function: Callable[[Block], Other]) -> Blocks[Other]:
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        files = [folder / str(number) for number in range(len(self._shares))]
        kept = self._pool.map(partial(_keep, function), zip(self._shares, files))
        return _PooledBlocks(list(kept), self._pool, self._scratch)


@dataclass(frozen=True)
class _TokenShare:
    """Adjacent rows, which become blocks where they are read."""

    reviews: ReviewTokens
    labels: Labels
    rows: Rows
    hashes: Hashes
    rows_at_a_time: int

    def __iter__(self) -> Iterator[TrainRows]:
        for start in range(0, len(self.rows), self.rows_at_a_time):
            some = slice(start, start + self.rows_at_a_time)
            lengths, offsets = self.reviews.lengths[some], self.reviews.offsets[some]
            tokens = ReviewTokens(self.reviews.path, offsets, lengths).read()
            yield TrainRows(self.hashes[tokens], lengths, self.labels[some], self.rows[some])


@dataclass(frozen=True)
class _FileShare(Generic[Block]):
    """Blocks in a file of this job."""

    path: Path

    def __iter__(self) -> Iterator[Block]:
        with self.path.open("rb") as file:
            while file.peek(1):
                yield pickle.load(file)  # noqa: S301  # what this job wrote


def _sum(stored: Path, task: tuple[Iterable[Any], Path]) -> Path:
    share, path = task
    with stored.open("rb") as file:
        function = pickle.load(file)  # noqa: S301  # what this job wrote
    np.save(path, function(share))
    return path


def _keep(
    function: Callable[[Block], Other], task: tuple[Iterable[Block], Path]
) -> _FileShare[Other]:
    blocks, path = task
    with path.open("wb") as file:
        for block in blocks:
            pickle.dump(function(block), file, pickle.HIGHEST_PROTOCOL)
    return _FileShare(path)
