"""Metrics of a binary classifier, by scikit-learn, in the form of SageMaker's model-quality report.

Studio and the model registry draw this form. scikit-learn doesn't compute standard deviations, so
they are computed here: binomial for the rates, the delta method for F1, Hanley and McNeil (1982)
for the AUC.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.evaluation.predictions import Classes, Predictions, Scores
from processing.evaluation.scikit_learn import metrics
from processing.names import (
    ACCURACY,
    CONFUSION_MATRIX,
    METRICS,
    STANDARD_DEVIATION,
    VALUE,
)

CURVE_POINTS = 200
_DIGITS = 10

Rates = npt.NDArray[np.float64]


def model_quality(predictions: Predictions) -> dict[str, Any]:
    """Return the model-quality report.

    A rate whose denominator is zero, such as the precision without any positive prediction, is 0
    with a standard deviation of 0.
    """
    labels, predicted = predictions.labels, predictions.predicted
    matrix = metrics.confusion_matrix(labels, predicted)
    (true_negative, false_positive), (false_negative, true_positive) = matrix.tolist()
    (tnr, fpr), (fnr, tpr) = metrics.confusion_matrix(labels, predicted, normalize="true").tolist()
    negatives, positives = matrix.sum(axis=1).tolist()
    false_rates, true_rates, _ = metrics.roc_curve(labels, predictions.scores)
    precision = float(metrics.precision_score(labels, predicted, zero_division=0))
    return {
        METRICS: {
            ACCURACY: _rate(float(metrics.accuracy_score(labels, predicted)), len(labels)),
            "auc": _auc(float(metrics.auc(false_rates, true_rates)), negatives, positives),
            CONFUSION_MATRIX: {
                "0": {"0": true_negative, "1": false_positive},
                "1": {"0": false_negative, "1": true_positive},
            },
            "f1": _f1(
                float(metrics.f1_score(labels, predicted, zero_division=0)),
                true_positive / len(labels),
                (false_positive + false_negative) / len(labels),
                len(labels),
            ),
            "false_negative_rate": _rate(fnr, positives),
            "false_positive_rate": _rate(fpr, negatives),
            "precision": _rate(precision, true_positive + false_positive),
            "recall": _rate(tpr, positives),
            "receiver_operating_characteristic_curve": {
                "false_positive_rates": np.round(_thin(false_rates), _DIGITS).tolist(),
                "true_positive_rates": np.round(_thin(true_rates), _DIGITS).tolist(),
            },
            "true_negative_rate": _rate(tnr, negatives),
            "true_positive_rate": _rate(tpr, positives),
        }
    }


def precision_recall_curve(labels: Classes, scores: Scores) -> tuple[Rates, Rates]:
    """Return the recall, ascending from 0, and the precision at up to `CURVE_POINTS` scores.

    >>> labels, scores = np.array([1, 0, 1], np.uint8), np.array([0.9, 0.8, 0.7])
    >>> [rates.round(2).tolist() for rates in precision_recall_curve(labels, scores)]
    [[0.0, 0.5, 0.5, 1.0], [1.0, 1.0, 0.5, 0.67]]
    """
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    return _thin(recall[::-1]), _thin(precision[::-1])


def average_precision(labels: Classes, scores: Scores) -> float:
    """Return the mean of the precisions, each weighted by the recall that it adds."""
    return float(metrics.average_precision_score(labels, scores))


def _thin(curve: Rates) -> Rates:
    """Return at most `CURVE_POINTS` points of a curve, evenly chosen, with both ends.

    >>> _thin(np.arange(10_000.0))[[0, 1, -1]].tolist()
    [0.0, 50.0, 9999.0]
    """
    points = min(len(curve), CURVE_POINTS)
    return curve[np.linspace(0, len(curve) - 1, points).round().astype(np.int64)]


def _metric(value: float, deviation: float) -> dict[str, float]:
    return {VALUE: round(value, _DIGITS), STANDARD_DEVIATION: round(deviation, _DIGITS)}


def _rate(value: float, of: int) -> dict[str, float]:
    """Return a rate with the binomial standard deviation of its estimate.

    >>> _rate(0.8, 100)
    {'value': 0.8, 'standard_deviation': 0.04}
    """
    return _metric(value, math.sqrt(value * (1 - value) / of) if of else 0.0)


def _f1(value: float, true_positive: float, wrong: float, of: int) -> dict[str, float]:
    """Return F1 = 2a / (2a + b), with its deviation; a, b: multinomial shares of all reviews."""
    a, b = true_positive, wrong
    if not 2 * a + b:
        return _metric(value, 0.0)
    slope_a, slope_b = 2 * b / (2 * a + b) ** 2, -2 * a / (2 * a + b) ** 2
    variance = (
        slope_a**2 * a * (1 - a) + slope_b**2 * b * (1 - b) - 2 * slope_a * slope_b * a * b
    ) / of
    return _metric(value, math.sqrt(max(variance, 0.0)))


def _auc(value: float, negatives: int, positives: int) -> dict[str, float]:
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (
        value * (1 - value) + (positives - 1) * (q1 - value**2) + (negatives - 1) * (q2 - value**2)
    ) / (positives * negatives)
    return _metric(value, math.sqrt(max(variance, 0.0)))
