"""Differences of metrics between two models that have scored the same reviews, with intervals.

An estimate of a metric is asymptotically the mean of one term for each review, its influence
function (for the AUC, that of DeLong et al., 1988). The variance of a difference follows from the
differences of these terms. So reviews that both models find difficult don't widen its interval.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from processing import names
from processing.evaluation.predictions import Predictions
from processing.evaluation.significance import Z95

Terms = npt.NDArray[np.float64]

METRICS = (names.ACCURACY, "auc", "f1", "precision", "recall", "brier", "log_loss")
"""The metrics whose influence functions are known."""


def margin(metric: str, first: Predictions, second: Predictions, *, paired: bool) -> float:
    """Return half the width of the 95% interval of the difference of a metric.

    metric: one of `METRICS`. paired: whether both are predictions of the same reviews, in this
    order.
    """
    one, other = influence(metric, first), influence(metric, second)
    if paired:
        return _margin(one - other)
    return math.hypot(_margin(one), _margin(other))


def _margin(terms: Terms) -> float:
    return Z95 * float(terms.std()) / math.sqrt(len(terms))


def influence(metric: str, predictions: Predictions) -> Terms:
    """Return the influence function of a metric at each review; its mean is 0.

    Zero where the metric isn't defined, such as the precision without a positive prediction.
    """
    if metric == "auc":
        return _auc(predictions)
    if metric in ("brier", "log_loss"):
        losses = _losses(metric, predictions)
        centered: Terms = losses - losses.mean()
        return centered
    numerator, denominator = _ratio(metric, predictions)
    mean = denominator.mean()
    if not mean:
        return np.zeros(len(numerator))
    terms: Terms = (numerator - numerator.mean() / mean * denominator) / mean
    return terms


def _ratio(metric: str, predictions: Predictions) -> tuple[Terms, Terms]:
    """Return a metric as the sum of the first terms divided by the sum of the second ones."""
    actual, predicted = predictions.labels.astype(np.float64), predictions.predicted
    hits = actual * predicted
    found = {
        names.ACCURACY: (predictions.correct, np.ones(len(actual))),
        "f1": (2 * hits, actual + predicted),
        "precision": (hits, predicted),
        "recall": (hits, actual),
    }
    numerator, denominator = found[metric]
    return numerator.astype(np.float64), denominator.astype(np.float64)


def _losses(metric: str, predictions: Predictions) -> Terms:
    labels, scores = predictions.labels, predictions.scores
    if metric == "brier":
        squares: Terms = (scores - labels) ** 2
        return squares
    # As scikit-learn does, so that a score of 0 or 1 has no infinite loss.
    epsilon = np.finfo(scores.dtype).eps
    of_class = np.clip(np.where(labels == 1, scores, 1 - scores), epsilon, 1 - epsilon)
    losses: Terms = -np.log(of_class)
    return losses


def _auc(predictions: Predictions) -> Terms:
    """Return, for each review, the share of the other class that is ranked right of it."""
    positive = predictions.labels == 1
    positives, negatives = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(predictions.scores)
    placed = np.empty(len(ranks))
    of_positives = ranks[positive] - rankdata(predictions.scores[positive])
    of_negatives = ranks[~positive] - rankdata(predictions.scores[~positive])
    placed[positive] = of_positives / negatives
    placed[~positive] = 1 - of_negatives / positives
    auc = placed[positive].mean()
    weights = np.where(positive, len(ranks) / positives, len(ranks) / negatives)
    terms: Terms = (placed - auc) * weights
    return terms
