"""The section about the decision threshold: how it was chosen, and what others would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from processing import names
from processing.evaluation.decision_threshold import F1, PRECISION, RECALL, Outcomes, costs_of
from processing.names import ACCURACY, DecisionThreshold
from processing.report.context import ReportContext
from processing.report.figures import Numbers
from processing.report.format import count_of, quoted
from processing.report.markup import Html, element, figure, join, section, table, text
from processing.report.threshold_chart import threshold_chart

_GRID = np.arange(1, 100) / 100
_SHOWN = (0.1, 0.25, DecisionThreshold.DEFAULT, 0.75, 0.9)


def decision_threshold(context: ReportContext) -> Html:
    """Build the chart and the table of metrics by threshold, on the test set."""
    return section(
        "threshold",
        "Decision threshold",
        [*threshold_sentences(context), *_about(context)],
        element("div", _chart(context), _table(context), class_="pair"),
    )


def threshold_sentences(context: ReportContext) -> Iterator[str]:
    """Yield sentences about the threshold and how it was chosen."""
    positive = quoted(context.labels[1])
    yield f"A review with a score above {context.threshold} is predicted {positive}."
    found = _found(context)
    measured: Mapping[str, Any] | None = found.get(DecisionThreshold.VALIDATION)
    if measured is None:
        return
    values = ", ".join(
        f"{_label(name)} {measured[name]:.4f}"
        for name in (PRECISION, RECALL, F1, DecisionThreshold.COST)
        if name in measured
    )
    reviews = count_of(measured[DecisionThreshold.REVIEWS], "review")
    yield (
        f"The threshold was chosen on the validation set of {reviews} for the goal "
        f"{found[DecisionThreshold.GOAL]}; there: {values}."
    )


def _about(context: ReportContext) -> Iterator[str]:
    yield (
        "Chart and table show the test set. Choose another threshold by a goal, not by them: the "
        "test set would no longer be unseen."
    )
    if costs_of(_goal(context)):
        yield "Cost: mean cost of a review."


def _chart(context: ReportContext) -> Html:
    outcomes = _outcomes(context, _GRID)
    values = outcomes.values(_goal(context))
    is_defined = outcomes.true_positive + outcomes.false_positive > 0
    rates = {_label(name): values[name] for name in (PRECISION, RECALL, F1)}
    rates[PRECISION] = np.where(is_defined, rates[PRECISION], np.nan)
    default = DecisionThreshold.DEFAULT
    marked = {context.threshold: f"threshold {context.threshold}"}
    svg = threshold_chart(
        _GRID,
        rates,
        values.get(DecisionThreshold.COST),
        marked | ({} if default in marked else {default: str(default)}),
        f"Precision, recall and F1 by threshold; the model’s is {context.threshold}.",
    )
    return figure(svg, "Metrics on the test set by decision threshold.")


def _table(context: ReportContext) -> Html:
    thresholds = np.array(sorted({*_SHOWN, context.threshold}))
    values = _outcomes(context, thresholds).values(_goal(context))
    last = DecisionThreshold.COST if DecisionThreshold.COST in values else ACCURACY
    columns = (PRECISION, RECALL, F1, last)
    rows = []
    for row, threshold in enumerate(thresholds.tolist()):
        name = text(f"{threshold:g}" if threshold in _SHOWN else str(threshold))
        if threshold == context.threshold:
            name = join([element("strong", name), element("small", text("the model’s"))])
        rows.append([name, *(text(f"{values[column][row]:.3f}") for column in columns)])
    return table(
        "Metrics on the test set by threshold",
        ["threshold", *(f"{_label(column)}#" for column in columns)],
        rows,
    )


def _outcomes(context: ReportContext, thresholds: Numbers) -> Outcomes:
    return Outcomes.at(thresholds, context.predictions.labels, context.predictions.scores)


def _found(context: ReportContext) -> Mapping[str, Any]:
    found: Mapping[str, Any] = context.evaluation.get(names.DECISION_THRESHOLD, {})
    return found


def _goal(context: ReportContext) -> str | None:
    goal: str | None = _found(context).get(DecisionThreshold.GOAL)
    return goal


def _label(name: str) -> str:
    return "F1" if name == F1 else name
