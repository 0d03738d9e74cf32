"""The top of a comparison: the executions, the largest difference, and the accuracies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from processing import names
from processing.names import Compared
from processing.report.comparison.charts import accuracy_plot
from processing.report.document import overview
from processing.report.format import count_of, p_value, percent, percentage_points, utc
from processing.report.markup import Html, element, figure, text

Document = Mapping[str, Any]


def evaluated(document: Document) -> dict[int, Mapping[str, Any]]:
    """Return the executions, by number, whose test sets this project's pipeline has evaluated."""
    return {n: it for n, it in enumerate(document[Compared.EXECUTIONS]) if it[Compared.CLASSES]}


def tested(document: Document) -> list[Mapping[str, Any]]:
    """Return the comparisons in which the accuracies were tested."""
    return [it for it in document[Compared.COMPARISONS] if it[Compared.TEST]]


def header(document: Document) -> Html:
    """Build the top: the executions, the largest difference, and the accuracies."""
    top = overview("Comparison of executions", _roles(document))
    sentences = (
        element("li", text(sentence(it)), **_class(it[Compared.VERDICT])) for it in tested(document)
    )
    summary = element("div", element("h1", *_title(document)), element("ul", *sentences))
    found = evaluated(document)
    return element("header", top, summary, *([_accuracies(found)] if found else []))


def _roles(document: Document) -> Iterator[tuple[str, str]]:
    for number, execution in enumerate(document[Compared.EXECUTIONS]):
        yield "Compared" if number else "Baseline", _described(execution)


def _described(execution: Mapping[str, Any]) -> str:
    parts = [
        execution[Compared.NAME],
        execution[Compared.ENVIRONMENT],
        utc(execution[Compared.STARTED]),
        execution[Compared.STATUS],
    ]
    if execution[Compared.REASON]:
        parts.append(f"no evaluation: {execution[Compared.REASON]}")
    return ", ".join(part for part in parts if part)


def title(document: Document) -> str:
    """Return the title of the page."""
    best = _best(document)
    if best is None:
        executions = document[Compared.EXECUTIONS]
        return f"Comparison of {count_of(len(executions), 'execution')}"
    return f"{percentage_points(best[Compared.TEST][Compared.DIFFERENCE])} {_what(best, document)}"


def _title(document: Document) -> list[Html]:
    best = _best(document)
    if best is None:
        return [text(title(document))]
    points = percentage_points(best[Compared.TEST][Compared.DIFFERENCE])
    is_significant = best[Compared.VERDICT] != Compared.NOT_SIGNIFICANT
    class_ = best[Compared.VERDICT] if is_significant else "muted"
    return [
        element("strong", text(points), class_=class_),
        text(f" {_what(best, document)}"),
    ]


def _best(document: Document) -> Mapping[str, Any] | None:
    """Return the comparison with the largest difference of the accuracies, if there is a test."""
    return max(
        tested(document), key=lambda it: float(it[Compared.TEST][Compared.DIFFERENCE]), default=None
    )


def _what(best: Mapping[str, Any], document: Document) -> str:
    number = len(tested(document))
    which = f", the best of {number}," if number > 1 else ""
    pair = f"{best[Compared.NAME]}{which} compared with {best[Compared.BASELINE]}"
    return f"percentage points of accuracy: {pair}"


def sentence(compared: Mapping[str, Any]) -> str:
    """Return the result of a test in words."""
    test, reason = compared[Compared.TEST], compared[Compared.UNPAIRED_REASON]
    this, other = compared[Compared.NAME], compared[Compared.BASELINE]
    if Compared.is_same(compared):
        return f"{this} has the same model as {other}, and the same metrics."
    verdict = {
        Compared.BETTER: f"{this} has a significantly higher accuracy than {other}",
        Compared.WORSE: f"{this} has a significantly lower accuracy than {other}",
        Compared.NOT_SIGNIFICANT: f"{this} and {other} don’t differ significantly in accuracy",
    }[compared[Compared.VERDICT]]
    low, high = (percentage_points(test[bound]) for bound in (Compared.LOW, Compared.HIGH))
    difference = f"{percentage_points(test[Compared.DIFFERENCE])} (95% CI: {low} to {high})"
    found = f"{verdict}: {difference} percentage points, {p_value(test[Compared.P_VALUE])}"
    if test[Compared.KIND] == Compared.UNPAIRED:
        return f"{found} (unpaired test of two proportions: {reason})."
    paired = (
        f"{found} (McNemar’s test; reviews classified correctly only by {this}: "
        f"{test[Compared.ONLY_THIS]:,}, only by {other}: {test[Compared.ONLY_BASELINE]:,})."
    )
    return f"{paired} The other intervals are unpaired: {reason}." if reason else paired


def _accuracies(executions: Mapping[int, Mapping[str, Any]]) -> Html:
    listed = "; ".join(
        f"{it[Compared.NAME]}: {percent(it[Compared.METRICS][names.ACCURACY][names.VALUE])}"
        for it in executions.values()
    )
    svg = accuracy_plot(executions, f"Accuracies with 95% confidence intervals. {listed}.")
    return figure(svg, "Accuracies with their 95% confidence intervals (Wilson). Grey: baseline.")


def _class(verdict: str) -> dict[str, str]:
    return {} if verdict == Compared.NOT_SIGNIFICANT else {"class_": verdict}
