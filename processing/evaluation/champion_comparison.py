"""Comparison of the new model with the champion: what the gate requires, and its significance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processing import names
from processing.evaluation.accuracy_difference import compare_accuracies, is_same_test_set

_DIGITS = 10


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
        "same_test_set": is_same_test_set(report, other),
        "test": _significance(report, other),
    }


def metric_value(report: Mapping[str, Any], metric: str) -> float:
    """Return the value of a metric in an evaluation."""
    value: float = report[names.METRICS][metric][names.VALUE]
    return value


def _significance(report: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    test = compare_accuracies(report, other)
    counts = {"only_champion": test.only_second, "only_new": test.only_first}
    return {
        **({} if test.only_first is None else counts),
        "difference": round(test.difference.value, _DIGITS),
        "high": round(test.difference.high, _DIGITS),
        "kind": test.kind,
        "low": round(test.difference.low, _DIGITS),
        "p_value": test.difference.p_value,
    }
