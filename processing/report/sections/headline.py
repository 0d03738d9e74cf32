"""The top of the report (accuracy and further metrics) and the comparison with baselines."""

from __future__ import annotations

from collections.abc import Sequence

from processing import names
from processing.evaluation.significance import Z95
from processing.report import figures
from processing.report.context import ReportContext
from processing.report.document import overview
from processing.report.format import count, percent, percentage_points
from processing.report.markup import Html, element, figure, paragraph, section, table, text
from processing.report.reference_models import (
    ReferenceModel,
    accuracy_interval,
    champion_version,
    reference_models,
)
from processing.report.sections.summary import facts, gate

_TILES = {"auc": "AUC", "f1": "F1", "precision": "precision", "recall": "recall"}


def header(context: ReportContext) -> Html:
    """Build the top: execution, accuracy with its interval, quality gate and baselines."""
    low, high = accuracy_interval(context)
    references = reference_models(context)
    title = element(
        "h1",
        element("strong", text(percent(context.metric(names.ACCURACY)))),
        text(f" of {count(context.reviews)} reviews classified correctly"),
    )
    summary = element(
        "div",
        title,
        paragraph(f"95% confidence interval (Wilson): {percent(low)} to {percent(high)}"),
        gate(context),
        element("ul", *(_item(reference) for reference in references)),
    )
    top = overview("Evaluation report", facts(context))
    return element("header", top, summary, _interval_plot(context, references))


def metric_tiles(context: ReportContext) -> Html:
    """Build the metrics beside accuracy, each with half the width of its 95% interval."""
    tiles = [
        _tile(
            label,
            f"{context.metric(name):.4f}",
            f"95% CI: ±{Z95 * context.standard_deviation(name):.4f}",
        )
        for name, label in _TILES.items()
    ]
    calibration = context.evaluation["calibration"]
    tiles.append(_tile("log loss", f"{calibration['log_loss']:.4f}", "lower is better"))
    tiles.append(_tile("Brier score", f"{calibration['brier']:.4f}", "lower is better"))
    return element("dl", *tiles, class_="tiles")


def baselines(context: ReportContext) -> Html:
    """Build the table of baselines."""
    return section(
        "baselines",
        "Baselines",
        _about_baselines(context),
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
    near = [one for one in references if one.is_near(low, high)]
    own = figures.Mark("this model", context.metric(names.ACCURACY), low, high)
    marks = [own, *(figures.Mark(one.short_name, one.accuracy, one.low, one.high) for one in near)]
    compared = ", ".join(one.short_name for one in near)
    svg = figures.interval_plot(
        marks,
        f"Accuracy of this model, {percent(own.value)}, with its 95% confidence interval from "
        f"{percent(low)} to {percent(high)}" + (f", compared with: {compared}." if near else "."),
    )
    caption = ["Accuracy with 95% confidence intervals."]
    version = champion_version(context)
    if version in [one.short_name for one in near]:
        caption.append(f"The interval of {version} is that of the difference.")
    return figure(svg, " ".join(caption))


def _tile(label: str, value: str, note: str) -> Html:
    parts = (element("dt", text(label)), element("dd", text(value)), element("dd", text(note)))
    return element("div", *parts)


def _about_baselines(context: ReportContext) -> list[str]:
    about = [
        "A difference is not significant if the baseline is within the 95% confidence interval."
    ]
    version = champion_version(context)
    if version:
        about.append(f"The difference from {version} is not significant if p is 0.05 or more.")
        if context.evaluation[names.CHAMPION]["same_test_set"] is False:
            about.append(f"{version.capitalize()} was evaluated on a different test set.")
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
