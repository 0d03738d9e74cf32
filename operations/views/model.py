"""Evaluation reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operations.evaluation_report import EvaluationReport, Metric
from operations.views.printing import location, print_json, print_line, print_pairs, print_table
from processing import names


def print_report(report: EvaluationReport, *, as_json: bool, html: str = "") -> None:
    """Print an evaluation report. html: the path of the new HTML report."""
    if as_json:
        print_json(report.document)
        return
    classes, matrix = report.classes, report.confusion_matrix
    predicted = [f"predicted {name}" for name in classes.values()]
    print_metrics(report)
    print_line("")
    print_table(
        ("actual", *predicted),
        (
            (name, *(str(matrix[label][other]) for other in classes))
            for label, name in classes.items()
        ),
        numbers=predicted,
    )
    print_line("")
    print_pairs(
        [
            *([("positive class", report.positive_class)] if report.positive_class else []),
            ("decision threshold", _threshold(report)),
            *_gate(report),
            *_champion(report),
            ("evaluation", location(report.uri)),
            *([("report", location(html))] if html else []),
        ]
    )


def print_metrics(report: EvaluationReport) -> None:
    """Print the metrics that are one number, with the confidence intervals of the HTML report."""
    print_table(
        ("metric", "value", "95% CI"),
        (
            (name, f"{metric.value:.5f}", _interval(report, name, metric))
            for name, metric in report.metrics.items()
        ),
        numbers=("value",),
    )


def _interval(report: EvaluationReport, name: str, metric: Metric) -> str:
    if name == names.ACCURACY and (interval := report.accuracy_interval):
        low, high = interval
        return f"{low:.5f} to {high:.5f} (Wilson)"
    return "" if metric.margin is None else f"\u00b1{metric.margin:.5f}"


def _threshold(report: EvaluationReport) -> str:
    goal = report.threshold_goal
    chosen = f", chosen on the validation set for {goal}" if goal else ""
    return f"{report.threshold}{chosen}"


def _gate(report: EvaluationReport) -> list[tuple[str, str]]:
    gate = report.gate
    if gate is None or gate.passed is None:
        return []
    verdict = "passed" if gate.passed else "rejected"
    required = f"threshold {gate.threshold}"
    if report.champion:
        required += f", required by the champion {report.champion['required']:.5f}"
    return [("gate", f"{verdict}: {gate.metric} {gate.measured:.5f}, {required}")]


def _champion(report: EvaluationReport) -> list[tuple[str, str]]:
    champion = report.champion
    if champion is None:
        return []
    return [
        ("champion", champion["model_package_arn"]),
        ("difference", f"{champion['difference']:+.5f} in accuracy{_p_value(champion)}"),
    ]


def _p_value(champion: Mapping[str, Any]) -> str:
    """The p-value of the difference, if Evaluate tested it."""
    return f", p = {champion['test']['p_value']:.3g}" if "test" in champion else ""
