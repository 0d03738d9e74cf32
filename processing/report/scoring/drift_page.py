"""The page about the drift of one scoring execution: how its reviews differ from the test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from processing import names
from processing.evaluation.drift import HISTOGRAMS, LARGE_DRIFT, SMALL_DRIFT
from processing.report.document import contents, document, overview
from processing.report.format import count, decimals, percent
from processing.report.markup import Html, element, figure, paragraph, section, table, text
from processing.report.scoring import charts
from processing.report.svg import chart_style

MEASURES = {
    "length": "number of words",
    "score": "score",
    "positive_share": "share predicted positive",
    "unknown_words": "share of unknown words",
    "unscored": "share without a usable text",
}
"""What each measure of drift compares."""

Report = Mapping[str, Any]


def render(report: Report) -> str:
    """Render the content of ``drift.json`` as one self-contained HTML document."""
    shown = {"measures": ("Measures", _measures)}
    if report[names.REFERENCE_PROFILE] and report[names.DRIFT_STATUS] == names.DRIFT_MEASURED:
        shown |= {"lengths": ("Lengths", _lengths), "scores": ("Scores", _scores)}
    with chart_style():
        main = element(
            "main",
            _header(report),
            contents({key: heading for key, (heading, _) in shown.items()}),
            *(build(report) for _, build in shown.values()),
        )
    return document(f"{_value(report)} drift of scored reviews", main, with_text=False)


def magnitude(drift: float) -> str:
    """Return a drift in words.

    >>> magnitude(0.05), magnitude(0.2), magnitude(0.3)
    ('no change', 'a moderate change', 'a large change')
    """
    if drift < SMALL_DRIFT:
        return "no change"
    return "a moderate change" if drift <= LARGE_DRIFT else "a large change"


def _value(report: Report) -> str:
    is_known = report[names.DRIFT_STATUS] == names.DRIFT_MEASURED
    return f"{report[names.MAX_DRIFT]:.3f}" if is_known else "Unknown"


def _header(report: Report) -> Html:
    rows, unscored = report[names.ROWS], report[names.UNSCORED]
    facts = {
        "Model version": _version(report.get(names.PACKAGE_ARN_PATH)),
        "Decision threshold": str(report[names.DECISION_THRESHOLD]),
        "Reviews": count(rows),
        "Not scored": count(unscored),
    }
    top = overview("Drift of scored reviews", facts.items())
    return element("header", top, element("div", *_summary(report)))


def _version(arn: str | None) -> str:
    """Return the group and the number of a version.

    >>> _version("arn:aws:sagemaker:us-east-1:1:model-package/sentiment-dev/3")
    'sentiment-dev/3'
    """
    return arn.partition("model-package/")[2] if arn else "unknown"


def _summary(report: Report) -> list[Html]:
    strong = element("strong", text(_value(report)))
    if report[names.DRIFT_STATUS] == names.DRIFT_UNKNOWN:
        return [element("h1", strong, text(f" drift: {report[names.DRIFT_REASON]}"))]
    name = report[names.MAX_DRIFT_MEASURE]
    title = element("h1", strong, text(f" is the largest measure of drift: {MEASURES[name]}"))
    if name not in HISTOGRAMS:
        return [title]
    rule = (
        f"By the usual rule of thumb, {magnitude(report[names.MAX_DRIFT])}: below {SMALL_DRIFT} is "
        f"none, above {LARGE_DRIFT} is large."
    )
    return [title, paragraph(rule)]


def _measures(report: Report) -> Html:
    reference = report[names.REFERENCE_PROFILE] or {}
    current = report[names.CURRENT_PROFILE]
    rows = [
        [text(label), *_shares(name, reference, current, report), _measure(name, report)]
        for name, label in MEASURES.items()
    ]
    return section(
        "measures",
        "Measures",
        [
            "Histograms are compared by the population stability index, shares by difference.",
            "The reviews are first mixed with 100 that are like the test set, so that a few "
            "reviews cause no drift by chance.",
        ],
        table("Measures of drift", ["compared", "test set#", "these reviews#", "drift#"], rows),
    )


def _measure(name: str, report: Report) -> Html:
    found = report[names.MEASURES].get(name)
    return text("–" if found is None else decimals(found))


def _shares(name: str, reference: Report, current: Report, report: Report) -> list[Html]:
    """Return the shares that are compared; dashes for histograms, which the charts show."""
    if name in HISTOGRAMS:
        return [text("–")] * 2
    if name == "unscored":
        share = report[names.UNSCORED] / max(report[names.ROWS], 1)
        return [text(percent(0.0)), text(percent(share))]
    values = (profile.get(name) for profile in (reference, current))
    return [text("–" if it is None else percent(it)) for it in values]


def _lengths(report: Report) -> Html:
    return _distribution(
        report,
        "length",
        "Lengths",
        "number of words",
        "Reviews by number of words, without stop words if the model drops them.",
    )


def _scores(report: Report) -> Html:
    return _distribution(
        report, "score", "Scores", "score", "Reviews by the probability of the positive class."
    )


def _distribution(report: Report, name: str, title: str, x_label: str, about: str) -> Html:
    reference = report[names.REFERENCE_PROFILE][name]
    current = report[names.CURRENT_PROFILE][name]
    last = _last_bin(reference["counts"], current["counts"])
    edges = [f"{edge:g}" for edge in reference["edges"][:last]]
    svg = charts.distributions(
        f"distribution-{name}",
        edges,
        _share_of(reference["counts"])[:last],
        _share_of(current["counts"])[:last],
        x_label,
        f"Shares of the reviews by {x_label}, compared with those of the test set.",
    )
    caption = "Bars: these reviews. Orange line: the test set."
    return section(f"{name}s", title, [about], figure(svg, caption))


def _last_bin(*histograms: Sequence[int]) -> int:
    """Return the number of bins up to the last one that isn't empty.

    >>> _last_bin([1, 0, 0, 0], [0, 0, 2, 0])
    3
    """
    return max((n for it in histograms for n, reviews in enumerate(it, 1) if reviews), default=1)


def _share_of(counts: Sequence[int]) -> list[float]:
    total = max(sum(counts), 1)
    return [number / total for number in counts]
