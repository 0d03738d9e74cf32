"""Test whether the accuracies of two evaluations differ: review by review, if that is possible."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from processing import names
from processing.evaluation.predictions import Flags, Predictions
from processing.evaluation.significance import Difference, paired_difference, unpaired_difference
from processing.names import Compared

MAX_BITS = 1_000_000
"""Most reviews whose correctness bits are kept: 170 kB here; SageMaker caps property files at 2 MB.
"""

_CORRECT = "correct"


@dataclass(frozen=True)
class AccuracyTest:
    """The accuracy of an evaluation minus that of another one.

    only_first, only_second: number of reviews that only this model classifies correctly; None for
    the unpaired test.
    """

    difference: Difference
    only_first: int | None = None
    only_second: int | None = None

    @property
    def kind(self) -> str:
        """The name of the test in JSON."""
        return Compared.UNPAIRED if self.only_first is None else Compared.MCNEMAR


def correctness_bits(predictions: Predictions) -> dict[str, str]:
    """Return one bit for each review, in base64, for a paired test against another model.

    They are in the order of the ids' hashes, which doesn't depend on the seed. Empty for more than
    `MAX_BITS` reviews.
    """
    correct = predictions.correct[predictions.order]
    if len(correct) > MAX_BITS:
        return {}
    return {_CORRECT: base64.b64encode(np.packbits(correct).tobytes()).decode()}


def is_same_test_set(report: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Return whether both evaluations are of the same reviews; None if the other doesn't say."""
    test_set = other.get(names.TEST_SET)
    if test_set is None:
        return None
    # Older evaluations have no hash of the ids.
    return all(report[names.TEST_SET].get(key) == value for key, value in test_set.items())


def compare_accuracies(report: Mapping[str, Any], other: Mapping[str, Any]) -> AccuracyTest:
    """Test the difference of two evaluations: paired if both models have scored the same reviews.

    Unpaired also if one of them has no correctness bits.
    """
    if is_same_test_set(report, other) and _CORRECT in report and _CORRECT in other:
        return compare_correct(_correct(report), _correct(other))
    return AccuracyTest(unpaired_difference(*_correct_of(report), *_correct_of(other)))


def compare_correct(first: Flags, second: Flags) -> AccuracyTest:
    """Test two models on the same reviews, given which reviews each classifies correctly."""
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    difference = paired_difference(only_first, only_second, len(first))
    return AccuracyTest(difference, only_first, only_second)


def _correct(report: Mapping[str, Any]) -> Flags:
    """Decode the correctness bits of an evaluation."""
    packed = np.frombuffer(base64.b64decode(report[_CORRECT]), np.uint8)
    return np.unpackbits(packed, count=report[names.TEST_SET]["reviews"]).astype(bool)


def _correct_of(report: Mapping[str, Any]) -> tuple[int, int]:
    """Return the number of correctly classified reviews, and of all."""
    matrix = report[names.METRICS][names.CONFUSION_MATRIX]
    correct = matrix["0"]["0"] + matrix["1"]["1"]
    return correct, correct + matrix["0"]["1"] + matrix["1"]["0"]
