"""Comparison of executions: what differs, and what that does to the model.

Each execution is compared with the first one, the baseline. If both models have scored the same
reviews, the comparison is paired: McNemar's test, and intervals of `metric_differences`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from processing import names
from processing.evaluation.accuracy_difference import (
    AccuracyTest,
    compare_accuracies,
    compare_correct,
)
from processing.evaluation.compared_execution import CLASSES, ComparedExecution, differences
from processing.evaluation.metric_differences import METRICS, margin
from processing.evaluation.pairing import Pair, ids_of, paired
from processing.evaluation.predictions import Flags, Predictions
from processing.evaluation.significance import Z95, Difference, unpaired_difference
from processing.names import Compared

MAX_EXAMPLES = 10
"""Of the reviews that only one of two models classifies correctly, for each of the two."""

_SIGNIFICANT = 0.05
_DIGITS = 10


def compare(executions: Sequence[ComparedExecution]) -> dict[str, Any]:
    """Return the content of ``comparison.json``."""
    baseline, *others = executions
    return {
        Compared.COMPARISONS: [_compared(other, baseline) for other in others],
        Compared.DIFFERENCES: differences(executions),
        Compared.EXECUTIONS: [execution.as_json() for execution in executions],
    }


def _compared(execution: ComparedExecution, baseline: ComparedExecution) -> dict[str, Any]:
    """Return the results of an execution minus those of the baseline."""
    found: dict[str, Any] = {
        Compared.BASELINE: baseline.name,
        Compared.CHANGED: None,
        Compared.CLASSES: {},
        Compared.METRICS: {},
        Compared.NAME: execution.name,
        Compared.SAME_MODEL: _is_same_model(execution, baseline),
        Compared.TEST: None,
        Compared.UNPAIRED_REASON: None,
        Compared.VERDICT: None,
    }
    pair = _paired(execution, baseline)
    found[Compared.METRICS] = {
        name: _metric_difference(name, execution, baseline, pair)
        for name in sorted(execution.metrics.keys() & baseline.metrics.keys())
    }
    if not (execution.is_classifier and baseline.is_classifier):
        return found
    test = _accuracy_test(execution, baseline, pair)
    return {
        **found,
        Compared.CHANGED: _changed(baseline, pair) if pair else None,
        Compared.CLASSES: {
            key: _class_difference(label, execution, baseline, pair)
            for key, label in CLASSES.items()
        },
        Compared.TEST: {
            **_difference(test.difference),
            Compared.KIND: test.kind,
            Compared.ONLY_BASELINE: test.only_second,
            Compared.ONLY_THIS: test.only_first,
        },
        Compared.UNPAIRED_REASON: None if pair else _unpaired_reason(execution, baseline),
        Compared.VERDICT: _verdict(test),
    }


def _paired(execution: ComparedExecution, baseline: ComparedExecution) -> Pair | None:
    """Return the predictions of both if they are of the same reviews, in the baseline's order."""
    if not (execution.predictions and baseline.predictions):
        return None
    found = paired(baseline.predictions, execution.predictions)
    return found and (found[1], found[0])


def _accuracy_test(
    execution: ComparedExecution, baseline: ComparedExecution, pair: Pair | None
) -> AccuracyTest:
    if pair:
        return compare_correct(pair[0].correct, pair[1].correct)
    return compare_accuracies(execution.own, baseline.own)


def _is_same_model(execution: ComparedExecution, baseline: ComparedExecution) -> bool | None:
    """Return whether the models have the same bytes; None if that isn't known."""
    found = [
        one.own.get(names.INPUTS_SHA256, {}).get(names.MODEL_FILE) for one in (execution, baseline)
    ]
    return found[0] == found[1] if all(found) else None


def _unpaired_reason(execution: ComparedExecution, baseline: ComparedExecution) -> str:
    """Return why the reviews can't be compared one by one."""
    one, other = (it.own[names.TEST_SET] for it in (execution, baseline))
    if one["reviews"] != other["reviews"]:
        return f"the test sets differ: {other['reviews']:,} and {one['reviews']:,} reviews"
    if one.get("ids_sha256") != other.get("ids_sha256"):
        return "the test sets contain different reviews"
    if one["labels_sha256"] != other["labels_sha256"]:
        return "the reviews of the test sets have different labels"
    missing = [it.name for it in (baseline, execution) if it.predictions is None]
    return f"the predictions of {' and '.join(missing)} aren't available any more"


