"""The report's top: how many reviews are told right, and whether that is good."""

from __future__ import annotations

from collections.abc import Sequence

from processing import names
from processing.evaluation.significance import Z95
from processing.report import figures
from processing.report.context import Subject
from processing.report.format import count, percent, points
from processing.report.html import (
    Html,
    element,
    figure,
    paragraph,
    section,
    table,
    text,
)
from processing.report.reference_models import Rival, interval, rivals

_NEAR = 0.1

_TILES = {"auc": "AUC", "f1": "F1", "precision": "precision", "recall": "recall"}


def headline(subject: Subject) -> Html:
    """The accuracy with its interval, and what it is to be compared with."""
    low, high = interval(subject)
    compared = rivals(subject)
    title = element(
        "h1",
        element("strong", text(percent(subject.metric("accuracy")))),
        text(f" of {count(subject.reviews)} reviews told right"),
    )
    words = element(
        "div",
        paragraph("Evaluation report", class_="eyebrow"),
        title,
        paragraph(
            f"With 95 % confidence between {percent(low)} and {percent(high)} "
            "of reviews like these (Wilson’s interval)."
        ),
        element("ul", *(_item(rival) for rival in compared)),
    )
    return element("header", words, _ruler(subject, compared))


def tiles(subject: Subject) -> Html:
    """The metrics beside the accuracy, each with half the width of its 95 % interval."""
    told = [
        _tile(label, f"{subject.metric(name):.4f}", f"± {Z95 * subject.deviation(name):.4f}")
        for name, label in _TILES.items()
    ]
    calibration = subject.evaluation["calibration"]
    told.append(_tile("log loss", f"{calibration['log_loss']:.4f}", "0 is perfect"))
    told.append(_tile("Brier score", f"{calibration['brier']:.4f}", "0 is perfect"))
    return element("dl", *told, class_="tiles")


def comparisons(subject: Subject) -> Html:
    """The rivals as a table, and what the gate reads."""
    return section(
        "rivals",
        "Is that good?",
        [_gate(subject)],
        table(
            "The accuracy beside what it has to beat; differences in points of percent",
            ["compared with", "accuracy#", "difference#", "verdict"],
            [_row(rival) for rival in rivals(subject)],
        ),
    )


def _item(rival: Rival) -> Html:
    return element("li", text(rival.sentence()), **_verdict(rival))


def _ruler(subject: Subject, compared: Sequence[Rival]) -> Html:
    low, high = interval(subject)
    # A far one would leave no room for the intervals of near ones.
    near = [rival for rival in compared if abs(rival.difference) < _NEAR] or compared
    marks = [figures.Mark("this model", subject.metric("accuracy"), low, high)]
    marks += [figures.Mark(rival.mark, rival.accuracy, rival.low, rival.high) for rival in near]
    names = ", ".join(rival.mark for rival in near)
    svg = figures.ruler(marks, f"The accuracy and its interval on a scale, beside: {names}.")
    return figure(svg, "Accuracies with their 95 % intervals.")


def _tile(label: str, value: str, note: str) -> Html:
    parts = (element("dt", text(label)), element("dd", text(value)), element("dd", text(note)))
    return element("div", *parts)


def _gate(subject: Subject) -> str:
    gate = subject.evaluation[names.GATE]
    told = f"The gate reads {gate['metric']}: {gate['measured']}."
    champion = subject.evaluation.get(names.CHAMPION)
    if champion and champion["model_package_arn"]:
        told += (
            f" The last approved version has {champion['measured']}, and asks for at least "
            f"{champion['required']}."
        )
        if champion["same_test_set"] is False:
            told += " It was measured on other reviews."
    return told


def _row(rival: Rival) -> list[Html]:
    word = rival.verdict or "no clear difference"
    verdict = element("strong", text(word), **_verdict(rival))
    return [
        text(rival.name),
        text(percent(rival.accuracy, 2)),
        text(points(rival.difference)),
        verdict,
        text(f"{rival.how[0].upper()}{rival.how[1:]}."),
    ]


def _verdict(rival: Rival) -> dict[str, str]:
    return {"class_": rival.verdict} if rival.verdict else {}
