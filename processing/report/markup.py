"""HTML from plain values. Everything but the results of these functions is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NewType

from processing.errors import printable

Html = NewType("Html", str)
"""Markup that is safe to insert into a page."""


def text(content: str) -> Html:
    r"""Escape any text.

    >>> text("<b>a & b</b>"), text("file\udce9")
    ('&lt;b&gt;a &amp; b&lt;/b&gt;', 'file\\udce9')
    """
    return Html(html.escape(printable(content)))


def element(name: str, *content: Html, **attributes: str) -> Html:
    """Build an element. In attribute names, ``_`` becomes ``-``, and a trailing ``_`` is dropped.

    >>> element("p", text("1 < 2"), class_="note", aria_label="'")
    '<p class="note" aria-label="&#x27;">1 &lt; 2</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{''.join(content)}</{name}>")


def paragraph(content: str, **attributes: str) -> Html:
    """Build a paragraph of plain text."""
    return element("p", text(content), **attributes)


def join(parts: Iterable[Html]) -> Html:
    """Join markup with newlines."""
    return Html("\n".join(parts))


def figure(svg: str, caption: str) -> Html:
    """Build a figure with a caption; ``svg`` comes from `processing.report.svg`."""
    return element("figure", Html(svg), element("figcaption", text(caption)))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Html]]) -> Html:
    """Build a table whose first column holds the row headers. A wide table scrolls in its own box.

    Columns whose heading ends with "#" hold numbers and are aligned right. If a row has one cell
    more than the head, that cell is a note, shown below the others across all columns.
    """
    numeric = [name.endswith("#") for name in head]
    headings = [
        element("th", text(name.removesuffix("#")), scope="col", **_alignment(is_number))
        for name, is_number in zip(head, numeric)
    ]
    content = element(
        "table",
        element("caption", text(caption)),
        element("thead", element("tr", *headings)),
        element("tbody", *(_row(row, numeric) for row in rows)),
    )
    # The box takes the focus, so that it can be scrolled with the keyboard.
    return element("div", content, class_="wide", role="region", aria_label=caption, tabindex="0")


def section(identity: str, title: str, about: Iterable[str], *content: Html) -> Html:
    """Build a section: heading and explanation, and beside or below them the content."""
    heading = element("h2", text(title), id=f"{identity}-title")
    explanation = element("div", heading, *map(paragraph, about), class_="about")
    return element(
        "section",
        explanation,
        element("div", *content, class_="body"),
        id=identity,
        aria_labelledby=f"{identity}-title",
    )


def _row(cells: Sequence[Html], numeric: Sequence[bool]) -> Html:
    width = len(numeric)
    row = element(
        "tr",
        element("th", cells[0], scope="row"),
        *(
            element("td", cell, **_alignment(is_number))
            for cell, is_number in zip(cells[1:width], numeric[1:])
        ),
    )
    notes = (
        element("tr", element("td", note, colspan=str(width)), class_="note")
        for note in cells[width:]
    )
    return join([row, *notes])


def _alignment(is_number: bool) -> dict[str, str]:
    return {"class_": "number"} if is_number else {}
