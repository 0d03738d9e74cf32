"""Calibration: whether eight in ten reviews with a score of 0.8 are positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.evaluation.predictions import Classes, Scores
from processing.evaluation.scikit_learn import calibration, metrics
from processing.names import Compared

BINS = 10
_DIGITS = 10
_REVIEWS_AT_A_TIME = 250_000


@dataclass(frozen=True)
class CalibrationCurve:
    """Reviews in bins of equal width by their scores, without the empty bins.

    scores: mean score in each bin. positive_shares: share of its reviews that are positive.
    reviews: number of reviews in it. All of one length, at most `BINS`.
    """

    scores: npt.NDArray[np.float64]
    positive_shares: npt.NDArray[np.float64]
    reviews: npt.NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of share and score, weighted by reviews."""
        return float(np.average(np.abs(self.positive_shares - self.scores), weights=self.reviews))


def calibration_curve(labels: Classes, scores: Scores) -> CalibrationCurve:
    """Return the calibration curve; the bins are (0, 0.1], (0.1, 0.2] and so on.

    >>> curve = calibration_curve(np.array([1, 0, 0], np.uint8), np.array([0.75, 0.75, 0.1]))
    >>> curve.scores.tolist(), curve.positive_shares.tolist(), curve.reviews.tolist()
    ([0.1, 0.75], [0.0, 0.5], [1, 2])
    """
    positive_shares, means = calibration.calibration_curve(labels, scores, n_bins=BINS)
    # scikit-learn doesn't return the size of its bins.
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], scores)
    sizes = np.bincount(bins)
    return CalibrationCurve(means, positive_shares, sizes[sizes > 0])


def calibration_report(labels: Classes, scores: Scores) -> dict[str, Any]:
    """Return the Brier score, the expected calibration error, the log loss, and the curve."""
    curve = calibration_curve(labels, scores)
    values = {
        "brier": metrics.brier_score_loss(labels, scores),
        "expected_calibration_error": curve.error,
        "log_loss": _log_loss(labels, scores),
    }
    return {
        **{name: round(float(value), _DIGITS) for name, value in values.items()},
        Compared.CURVE: {
            "positive_shares": np.round(curve.positive_shares, _DIGITS).tolist(),
            "reviews": curve.reviews.tolist(),
            "scores": np.round(curve.scores, _DIGITS).tolist(),
        },
    }


def _log_loss(labels: Classes, scores: Scores) -> float:
    # By parts, because scikit-learn takes 100 bytes for each review.
    parts = -(-len(labels) // _REVIEWS_AT_A_TIME)
    losses = (
        metrics.log_loss(*part, labels=[0, 1], normalize=False)
        for part in zip(np.array_split(labels, parts), np.array_split(scores, parts))
    )
    return float(sum(losses)) / len(labels)
