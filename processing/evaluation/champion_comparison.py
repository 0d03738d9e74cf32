"""Comparison of the new model with the champion: what the gate requires, and its significance."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from processing import names
from processing.evaluation.predictions import Flags
from processing.evaluation.significance import paired_difference, unpaired_difference

MAX_BITS = 1_000_000
"""Most reviews whose correctness bits are kept: 170 kB here; SageMaker caps property files at 2 MB.
"""

_CORRECT = "correct"
_DIGITS = 10


def correctness_bits(correct: Flags) -> dict[str, str]:
    """Return one bit for each review, in base64, for a paired test against the next model.

    Empty for more than `MAX_BITS` reviews.
    """
    if len(correct) > MAX_BITS:
        return {}
    return {_CORRECT: base64.b64encode(np.packbits(correct).tobytes()).decode()}


def compare_with_champion(
    report: Mapping[str, Any], champion: Mapping[str, Any], *, metric: str, margin: float
) -> dict[str, Any]:
    """Return the section ``champion`` of the evaluation; the gate reads its ``required``.

    report: the new model's evaluation. champion: the content of ``champion.json``; empty if there
    is none, and then 0 is required. ``same_test_set`` is None if the champion's evaluation doesn't
    identify its test set.
    """
    if not champion:
        return {names.PACKAGE_ARN_PATH: None, "margin": margin, "required": 0.0}
    other = champion[names.EVALUATION]
    measured, accuracy = metric_value(other, metric), metric_value(other, names.ACCURACY)
    return {
        names.ACCURACY: accuracy,
        "difference": round(metric_value(report, names.ACCURACY) - accuracy, _DIGITS),
        "margin": margin,
        "measured": measured,
        names.PACKAGE_ARN_PATH: champion[names.PACKAGE_ARN_PATH],
        # Rounded like the metrics, so that an equal model passes.
        "required": round(measured - margin, _DIGITS),
        "same_test_set": _is_same_test_set(report, other),
        "test": _significance(report, other),
    }


def metric_value(report: Mapping[str, Any], metric: str) -> float:
    """Return the value of a metric in an evaluation."""
    value: float = report[names.METRICS][metric][names.VALUE]
    return value


def _is_same_test_set(report: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    test_set = other.get(names.TEST_SET)
    if test_set is None:
        return None
    # Older evaluations have no hash of the ids.
    return all(report[names.TEST_SET].get(key) == value for key, value in test_set.items())


def _significance(report: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Test the difference of the accuracies: paired if both models have scored the same reviews."""
    result: dict[str, Any]
    if _is_same_test_set(report, other) and _CORRECT in report and _CORRECT in other:
        new, old = _correct(report), _correct(other)
        only_new, only_champion = int((new & ~old).sum()), int((old & ~new).sum())
        difference = paired_difference(only_new, only_champion, len(new))
        result = {"kind": "mcnemar", "only_champion": only_champion, "only_new": only_new}
    else:
        difference = unpaired_difference(*_correct_of(report), *_correct_of(other))
        result = {"kind": "unpaired"}
    return {
        **result,
        "difference": round(difference.value, _DIGITS),
        "high": round(difference.high, _DIGITS),
        "low": round(difference.low, _DIGITS),
        "p_value": difference.p_value,
    }


def _correct(report: Mapping[str, Any]) -> Flags:
    """Decode the correctness bits of an evaluation."""
    packed = np.frombuffer(base64.b64decode(report[_CORRECT]), np.uint8)
    return np.unpackbits(packed, count=report[names.TEST_SET]["reviews"]).astype(bool)


def _correct_of(report: Mapping[str, Any]) -> tuple[int, int]:
    """Return the number of correctly classified reviews, and of all."""
    matrix = report[names.METRICS][names.CONFUSION_MATRIX]
    correct = matrix["0"]["0"] + matrix["1"]["1"]
    return correct, correct + matrix["0"]["1"] + matrix["1"]["0"]
