"""The decision threshold: a review with a score above it is predicted positive.

The parameter DecisionThreshold is a number, or a goal for which the threshold is chosen on the
validation set. Package chooses it once; everything else reads the result.

A goal compares one threshold of each interval between neighboring distinct scores, because all
thresholds of an interval predict the same. Equal choices are decided by the distance from 0.5, and
then by the higher threshold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.evaluation.predictions import Classes, Scores
from processing.names import ACCURACY, DecisionThreshold

PRECISION, RECALL, F1 = "precision", "recall", "f1"
RATES = (ACCURACY, PRECISION, RECALL, F1)

_OTHER = {PRECISION: RECALL, RECALL: PRECISION}
"""What a goal maximizes among the thresholds that reach the least value of a metric."""

_NUMBER = re.compile(r"[0-9.]+")
_DIGITS = 10

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """Numbers of reviews by label and prediction, at each of n thresholds; all of shape (n,)."""

    true_positive: Counts
    false_positive: Counts
    false_negative: Counts
    true_negative: Counts

    @classmethod
    def at(cls, thresholds: Values, labels: Classes, scores: Scores) -> Outcomes:
        """Count the reviews at each threshold.

        >>> labels, scores = np.array([1, 0, 1], np.uint8), np.array([0.9, 0.8, 0.7])
        >>> found = Outcomes.at(np.array([0.5, 0.8]), labels, scores)
        >>> found.rate("precision").round(2).tolist(), found.rate("recall").tolist()
        ([0.67, 1.0], [1.0, 0.5])
        """
        positives, negatives = (np.sort(scores[labels == label]) for label in (1, 0))
        not_above, rejected = (
            np.searchsorted(it, thresholds, side="right") for it in (positives, negatives)
        )
        return cls(len(positives) - not_above, len(negatives) - rejected, not_above, rejected)

    @property
    def reviews(self) -> int:
        """Number of reviews."""
        counts = (self.true_positive, self.false_positive, self.false_negative, self.true_negative)
        return int(sum(count[0] for count in counts))

    def rate(self, name: str) -> Values:
        """Return one of `RATES` at each threshold; 0 where its denominator is 0."""
        hits = self.true_positive
        wrong = self.false_positive + self.false_negative
        correct = hits + self.true_negative
        counts, of = {
            ACCURACY: (correct, correct + wrong),
            PRECISION: (hits, hits + self.false_positive),
            RECALL: (hits, hits + self.false_negative),
            F1: (2 * hits, 2 * hits + wrong),
        }[name]
        rates: Values = counts / np.maximum(of, 1)
        return rates

    def cost(self, false_positive: float, false_negative: float) -> Values:
        """Return the mean cost of a review at each threshold, from the costs of both errors."""
        total = false_positive * self.false_positive + false_negative * self.false_negative
        mean: Values = total / self.reviews
        return mean

    def values(self, goal: str | None) -> dict[str, Values]:
        """Return what the thresholds are judged by: the rates, and the cost if it is the goal."""
        costs = costs_of(goal)
        cost = {DecisionThreshold.COST: self.cost(*costs)} if costs else {}
        return {**{name: self.rate(name) for name in RATES}, **cost}


def costs_of(goal: str | None) -> tuple[float, float] | None:
    """Return the costs of a false positive and a false negative; None for another goal.

    >>> costs_of("cost(fp=1,fn=2.5)"), costs_of("f1")
    ((1.0, 2.5), None)
    """
    if goal is None or not goal.startswith(DecisionThreshold.COST):
        return None
    false_positive, false_negative = map(float, _NUMBER.findall(goal))
    return false_positive, false_negative


def fixed_threshold(value: float) -> dict[str, Any]:
    """Return the section of the evaluation about a threshold that the parameter gives."""
    return {
        DecisionThreshold.GOAL: None,
        DecisionThreshold.VALIDATION: None,
        DecisionThreshold.VALUE: value,
    }


def chosen_threshold(goal: str, labels: Classes, scores: Scores) -> dict[str, Any]:
    """Choose the threshold for a goal, and return the section of the evaluation about it.

    labels, scores: of the validation set. Raise DataError if the goal can't be met.
    """
    if len(np.unique(labels)) < 2:
        raise DataError(
            f"DecisionThreshold {goal}: all labels of the validation set are the same; "
            "give a number, or a validation set with both classes"
        )
    lows, highs = _intervals(scores)
    outcomes = Outcomes.at((lows + highs) / 2, labels, scores)
    best = _best(goal, (lows + highs) / 2, outcomes)
    values = outcomes.values(goal)
    return {
        DecisionThreshold.GOAL: goal,
        DecisionThreshold.VALIDATION: {
            DecisionThreshold.REVIEWS: len(labels),
            **{name: round(float(value[best]), _DIGITS) for name, value in values.items()},
        },
        DecisionThreshold.VALUE: _shortest(float(lows[best]), float(highs[best])),
    }


def _intervals(scores: Scores) -> tuple[Values, Values]:
    """Return the ends of the intervals between 0, the distinct scores, and 1.

    >>> _intervals(np.array([0.4, 1.0, 0.4]))
    (array([0. , 0.4]), array([0.4, 1. ]))
    """
    ends = np.unique(np.concatenate([[0.0], scores, [1.0]]))
    return ends[:-1], ends[1:]


def _best(goal: str, thresholds: Values, outcomes: Outcomes) -> int:
    """Return the index of the best threshold. Raise DataError if none meets the goal."""
    metric, _, least = goal.partition(">=")
    costs = costs_of(goal)
    if costs:
        return _largest(-outcomes.cost(*costs), thresholds=thresholds)
    rates = outcomes.rate(metric)
    if not least:
        return _largest(rates, thresholds=thresholds)
    is_met = rates >= float(least)
    if not is_met.any():
        best = _largest(rates, thresholds=thresholds)
        raise DataError(
            f"DecisionThreshold {goal} can't be met: the highest {metric} on the "
            f"{outcomes.reviews:,} reviews of the validation set is {rates[best]:.5f}, at the "
            f"threshold {thresholds[best]:.5f}; lower the goal, or train a better model"
        )
    return _largest(
        np.where(is_met, outcomes.rate(_OTHER[metric]), -1.0), rates, thresholds=thresholds
    )


def _largest(*keys: Values, thresholds: Values) -> int:
    """Return the index of the largest first key; equal ones are decided by the next key.

    >>> _largest(np.array([1.0, 1.0, 0.0]), thresholds=np.array([0.1, 0.6, 0.5]))
    1
    """
    closeness = -np.abs(thresholds - DecisionThreshold.DEFAULT)
    return int(np.lexsort((thresholds, closeness, *reversed(keys)))[-1])


def _shortest(low: float, high: float) -> float:
    """Return the middle of an interval, rounded to as few digits as leave it within.

    >>> _shortest(0.25, 0.75), _shortest(0.73114, 0.73142), _shortest(0.0, 0.003)
    (0.5, 0.7313, 0.002)
    """
    middle = (low + high) / 2
    for digits in range(1, 16):
        rounded = round(middle, digits)
        if low < rounded < high:
            return rounded
    return middle
