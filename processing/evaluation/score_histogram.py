"""Scores counted by class: all that the metrics need of any number of reviews, in bounded memory.

The counts are exact as long as there are at most 2**20 distinct scores. (XGBoost's are 32-bit
floats: 25,000 reviews have at most 25,000 of them, and some millions have more.) From then on
scores are rounded up to multiples of 2**-20, which moves no score across 0.5, and an AUC by less
than a millionth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST_SCORES = 1 << 20
_GRID = 1 << 20
_ROWS_AT_A_TIME = 1 << 18

Labels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]
Reviews = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ScoreCounts:
    """How many reviews of either class have each of k scores.

    scores: ascending, each once, float64 of shape (k,). negatives, positives: int64 of shape (k,).
    """

    scores: Scores
    negatives: Reviews
    positives: Reviews

    @property
    def reviews(self) -> Reviews:
        """How many reviews have each score, of shape (k,)."""
        return self.negatives + self.positives


class ScoreTable:
    """Counts scores as they come. ``most`` is how many distinct ones are kept as they are."""

    def __init__(self, most: int = MOST_SCORES) -> None:
        self._most = most
        self._on_grid = False
        self._counts = _counted(np.empty(0), np.empty(0, np.uint8))
        self._waiting: list[ScoreCounts] = []
        self._rows_waiting = 0

    def add(self, scores: Scores, labels: Labels) -> None:
        """Counts n reviews: scores in [0, 1], labels 0 or 1, both of shape (n,)."""
        self._waiting.append(_counted(scores, labels))
        self._rows_waiting += len(scores)
        if self._rows_waiting >= _ROWS_AT_A_TIME:
            self._merge()

    def counts(self) -> ScoreCounts:
        """What has been counted up to now."""
        self._merge()
        return self._counts

    def _merge(self) -> None:
        tables = [self._counts, *self._waiting]
        self._waiting, self._rows_waiting = [], 0
        scores = np.concatenate([table.scores for table in tables])
        negatives = np.concatenate([table.negatives for table in tables])
        positives = np.concatenate([table.positives for table in tables])
        if self._on_grid:
            scores = _rounded_up(scores)
        self._counts = _summed(scores, negatives, positives)
        if len(self._counts.scores) > self._most and not self._on_grid:
            self._on_grid = True
            self._merge()


def score_counts(scores: Scores, labels: Labels) -> ScoreCounts:
    """The counts of reviews that are all at hand.

    >>> counts = score_counts(np.array([0.9, 0.2, 0.9]), np.array([1, 0, 0], np.uint8))
    >>> counts.scores.tolist(), counts.negatives.tolist(), counts.positives.tolist()
    ([0.2, 0.9], [1, 1], [0, 1])
    """
    table = ScoreTable()
    table.add(scores, labels)
    return table.counts()


def _counted(scores: Scores, labels: Labels) -> ScoreCounts:
    """The counts of n reviews; a score may be there several times."""
    positives = (labels == 1).astype(np.int64)
    return ScoreCounts(scores, 1 - positives, positives)


def _summed(scores: Scores, negatives: Reviews, positives: Reviews) -> ScoreCounts:
    distinct, place = np.unique(scores, return_inverse=True)
    sums = (
        # Sums of 64-bit floats, and exact: no set has 2**53 reviews.
        np.bincount(place, weights=reviews, minlength=len(distinct)).astype(np.int64)
        for reviews in (negatives, positives)
    )
    return ScoreCounts(distinct, *sums)


def _rounded_up(scores: Scores) -> Scores:
    """The scores on the grid.

    >>> _rounded_up(np.array([0.0, 0.5, 0.5000001, 1.0])).tolist()
    [0.0, 0.5, 0.5000009536743164, 1.0]
    """
    rounded: Scores = np.ceil(scores * _GRID) / _GRID
    return rounded