def _metric_difference(
    name: str, execution: ComparedExecution, baseline: ComparedExecution, pair: Pair | None
) -> dict[str, Any]:
    """Return the difference of a metric with its 95% interval, None where that isn't known."""
    one, other = execution.metrics[name], baseline.metrics[name]
    half = None
    deviations = [
        it[names.STANDARD_DEVIATION] for it in (one, other) if names.STANDARD_DEVIATION in it
    ]
    if pair and name in METRICS:
        half = margin(name, *pair, paired=True)
    elif execution.predictions and baseline.predictions and name in METRICS:
        half = margin(name, execution.predictions, baseline.predictions, paired=False)
    elif execution.is_classifier and baseline.is_classifier and len(deviations) == 2:
        half = Z95 * math.hypot(*deviations)
    value = one[names.VALUE] - other[names.VALUE]
    return {
        Compared.DIFFERENCE: round(value, _DIGITS),
        Compared.HIGH: None if half is None else round(value + half, _DIGITS),
        Compared.LOW: None if half is None else round(value - half, _DIGITS),
        Compared.PAIRED: half is not None and pair is not None,
    }


def _class_difference(
    label: str, execution: ComparedExecution, baseline: ComparedExecution, pair: Pair | None
) -> dict[str, Any]:
    """Return the difference of the error rates of a class."""
    if pair:
        of_class = pair[0].labels == int(label)
        # The rows of both are the same; errors are the opposite of correct.
        test = compare_correct(*(~one.correct[of_class] for one in pair))
        return _difference(test.difference)
    counts = (*execution.class_errors(label), *baseline.class_errors(label))
    return _difference(unpaired_difference(*counts))


def _changed(baseline: ComparedExecution, pair: Pair) -> dict[str, Any]:
    """Return how many reviews only one model classifies correctly, and the clearest examples."""
    this, other = pair
    sides = {
        Compared.NEWLY_CORRECT: this.correct & ~other.correct,
        Compared.NEWLY_WRONG: other.correct & ~this.correct,
    }
    rows = {side: _clearest(flags, this, other) for side, flags in sides.items()}
    ids = ids_of(baseline.folders.rows, set(chain(*rows.values()))) if baseline.folders else {}
    classes = baseline.class_names
    return {
        side: {
            Compared.EXAMPLES: [
                {
                    Compared.ID: ids[row],
                    Compared.LABEL: classes[int(this.labels[row])],
                    Compared.SCORES: [float(other.scores[row]), float(this.scores[row])],
                }
                for row in rows[side]
            ],
            Compared.REVIEWS: int(flags.sum()),
        }
        for side, flags in sides.items()
    }


def _clearest(flags: Flags, one: Predictions, other: Predictions) -> list[int]:
    """Return the flagged rows whose score changed most; for equal changes, the earlier row first.

    >>> from types import SimpleNamespace as Scored
    >>> new, old = Scored(scores=np.array([0.6, 0.9, 0.6])), Scored(scores=np.array([0.4] * 3))
    >>> _clearest(np.array([True, True, True]), new, old)
    [1, 0, 2]
    """
    rows = np.flatnonzero(flags)
    changes = np.abs(one.scores[rows] - other.scores[rows])
    clearest: list[int] = rows[np.argsort(-changes, kind="stable")[:MAX_EXAMPLES]].tolist()
    return clearest


def _verdict(test: AccuracyTest) -> str:
    if test.difference.p_value >= _SIGNIFICANT:
        return Compared.NOT_SIGNIFICANT
    return Compared.BETTER if test.difference.value > 0 else Compared.WORSE


def _difference(found: Difference) -> dict[str, Any]:
    return {
        Compared.DIFFERENCE: round(found.value, _DIGITS),
        Compared.HIGH: round(found.high, _DIGITS),
        Compared.LOW: round(found.low, _DIGITS),
        Compared.P_VALUE: found.p_value,
    }
