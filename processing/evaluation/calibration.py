"""Calibration: whether reviews with a score of 0.8 are positive eight times in ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processing.evaluation.score_histogram import Reviews, ScoreCounts, Scores

BINS = 10
_DIGITS = 10


@dataclass(frozen=True)
class Reliability:
    """Reviews by tenths of the score; bins without any review are left out.

    scores: the mean score of each bin. reviews, positives: how many it has, and how many of them
    are positive. All of one length, at most `BINS`.
    """

    scores: Scores
    reviews: Reviews
    positives: Reviews


def reliability(counts: ScoreCounts) -> Reliability:
    """Bins of equal width, the upper bound belonging to each: (0, 0.1], (0.1, 0.2] and so on.

    >>> from processing.evaluation.score_histogram import score_counts
    >>> bins = reliability(score_counts(np.array([0.75, 0.75, 0.1]), np.array([1, 0, 0])))
    >>> bins.scores.tolist(), bins.reviews.tolist(), bins.positives.tolist()
    ([0.1, 0.75], [1, 2], [0, 1])
    """
    number = np.clip(np.ceil(counts.scores * BINS).astype(np.int64) - 1, 0, BINS - 1)
    totals = [
        np.bincount(number, weights=values, minlength=BINS)
        for values in (counts.scores * counts.reviews, counts.reviews, counts.positives)
    ]
    kept = totals[1] > 0
    sums, reviews, positives = (total[kept] for total in totals)
    return Reliability(sums / reviews, reviews.astype(np.int64), positives.astype(np.int64))


def calibration(counts: ScoreCounts) -> dict[str, float]:
    """Brier score, log loss, and the expected calibration error over `BINS` bins."""
    total = int(counts.reviews.sum())
    squares = counts.positives * (1 - counts.scores) ** 2 + counts.negatives * counts.scores**2
    # As scikit-learn does, so that one certain mistake isn't endless.
    tiny = np.finfo(np.float64).eps
    sure = np.clip(counts.scores, tiny, 1 - tiny)
    logs = counts.positives * np.log(sure) + counts.negatives * np.log1p(-sure)
    bins = reliability(counts)
    gaps = np.abs(bins.scores * bins.reviews - bins.positives)
    sums = {"brier": squares, "expected_calibration_error": gaps, "log_loss": -logs}
    return {name: round(float(terms.sum()) / total, _DIGITS) for name, terms in sums.items()}
