"""The top of the report (accuracy and further metrics) and the comparison with baselines."""

from __future__ import annotations

from collections.abc import Sequence

from processing import names
from processing.evaluation.significance import Z95
from processing.report import figures
from processing.report.context import ReportContext
from processing.report.format import count, percent, percentage_points
from processing.report.markup import Html, element, figure, paragraph, section, table, text
from processing.report.reference_models import (
    ReferenceModel,
    accuracy_interval,
    reference_models,
)

_NEAR = 0.1

_TILES = {"auc": "AUC", "f1": "F1", "precision": "precision", "recall": "recall"}


def header(context: ReportContext) -> Html:
    """Build the accuracy with its confidence interval and the comparison with each baseline."""
    low, high = accuracy_interval(context)
    references = reference_models(context)
    title = element(
        "h1",
        element("strong", text(percent(context.metric(names.ACCURACY)))),
        text(f" of {count(context.reviews)} reviews classified correctly"),
    )
    summary = element(
        "div",
        paragraph("Evaluation report", class_="eyebrow"),
        title,
        paragraph(f"95% confidence interval (Wilson): {percent(low)} to {percent(high)}"),
        element("ul", *(_item(reference) for reference in references)),
    )
    return element("header", summary, _interval_plot(context, references))


def metric_tiles(context: ReportContext) -> Html:
    """Build the metrics beside accuracy, each with half the width of its 95% interval."""
    tiles = [
        _tile(
            label,
            f"{context.metric(name):.4f}",
            f"95% CI: ± {Z95 * context.standard_deviation(name):.4f}",
        )
        for name, label in _TILES.items()
    ]
    calibration = context.evaluation["calibration"]
    tiles.append(_tile("log loss", f"{calibration['log_loss']:.4f}", "lower is better"))
    tiles.append(_tile("Brier score", f"{calibration['brier']:.4f}", "lower is better"))
    return element("dl", *tiles, class_="tiles")


def baselines(context: ReportContext) -> Html:
    """Build the table of baselines and the metric of the quality gate."""
    return section(
        "baselines",
        "Baselines",
        _gate(context),
        table(
            "Accuracy compared with each baseline; differences in percentage points",
            ["baseline", "accuracy#", "difference#", "result"],
            [_row(reference) for reference in reference_models(context)],
        ),
    )


def _item(reference: ReferenceModel) -> Html:
    return element("li", text(reference.sentence()), **_verdict_class(reference))


def _interval_plot(context: ReportContext, references: Sequence[ReferenceModel]) -> Html:
    low, high = accuracy_interval(context)
    # A distant baseline would leave no room for the intervals of the others.
    near = [one for one in references if abs(one.difference) < _NEAR] or references
    marks = [figures.Mark("this model", context.metric(names.ACCURACY), low, high)]
    marks += [figures.Mark(one.short_name, one.accuracy, one.low, one.high) for one in near]
    compared = ", ".join(one.short_name for one in near)
    svg = figures.interval_plot(
        marks, f"Accuracy of this model with its confidence interval, compared with: {compared}."
    )
    return figure(svg, "Accuracy with 95% confidence intervals.")


def _tile(label: str, value: str, note: str) -> Html:
    parts = (element("dt", text(label)), element("dd", text(value)), element("dd", text(note)))
    return element("div", *parts)


def _gate(context: ReportContext) -> list[str]:
    gate = context.evaluation[names.GATE]
    about = [f"Metric of the quality gate: {gate['metric']} = {gate['measured']}."]
    champion = context.evaluation.get(names.CHAMPION)
    if champion and champion["model_package_arn"]:
        about.append(
            f"The last approved version has {champion['measured']}; the gate requires at least "
            f"{champion['required']}."
        )
        if champion["same_test_set"] is False:
            about.append("The last approved version was evaluated on a different test set.")
    return about


def _row(reference: ReferenceModel) -> list[Html]:
    verdict = reference.verdict or "not significant"
    return [
        text(reference.name),
        text(percent(reference.accuracy, 2)),
        text(percentage_points(reference.difference)),
        element("strong", text(verdict), **_verdict_class(reference)),
        text(reference.reason),
    ]


def _verdict_class(reference: ReferenceModel) -> dict[str, str]:
    return {"class_": reference.verdict} if reference.verdict else {}
