"""HTML from plain values. Text is escaped here, and only what these functions return is not."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NewType

from processing.errors import printable

Html = NewType("Html", str)
"""Markup that is safe to be put into a page."""


def text(content: str) -> Html:
    r"""Text as it is read, whatever it holds.

    >>> text("<b>a & b</b>"), text("file\udce9")
    ('&lt;b&gt;a &amp; b&lt;/b&gt;', 'file\\udce9')
    """
    return Html(html.escape(printable(content)))


def element(name: str, *content: Html, **attributes: str) -> Html:
    """An element; an attribute's underscores are hyphens, and one at its end is left out.

    >>> element("p", text("1 < 2"), class_="note", aria_label="'")
    '<p class="note" aria-label="&#x27;">1 &lt; 2</p>'
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{told}>{''.join(content)}</{name}>")


def paragraph(content: str, **attributes: str) -> Html:
    """A paragraph of plain text."""
    return element("p", text(content), **attributes)


def join(parts: Iterable[Html]) -> Html:
    """Markup one below the other."""
    return Html("\n".join(parts))


def figure(svg: str, caption: str) -> Html:
    """A picture with its summary in words below it; ``svg`` comes from `drawing`."""
    return element("figure", Html(svg), element("figcaption", text(caption)))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Html]]) -> Html:
    """A table whose first column names the rows; wide ones scroll in a frame of their own.

    Columns whose heading ends with "#" hold numbers, and are set to the right. A row with one cell
    more than the head has a note: it stands below the others, over all columns.
    """
    numeric = [name.endswith("#") for name in head]
    headings = [
        element("th", text(name.removesuffix("#")), scope="col", **_right(right))
        for name, right in zip(head, numeric)
    ]
    whole = element(
        "table",
        element("caption", text(caption)),
        element("thead", element("tr", *headings)),
        element("tbody", *(_row(row, numeric) for row in rows)),
    )
    # Who has no mouse must reach what is scrolled.
    return element("div", whole, class_="wide", role="region", aria_label=caption, tabindex="0")


def section(identity: str, title: str, about: Iterable[str], *content: Html) -> Html:
    """A section: its heading and how to read it, and beside or below that what is to be read."""
    heading = element("h2", text(title), id=f"{identity}-title")
    words = element("div", heading, *map(paragraph, about), class_="about")
    return element(
        "section",
        words,
        element("div", *content, class_="body"),
        id=identity,
        aria_labelledby=f"{identity}-title",
    )


def _row(cells: Sequence[Html], numeric: Sequence[bool]) -> Html:
    width = len(numeric)
    row = element(
        "tr",
        element("th", cells[0], scope="row"),
        *(element("td", cell, **_right(right)) for cell, right in zip(cells[1:width], numeric[1:])),
    )
    notes = (
        element("tr", element("td", note, colspan=str(width)), class_="note")
        for note in cells[width:]
    )
    return join([row, *notes])


def _right(is_number: bool) -> dict[str, str]:
    return {"class_": "number"} if is_number else {}
