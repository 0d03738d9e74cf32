"""N-gram scores: six numbers that say how much the n-grams of a review point to which class.

The weight of an n-gram (`features.ngrams`) is its log-count ratio, as in naive Bayes (Wang and
Manning, 2012): the log-odds of the positive class, learned from the reviews of the train split that
contain the n-gram. A review has two scores for each size of n-grams, of its distinct n-grams whose
weight isn't 0: the sum of their weights divided by the square root of their number, and the mean.

Weights are integers of 8 bits. So sums are exact, and the same on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, TokenIds
from processing.errors import DataError
from processing.features.ngrams import (
    BUCKETS,
    SIZES,
    Hashes,
    distinct_ngrams,
    hashes_of,
    ngrams,
)
from processing.features.splits import CLASSES
from processing.features.train_rows import FOLDS, Blocks, TrainRows

SCORES_PER_SIZE = 2

SCORE_COLUMNS = SCORES_PER_SIZE * len(SIZES)
"""How many columns of scores there are."""

_STEPS = 16  # steps of a weight in one unit of log-odds
_MAX_WEIGHT = 127
_MIN_REVIEWS = 2  # that contain an n-gram; the weight of rarer ones is 0
_DECIMALS = 4

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


def learn_weights(blocks: Blocks[TrainRows]) -> Weights:
    """Return the weights from the rows of the train split, of shape (`FOLDS` + 1, 3, `BUCKETS`).

    Row i belongs to fold i % `FOLDS`. Table f is learned without the rows of fold f, so that a row
    can be scored with weights that its own label didn't affect. The last table is learned from all
    rows.
    """
    weights = np.empty((FOLDS + 1, len(SIZES), BUCKETS), np.int8)
    for number, size in enumerate(SIZES):
        counts = blocks.sum(partial(_count, size))
        total = counts.sum(axis=0, dtype=np.int32)
        for fold in range(FOLDS):
            weights[fold, number] = _weights(total - counts[fold])
        weights[FOLDS, number] = _weights(total)
    return weights


def _count(size: int, blocks: Iterable[TrainRows]) -> npt.NDArray[np.int32]:
    """Return how many rows of each fold and class have each bucket; last, how many there are.

    The result has the shape (`FOLDS`, 2, `BUCKETS` + 1).
    """
    counts = np.zeros((FOLDS, len(CLASSES), BUCKETS + 1), np.int32)
    tables, flat = counts.reshape(-1, BUCKETS + 1), counts.reshape(-1)
    for block in blocks:
        groups = block.folds * len(CLASSES) + block.labels
        tables[:, BUCKETS] += np.bincount(groups, minlength=len(tables)).astype(np.int32)
        [(rows, buckets)] = distinct_ngrams(block.hashes, block.lengths, [size])
        cells = groups[rows] * (BUCKETS + 1) + buckets.astype(np.int64)
        np.add.at(flat, cells, np.int32(1))  # a plain 1 takes ten times as long
    return counts


def _weights(counts: npt.NDArray[np.int32]) -> Weights:
    """Return the weight of each bucket.

    counts: how many rows of each class contain it; last, how many there are; of shape
    (2, `BUCKETS` + 1).
    """
    weights = np.zeros(BUCKETS, np.int8)
    counts, totals = counts[:, :BUCKETS], counts[:, BUCKETS:]
    known = np.flatnonzero(counts.sum(axis=0) >= _MIN_REVIEWS)
    negative, positive = np.log((counts[:, known] + 1) / (totals + len(CLASSES)))
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
