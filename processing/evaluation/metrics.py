"""How well scores between 0 and 1 tell positive reviews from negative ones.

The report has the form of SageMaker's model-quality metrics for two classes, so that Studio and the
model registry draw it. Standard deviations are those of the estimator, by formula: binomial for
the rates, the delta method for F1, Hanley and McNeil (1982) for the AUC.

The ROC curve is computed here: importing scikit-learn for it takes longer than all the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.evaluation.score_histogram import ScoreCounts
from processing.names import METRICS

_CURVE_POINTS = 200
_DIGITS = 10


@dataclass(frozen=True)
class ConfusionMatrix:
    """Reviews counted by label and prediction; "positive" is a prediction here."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def total(self) -> int:
        """All reviews."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative


@dataclass(frozen=True)
class Curve:
    """The ROC curve in reviews: how many of each class score at least as much as each threshold.

    From (0, 0) on, the thresholds descending; both int64 of one length.
    """

    false_positives: npt.NDArray[np.int64]
    true_positives: npt.NDArray[np.int64]


def confusion_matrix(counts: ScoreCounts) -> ConfusionMatrix:
    """Counts; a score above 0.5 is a positive prediction (the article rounds, 0.5 to 0)."""
    positive = counts.scores > 0.5
    return ConfusionMatrix(
        true_positive=int(counts.positives[positive].sum()),
        false_positive=int(counts.negatives[positive].sum()),
        true_negative=int(counts.negatives[~positive].sum()),
        false_negative=int(counts.positives[~positive].sum()),
    )


def roc_curve(counts: ScoreCounts) -> Curve:
    """The ROC curve without the points in the middle of a straight line, as scikit-learn gives it.

    >>> from processing.evaluation.score_histogram import score_counts
    >>> scores, labels = np.array([0.1, 0.4, 0.4, 0.8, 0.9]), np.array([0, 1, 0, 1, 1])
    >>> curve = roc_curve(score_counts(scores, labels))
    >>> curve.false_positives.tolist(), curve.true_positives.tolist()
    ([0, 0, 0, 1, 2], [0, 1, 2, 3, 3])
    """
    true, false = np.cumsum(counts.positives[::-1]), np.cumsum(counts.negatives[::-1])
    bent = (np.diff(true, 2) != 0) | (np.diff(false, 2) != 0)
    kept = np.concatenate(([True], bent, [True]))[: len(true)]
    return Curve(np.append(0, false[kept]), np.append(0, true[kept]))


def model_quality(scored: ScoreCounts) -> dict[str, Any]:
    """The model-quality report of scored reviews, of which there are some of either class.

    A rate whose denominator is zero (no positive prediction, say) is 0 with a deviation of 0.
    """
    counts = confusion_matrix(scored)
    curve = roc_curve(scored)
    positives = counts.true_positive + counts.false_negative
    negatives = counts.true_negative + counts.false_positive
    called = counts.true_positive + counts.false_positive
    return {
        METRICS: {
            "accuracy": _rate(counts.true_positive + counts.true_negative, counts.total),
            "auc": _auc(curve),
            "confusion_matrix": {
                "0": {"0": counts.true_negative, "1": counts.false_positive},
                "1": {"0": counts.false_negative, "1": counts.true_positive},
            },
            "f1": _f1(counts),
            "false_negative_rate": _rate(counts.false_negative, positives),
            "false_positive_rate": _rate(counts.false_positive, negatives),
            "precision": _rate(counts.true_positive, called),
            "recall": _rate(counts.true_positive, positives),
            "receiver_operating_characteristic_curve": _roc(curve),
            "true_negative_rate": _rate(counts.true_negative, negatives),
            "true_positive_rate": _rate(counts.true_positive, positives),
        }
    }


def _metric(value: float, deviation: float) -> dict[str, float]:
    return {"value": round(value, _DIGITS), "standard_deviation": round(deviation, _DIGITS)}


def _rate(count: int, of: int) -> dict[str, float]:
    """A share and the binomial deviation of its estimate.

    >>> _rate(80, 100)
    {'value': 0.8, 'standard_deviation': 0.04}
    """
    if not of:
        return _metric(0.0, 0.0)
    share = count / of
    return _metric(share, math.sqrt(share * (1 - share) / of))


def _f1(counts: ConfusionMatrix) -> dict[str, float]:
    """F1 = 2a / (2a + b) with a true positives and b errors, both multinomial."""
    a, b = counts.true_positive, counts.false_positive + counts.false_negative
    if not 2 * a + b:
        return _metric(0.0, 0.0)
    share_a, share_b = a / counts.total, b / counts.total
    slope_a = 2 * share_b / (2 * share_a + share_b) ** 2
    slope_b = -2 * share_a / (2 * share_a + share_b) ** 2
    variance = (
        slope_a**2 * share_a * (1 - share_a)
        + slope_b**2 * share_b * (1 - share_b)
        - 2 * slope_a * slope_b * share_a * share_b
    ) / counts.total
    return _metric(2 * a / (2 * a + b), math.sqrt(max(variance, 0.0)))


def _auc(curve: Curve) -> dict[str, float]:
    false, true = curve.false_positives, curve.true_positives
    negatives, positives = int(false[-1]), int(true[-1])
    # Twice the area below the curve, in whole numbers.
    area = int(np.sum(np.diff(false) * (true[1:] + true[:-1])))
    auc = area / (2 * positives * negatives)
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    ) / (positives * negatives)
    return _metric(auc, math.sqrt(max(variance, 0.0)))


def _roc(curve: Curve) -> dict[str, list[float]]:
    """The ROC curve, thinned evenly to at most `_CURVE_POINTS` points, both ends kept."""
    count = min(len(curve.true_positives), _CURVE_POINTS)
    kept = np.linspace(0, len(curve.true_positives) - 1, count).round().astype(int)
    false_rates = curve.false_positives[kept] / curve.false_positives[-1]
    true_rates = curve.true_positives[kept] / curve.true_positives[-1]
    return {
        "false_positive_rates": np.round(false_rates, _DIGITS).tolist(),
        "true_positive_rates": np.round(true_rates, _DIGITS).tolist(),
    }
