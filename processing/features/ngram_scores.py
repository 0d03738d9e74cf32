"""The evidence of n-grams: six numbers that tell how much of a review speaks for which class.

The weight of an n-gram (`features.ngrams`) is the log-odds of the positive class, learned from
the reviews of the train split that hold it. A review's numbers are, for each size of n-grams, the
sum s of the weights of its distinct n-grams, divided by the root of their number, and their mean m.
N-grams of weight 0 don't count.

A weight is a whole number of 8 bits. So sums are exact, and equal on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, Runs, WordIds
from processing.errors import DataError
from processing.features.ngrams import (
    BUCKET_BITS,
    BUCKETS,
    SIZES,
    Hashes,
    distinct,
    hashes_of,
    ngrams,
)
from processing.worker_pool import WorkerPool

FOLDS = 5

WIDTH = 2 * len(SIZES)
"""Columns of evidence: s and m of each size."""

_SCALE = 16  # so many steps of a weight are one unit of log-odds
_MOST = 127
_LEAST_REVIEWS = 2
_CLASSES = 2
_DECIMALS = 4
_ROWS_AT_A_TIME = 1_000

Labels = npt.NDArray[np.uint8]
Groups = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.int8]
Columns = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the reviews of a corpus are weighed with.

    hashes: of the corpus's w words, of shape (w,).
    weights: k tables, of shape (k, 3, `BUCKETS`). Row i is weighed with table i % k.
    """

    hashes: Hashes
    weights: Weights

    def columns(self, ids: WordIds, lengths: Lengths, first: int = 0) -> Columns:
        """The evidence s1, m1, s2, m2, s3, m3 of r reviews, of shape (r, 6), to four decimals.

        ids: of the reviews' words, one review after the other. lengths: of shape (r,).
        first: the number of the first review's row.
        """
        tables = (first + np.arange(len(lengths))) % len(self.weights)
        columns = np.empty((len(lengths), WIDTH))
        for size, (rows, buckets) in enumerate(distinct(self.hashes[ids], lengths)):
            weights = self.weights[tables[rows], size, buckets]
            sums = np.bincount(rows, weights, len(lengths)) / _SCALE
            numbers = np.maximum(np.bincount(rows, weights != 0, len(lengths)), 1)
            columns[:, 2 * size], columns[:, 2 * size + 1] = sums / np.sqrt(numbers), sums / numbers
        return np.round(columns, _DECIMALS) + 0.0  # which makes -0.0 a 0.0


def learn(runs: Runs, labels: Labels, hashes: Hashes, pool: WorkerPool) -> Weights:
    """The weights that the n rows of the train split give, of shape (`FOLDS` + 1, 3, `BUCKETS`).

    Row i belongs to fold i % `FOLDS`. Table f is made without the rows of fold f, so that a row can
    be weighed with what its own label has no part in; the last table is made of all rows.

    runs, labels: of the rows, in their order, of shape (n,). hashes: of the corpus's words.
    """
    folds = np.arange(len(labels), dtype=np.uint32) % np.uint32(FOLDS)
    groups = folds * np.uint32(_CLASSES) + labels
    counts = np.zeros((len(SIZES), FOLDS, _CLASSES, BUCKETS), np.int32)
    places = counts.reshape(-1)
    for cells in pool.map(partial(_cells, hashes), _blocks(runs, groups)):
        np.add.at(places, cells, np.int32(1))  # a plain 1 takes ten times as long
    reviews = np.bincount(groups, minlength=FOLDS * _CLASSES).reshape(FOLDS, _CLASSES)
    weights = np.empty((FOLDS + 1, len(SIZES), BUCKETS), np.int8)
    for size, of_size in enumerate(counts):
        total = of_size.sum(axis=0, dtype=np.int32)
        for fold in range(FOLDS):
            weights[fold, size] = _weights(total - of_size[fold], reviews.sum(0) - reviews[fold])
        weights[FOLDS, size] = _weights(total, reviews.sum(0))
    return weights


def _blocks(runs: Runs, groups: Groups) -> Iterator[tuple[Runs, Groups]]:
    for start in range(0, len(groups), _ROWS_AT_A_TIME):
        rows = np.arange(start, min(start + _ROWS_AT_A_TIME, len(groups)))
        yield runs.of(rows), groups[rows]


def _cells(hashes: Hashes, block: tuple[Runs, Groups]) -> npt.NDArray[np.uint32]:
    """Where the block's n-grams are counted: places in a table by size, group and bucket."""
    runs, groups = block
    cells = []
    for size, (rows, buckets) in enumerate(distinct(hashes[runs.read()], runs.lengths)):
        table = groups[rows] + np.uint32(size * FOLDS * _CLASSES)
        cells.append(table << np.uint32(BUCKET_BITS) | buckets.astype(np.uint32))
    return np.concatenate(cells)


def _weights(counts: npt.NDArray[np.int32], reviews: npt.NDArray[np.int64]) -> Weights:
    """The weight of each bucket.

    counts: how many reviews of each class hold it, of shape (2, `BUCKETS`).
    reviews: how many reviews of each class there are, of shape (2,).
    """
    weights = np.zeros(BUCKETS, np.int8)
    known = np.flatnonzero(counts.sum(axis=0) >= _LEAST_REVIEWS)
    negative, positive = np.log((counts[:, known] + 1) / (reviews[:, np.newaxis] + _CLASSES))
    weights[known] = np.rint(_SCALE * (positive - negative)).clip(-_MOST, _MOST)
    return weights


@dataclass(frozen=True)
class Weighed:
    """An n-gram of a text: how many words it has, the words, and its weight in log-odds."""

    size: int
    text: str
    weight: float


def weighed(words: Sequence[str], weights: Weights) -> list[Weighed]:
    """The distinct n-grams of one text that count, size by size, in reading order.

    weights: one table, of shape (3, `BUCKETS`). For each size, the text's evidence is s, the sum of
    these weights divided by the root of their number, and m, their mean.
    """
    found = []
    lengths = np.array([len(words)], np.int32)
    for size, of_size, (first, buckets) in zip(SIZES, weights, ngrams(hashes_of(words), lengths)):
        _, once = np.unique(buckets, return_index=True)
        for number in np.sort(once).tolist():
            if weight := of_size[buckets[number]]:
                text = " ".join(words[first[number] : first[number] + size])
                found.append(Weighed(size, text, float(weight) / _SCALE))
    return found


def write(path: Path, weights: Weights) -> None:
    """Writes one table of weights, of shape (3, `BUCKETS`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, weights, allow_pickle=False)


def read(path: Path) -> Weights:
    """The table of weights that `write` wrote. Raises DataError if it's anything else."""
    try:
        weights = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _unusable(path, f"can't be read ({error})") from None
    if not isinstance(weights, np.ndarray) or weights.dtype != np.int8:
        raise _unusable(path, "holds no weights of n-grams")
    if weights.shape != (len(SIZES), BUCKETS):
        raise _unusable(path, f"holds weights of shape {weights.shape}")
    return weights


def _unusable(path: Path, reason: str) -> DataError:
    return DataError(f"{path.name}: {reason}; give the file that Preprocess wrote")
