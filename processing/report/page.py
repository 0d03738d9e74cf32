"""The whole page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processing.evaluation.results import Observed
from processing.report.context import Subject
from processing.report.format import percent
from processing.report.html import (
    Html,
    element,
    join,
    paragraph,
    text,
)
from processing.report.inputs import Inputs
from processing.report.model_insights import learned
from processing.report.sections import (
    data,
    headline,
    model,
    ranking,
)
from processing.report.style import STYLE
from processing.report.svg import page_style

_CONTENTS = {
    "rivals": "Is that good?",
    "confusion": "Confusion",
    "ranking": "Ranking",
    "trust": "Calibration and length",
    "learning": "Learning",
    "terms": "Terms",
    "mistakes": "Mistakes",
    "data": "Data",
    "provenance": "Provenance",
}

# A page that can load nothing and run nothing, whatever a review's text tries.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(
    path: Path,
    evaluation: Mapping[str, Any],
    observed: Observed,
    inputs: Inputs,
    snippets: Mapping[str, str] | None = None,
) -> None:
    """Writes the report. Raises DataError if the model can't be looked into.

    evaluation: what ``evaluation.json`` holds. snippets: the beginnings of reviews by their ids;
    without them the page holds no review's text.
    """
    subject = Subject(evaluation, observed, inputs, learned(inputs), snippets or {})
    content = page(subject)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def page(subject: Subject) -> str:
    """The report as one HTML document that needs nothing else."""
    title = f"{percent(subject.metric('accuracy'))} accuracy: evaluation report"
    with page_style():
        main = element(
            "main",
            headline.headline(subject),
            headline.tiles(subject),
            _contents(),
            headline.comparisons(subject),
            ranking.confusion(subject),
            ranking.ranking(subject),
            ranking.trust(subject),
            model.learning(subject),
            model.terms(subject),
            model.mistakes(subject),
            data.data(subject),
            data.provenance(subject),
        )
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>",
        f"<style>\n{STYLE}</style>",
    )
    lines = ("<!doctype html>", '<html lang="en">', *head, main, _footer(subject), "</html>", "")
    return "\n".join(lines)


def _contents() -> Html:
    links = (element("a", text(name), href=f"#{key}") for key, name in _CONTENTS.items())
    return element("nav", join(links), aria_label="Contents")


def _footer(subject: Subject) -> Html:
    words = "Made by Evaluate. This page holds no review’s text and loads nothing."
    if subject.snippets:
        words = "This page holds text of reviews: it belongs where the data belong."
    return element("footer", paragraph(words))
