"""The new model beside the champion: what the gate asks of it, and what chance explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processing import names
from processing.evaluation.results import correct_bits
from processing.evaluation.significance import Difference, paired, unpaired

_DIGITS = 10


def comparison(
    report: Mapping[str, Any], champion: Mapping[str, Any], *, metric: str, margin: float
) -> dict[str, Any]:
    """What ``evaluation.json`` says of the champion; ``required`` is what the gate asks for.

    Without a champion every model will do: 0 is required. ``same_test_set`` is false if the
    champion was measured on other reviews, and None if its report doesn't tell.
    """
    if not champion:
        return {"model_package_arn": None, "margin": margin, "required": 0.0}
    theirs = champion["evaluation"]
    measured = value(theirs, metric)
    accuracy = value(theirs, "accuracy")
    return {
        "accuracy": accuracy,
        "difference": round(value(report, "accuracy") - accuracy, _DIGITS),
        "margin": margin,
        "measured": measured,
        "model_package_arn": champion["model_package_arn"],
        # Rounded as the metrics are, so that a model without a change is good enough.
        "required": round(measured - margin, _DIGITS),
        "same_test_set": _same_test_set(report, theirs),
        "test": _test(report, theirs),
    }


def value(report: Mapping[str, Any], metric: str) -> float:
    """The metric's value in a model-quality report."""
    found: float = report[names.METRICS][metric]["value"]
    return found


def _same_test_set(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool | None:
    told = theirs.get(names.TEST_SET)
    if told is None:
        return None
    # Older reports don't tell of the ids.
    return all(ours[names.TEST_SET].get(name) == what for name, what in told.items())


def _test(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the accuracies differ: paired if both models told the same reviews."""
    if _same_test_set(ours, theirs) and "correct" in ours and "correct" in theirs:
        reviews = ours[names.TEST_SET]["reviews"]
        new, old = (correct_bits(report["correct"], reviews) for report in (ours, theirs))
        only_new, only_champion = int((new & ~old).sum()), int((old & ~new).sum())
        difference = paired(only_new, only_champion, reviews)
        counts = {"only_champion": only_champion, "only_new": only_new}
        return {"kind": "mcnemar", **counts, **_as_json(difference)}
    return {"kind": "unpaired", **_as_json(unpaired(*_right(ours), *_right(theirs)))}


def _right(report: Mapping[str, Any]) -> tuple[int, int]:
    """How many reviews were told right, and how many there are."""
    matrix = report[names.METRICS]["confusion_matrix"]
    right = matrix["0"]["0"] + matrix["1"]["1"]
    return right, right + matrix["0"]["1"] + matrix["1"]["0"]


def _as_json(difference: Difference) -> dict[str, float]:
    return {
        "difference": round(difference.value, _DIGITS),
        "high": round(difference.high, _DIGITS),
        "low": round(difference.low, _DIGITS),
        "p_value": difference.p_value,
    }
