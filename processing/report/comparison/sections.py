"""The sections of a comparison below its top."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from processing import names
from processing.names import Compared
from processing.report.comparison import charts
from processing.report.comparison.headline import Document, evaluated, tested
from processing.report.figures import Mark
from processing.report.format import (
    count,
    count_of,
    p_value,
    percent,
    percentage_points,
    quoted,
    signed,
)
from processing.report.markup import Html, element, figure, join, paragraph, section, table, text

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 10


def differences(document: Document) -> Html:
    """Build the table of what differs."""
    executions = [it[Compared.NAME] for it in document[Compared.EXECUTIONS]]
    found = document[Compared.DIFFERENCES]
    rows = [
        [
            text(name),
            text(Compared.KINDS[group]),
            *(element("code", text(_short(it)), class_="name") for it in values),
        ]
        for group in Compared.KINDS
        for name, values in found.get(group, {}).items()
    ]
    if not rows:
        return section(
            "differences", "What differs", ["No parameter, code, data or setting differs."]
        )
    return section(
        "differences",
        "What differs",
        ["Only values that aren’t the same in all executions. Hashes are shortened."],
        table("Values that differ", ["name", "kind", *executions], rows),
    )


def _short(value: str | None) -> str:
    if value is None:
        return "–"
    return value[:_SHORT] if _HASH.fullmatch(value) else value


def accuracy(document: Document) -> Html:
    """Build the chart of the differences of the accuracies."""
    found = tested(document)
    baseline = found[0][Compared.BASELINE]
    marks = []
    for compared in found:
        test = compared[Compared.TEST]
        value, low, high = (test[it] for it in (Compared.DIFFERENCE, Compared.LOW, Compared.HIGH))
        label = f"{compared[Compared.NAME]}: {percentage_points(value)}"
        mark = Mark(compared[Compared.NAME], value, low, high)
        marks.append((mark, f"{label}, {p_value(test[Compared.P_VALUE])}"))
    listed = "; ".join(label for _, label in marks)
    svg = charts.difference_plot(
        marks, f"Differences of the accuracies from {baseline}, with 95% intervals. {listed}."
    )
    paired = all(it[Compared.TEST][Compared.KIND] == Compared.MCNEMAR for it in found)
    kind = "paired " if paired else ""
    return section(
        "accuracy",
        "Accuracy",
        [
            f"Accuracy minus that of {baseline}, with {kind}95% confidence intervals.",
            "If an interval contains 0, the difference isn’t significant.",
        ],
        figure(
            svg,
            "Blue: the accuracy is significantly higher. Orange: it is significantly lower.",
        ),
    )


def metrics(document: Document) -> Html:
    """Build a table of metrics for each comparison."""
    executions = document[Compared.EXECUTIONS]
    tables = [
        _metric_table(compared, executions[0], execution)
        for compared, execution in zip(document[Compared.COMPARISONS], executions[1:])
        if compared[Compared.METRICS]
    ]
    return section("metrics", "Metrics", ["With 95% intervals of the differences."], *tables)


def _metric_table(
    compared: Mapping[str, Any], baseline: Mapping[str, Any], execution: Mapping[str, Any]
) -> Html:
    found = compared[Compared.METRICS]
    rows = []
    for name, label in Compared.metric_labels(found).items():
        values = [it[Compared.METRICS][name][names.VALUE] for it in (baseline, execution)]
        difference, low, high = (
            found[name][it] for it in (Compared.DIFFERENCE, Compared.LOW, Compared.HIGH)
        )
        rows.append(
            [
                text(f"{label} (lower is better)" if name in Compared.LOWER_IS_BETTER else label),
                *(text(f"{value:.4f}") for value in values),
                text(signed(difference, 4)),
                text("" if low is None else f"{signed(low, 4)} to {signed(high, 4)}"),
            ]
        )
    pair = compared[Compared.BASELINE], compared[Compared.NAME]
    head = ["metric", *(f"{name}#" for name in pair), "difference#", "95% CI#"]
    is_paired = any(it[Compared.PAIRED] for it in found.values())
    kind = "; paired intervals" if is_paired else ""
    return table(f"{pair[1]} compared with {pair[0]}{kind}", head, rows)


def errors(document: Document) -> Html:
    """Build the charts and the table of the errors by class."""
    numbered = evaluated(document)
    found = list(numbered.values())
    names_ = {
        key: " / ".join(dict.fromkeys(it[Compared.CLASSES][key][Compared.NAME] for it in found))
        for key in found[0][Compared.CLASSES]
    }
    figures = [
        figure(
            charts.error_plot(
                numbered, key, f"Error rates of the class {name} with 95% confidence intervals."
            ),
            f"Actual class {quoted(name)}: share of the reviews that are misclassified.",
        )
        for key, name in names_.items()
    ]
    rows = [
        [text(name), *(_errors(it[Compared.CLASSES][key]) for it in found)]
        for key, name in names_.items()
    ]
    return section(
        "errors",
        "Errors by class",
        [
            "If the errors of one class grow and those of the other shrink, the model prefers one "
            "class more than the baseline does."
        ],
        element("div", *figures, class_="pair"),
        table(
            "Misclassified reviews by actual class",
            ["class", *(f"{it[Compared.NAME]}#" for it in found)],
            rows,
        ),
    )


def _errors(found: Mapping[str, Any]) -> Html:
    share = f"{percent(found[Compared.SHARE], 2)} of {count(found[Compared.REVIEWS])}"
    return join([text(count(found[Compared.ERRORS])), element("small", text(share))])


def calibrated(document: Document) -> dict[int, Mapping[str, Any]]:
    """Return the executions, by number, whose evaluations have a calibration curve."""
    return {number: it for number, it in evaluated(document).items() if it[Compared.CURVE]}


def calibration(document: Document) -> Html:
    """Build the calibration curves of all executions in one chart."""
    svg = charts.calibration_overlay(
        calibrated(document),
        "Calibration curves: fraction of positives by score, one for each execution.",
    )
    return section(
        "calibration",
        "Calibration",
        [
            "The scores of a calibrated model are probabilities; its curve is the diagonal.",
            "Grey is the baseline.",
        ],
        figure(svg, "Fraction of positives by score, in ten bins of equal width."),
    )


def changed(document: Document) -> Html:
    """Build the tables of the reviews that only one of two models classifies correctly."""
    tables = [
        _changed(compared, side)
        for compared in document[Compared.COMPARISONS]
        for side, reviews in (compared[Compared.CHANGED] or {}).items()
        if reviews[Compared.EXAMPLES]
    ]
    return section(
        "changed",
        "Reviews that changed sides",
        ["Reviews that only one of two models classifies correctly; the largest changes first."],
        *(tables or [paragraph("There are none, or the reviews can’t be compared one by one.")]),
    )


def _changed(compared: Mapping[str, Any], side: str) -> Html:
    reviews = compared[Compared.CHANGED][side]
    examples = reviews[Compared.EXAMPLES]
    pair = compared[Compared.BASELINE], compared[Compared.NAME]
    caption = (
        f"{Compared.SIDES[side]} with {pair[1]}: {count(len(examples))} of "
        f"{count_of(reviews[Compared.REVIEWS], 'review')}"
    )
    head = ["review", "actual class", *(f"score of {name}#" for name in pair)]
    return table(caption, head, [_example(example) for example in examples])


def _example(example: Mapping[str, Any]) -> list[Html]:
    return [
        element("span", text(example[Compared.ID]), class_="id"),
        element("span", text(example[Compared.LABEL]), class_="name"),
        *(text(f"{score:.4f}") for score in example[Compared.SCORES]),
        *([text(example[Compared.TEXT])] if Compared.TEXT in example else []),
    ]
