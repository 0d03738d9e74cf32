"""N-gram scores: six numbers that say how much the n-grams of a review point to which class.

The weight of an n-gram (`features.ngrams`) is its log-count ratio, as in naive Bayes (Wang and
Manning, 2012): the log-odds of the positive class, learned from the reviews of the train split that
contain the n-gram. A review has two scores for each size of n-grams, of its distinct n-grams whose
weight isn't 0: the sum of their weights divided by the square root of their number, and the mean.

Weights are integers of 8 bits. So sums are exact, and the same on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, ReviewTokens, TokenIds
from processing.errors import DataError
from processing.features.ngrams import (
    BUCKET_BITS,
    BUCKETS,
    SIZES,
    Hashes,
    distinct_ngrams,
    hashes_of,
    ngrams,
)
from processing.features.splits import CLASSES, Labels
from processing.progress import Progress
from processing.worker_pool import WorkerPool

FOLDS = 5
SCORES_PER_SIZE = 2

SCORE_COLUMNS = SCORES_PER_SIZE * len(SIZES)
"""How many columns of scores there are."""

_ROWS_AT_A_TIME = 1_000

_STEPS = 16  # steps of a weight in one unit of log-odds
_MAX_WEIGHT = 127
_MIN_REVIEWS = 2  # that contain an n-gram; the weight of rarer ones is 0
_DECIMALS = 4

_Groups = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.int8]
NgramScores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NgramScorer:
    """Scores the reviews of a corpus with t terms.

    hashes: of the terms, of shape (t,).
    weights: k tables, of shape (k, 3, `BUCKETS`). Row i is scored with table i % k.
    """

    hashes: Hashes
    weights: Weights

    def scores(self, ids: TokenIds, lengths: Lengths, first_row: int = 0) -> NgramScores:
        """Return the scores of r reviews, of shape (r, 6), rounded to four decimals.

        ids: the tokens of the reviews, one review after the other. lengths: of shape (r,).
        first_row: the number of the first review's row.
        """
        tables = (first_row + np.arange(len(lengths))) % len(self.weights)
        scores = np.empty((len(lengths), SCORE_COLUMNS))
        for size, (rows, buckets) in enumerate(distinct_ngrams(self.hashes[ids], lengths)):
            weights = self.weights[tables[rows], size, buckets]
            sums = np.bincount(rows, weights, len(lengths)) / _STEPS
            numbers = np.maximum(np.bincount(rows, weights != 0, len(lengths)), 1)
            scores[:, 2 * size], scores[:, 2 * size + 1] = sums / np.sqrt(numbers), sums / numbers
        return np.round(scores, _DECIMALS) + 0.0  # turns -0.0 into 0.0


def learn_weights(
    reviews: ReviewTokens,
    labels: Labels,
    hashes: Hashes,
    pool: WorkerPool,
    rows_at_a_time: int = _ROWS_AT_A_TIME,
) -> Weights:
    """Return the weights from the n rows of the train split, of shape (`FOLDS` + 1, 3, `BUCKETS`).

    Row i belongs to fold i % `FOLDS`. Table f is learned without the rows of fold f, so that a row
    can be scored with weights that its own label didn't affect. The last table is learned from all
    rows.

    reviews, labels: of the rows, in their order, of shape (n,). hashes: of the corpus's terms.
    """
    folds = np.arange(len(labels), dtype=np.uint32) % np.uint32(FOLDS)
    groups = folds * np.uint32(len(CLASSES)) + labels
    counts = np.zeros((len(SIZES), FOLDS, len(CLASSES), BUCKETS), np.int32)
    flat = counts.reshape(-1)
    progress = Progress(
        lambda done, rate: (
            f"counted n-grams of {done:,} of {len(labels):,} reviews ({rate:,.0f} per second)"
        )
    )
    counted = pool.map(partial(_cells, hashes), _blocks(reviews, groups, rows_at_a_time))
    for number, cells in enumerate(counted, start=1):
        np.add.at(flat, cells, np.int32(1))  # a plain 1 takes ten times as long
        progress.update(min(number * rows_at_a_time, len(labels)))
    totals = np.bincount(groups, minlength=FOLDS * len(CLASSES)).reshape(FOLDS, len(CLASSES))
    weights = np.empty((FOLDS + 1, len(SIZES), BUCKETS), np.int8)
    for size, of_size in enumerate(counts):
        total = of_size.sum(axis=0, dtype=np.int32)
        for fold in range(FOLDS):
            weights[fold, size] = _weights(total - of_size[fold], totals.sum(0) - totals[fold])
        weights[FOLDS, size] = _weights(total, totals.sum(0))
    return weights


def _blocks(
    reviews: ReviewTokens, groups: _Groups, length: int
) -> Iterator[tuple[ReviewTokens, _Groups]]:
    for start in range(0, len(groups), length):
        rows = np.arange(start, min(start + length, len(groups)))
        yield reviews.select(rows), groups[rows]


def _cells(hashes: Hashes, block: tuple[ReviewTokens, _Groups]) -> npt.NDArray[np.uint32]:
    """Return the cells in which to count the n-grams of a block: by size, group and bucket."""
    reviews, groups = block
    cells = []
    for size, (rows, buckets) in enumerate(
        distinct_ngrams(hashes[reviews.read()], reviews.lengths)
    ):
        table = groups[rows] + np.uint32(size * FOLDS * len(CLASSES))
        cells.append(table << np.uint32(BUCKET_BITS) | buckets.astype(np.uint32))
    return np.concatenate(cells)


def _weights(counts: npt.NDArray[np.int32], totals: npt.NDArray[np.int64]) -> Weights:
    """Return the weight of each bucket.

    counts: how many reviews of each class contain it, of shape (2, `BUCKETS`).
    totals: how many reviews of each class there are, of shape (2,).
    """
    weights = np.zeros(BUCKETS, np.int8)
    known = np.flatnonzero(counts.sum(axis=0) >= _MIN_REVIEWS)
    negative, positive = np.log((counts[:, known] + 1) / (totals[:, np.newaxis] + len(CLASSES)))
    ratios = np.rint(_STEPS * (positive - negative))
    weights[known] = ratios.clip(-_MAX_WEIGHT, _MAX_WEIGHT)
    return weights


@dataclass(frozen=True)
class WeightedNgram:
    """An n-gram of a text: its number of words, the words, and its weight in log-odds."""

    size: int
    text: str
    weight: float


def weighted_ngrams(words: Sequence[str], weights: Weights) -> list[WeightedNgram]:
    """Return the distinct n-grams of one text whose weight isn't 0, by size, in reading order.

    weights: one table, of shape (3, `BUCKETS`).
    """
    found = []
    lengths = np.array([len(words)], np.int32)
    for size, of_size, (first, buckets) in zip(SIZES, weights, ngrams(hashes_of(words), lengths)):
        _, once = np.unique(buckets, return_index=True)
        for number in np.sort(once).tolist():
            if weight := of_size[buckets[number]]:
                text = " ".join(words[first[number] : first[number] + size])
                found.append(WeightedNgram(size, text, float(weight) / _STEPS))
    return found


def write_weights(path: Path, weights: Weights) -> None:
    """Write one table of weights, of shape (3, `BUCKETS`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, weights, allow_pickle=False)


def read_weights(path: Path) -> Weights:
    """Return the table that `write_weights` wrote. Raise DataError for any other file."""
    try:
        weights = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _invalid(path, f"can't be read ({error})") from None
    if not isinstance(weights, np.ndarray) or weights.dtype != np.int8:
        raise _invalid(path, "contains no weights of n-grams")
    if weights.shape != (len(SIZES), BUCKETS):
        raise _invalid(path, f"contains weights of shape {weights.shape}")
    return weights


def _invalid(path: Path, reason: str) -> DataError:
    return DataError(f"{path.name}: {reason}; use the file that Preprocess wrote")
