"""HTML documents: self-contained, and unable to load or run anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from processing.report.markup import Html, element, join, paragraph, text
from processing.report.style import STYLE

# The page can't load or run anything, whatever the text of a review contains.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, main: Html, *, with_text: bool) -> str:
    """Return a document. with_text: whether it contains text of reviews, which its footer says."""
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>",
        f"<style>\n{STYLE}</style>",
    )
    lines = ("<!doctype html>", '<html lang="en">', *head, main, _footer(with_text), "</html>", "")
    return "\n".join(lines)


def overview(kind: str, facts: Iterable[tuple[str, str]]) -> Html:
    """Build the lines above a page's result: the kind of the page, and its subject's properties."""
    items = (
        element("div", element("dt", text(name)), element("dd", text(value)))
        for name, value in facts
        if value
    )
    return element("div", paragraph(kind, class_="eyebrow"), element("dl", *items, class_="facts"))


def contents(titles: Mapping[str, str]) -> Html:
    """Build links to the sections, given their titles by id."""
    links = (element("a", text(name), href=f"#{key}") for key, name in titles.items())
    return element("nav", join(links), aria_label="Contents")


def _footer(with_text: bool) -> Html:
    if with_text:
        note = "This page contains text of reviews. Protect it like the dataset."
    else:
        note = "This page contains no text of reviews."
    return element("footer", paragraph(f"{note} It loads no external resources."))
