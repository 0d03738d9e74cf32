"""Markdown elements whose content is escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

NONE = "—"
"""An empty table cell."""

_TICKS = re.compile(r"`+")
_MARKUP = re.compile(r"[\\`*_\[\]|@~]|<(?=\S)")


def code(text: str) -> str:
    """Return text as a code span that is also valid in a table."""
    if not text or not text.isprintable():
        text = json.dumps(text, ensure_ascii=False)
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", r"\|")


def plain(text: str) -> str:
    r"""Escape what is Markdown, or a mention on GitHub, in names such as those of branches.

    >>> plain("p < 0.05"), plain("a|b@<i>")
    ('p < 0.05', 'a\\|b\\@\\<i>')
    """
    return _MARKUP.sub(r"\\\g<0>", text)


def codes(texts: Iterable[str]) -> str:
    """Return code spans, separated by commas."""
    return ", ".join(map(code, texts))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table and an empty line; nothing without rows."""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    if lines:
        yield f"| {' | '.join(header)} |"
        yield f"|{'---|' * len(header)}"
        yield from lines
        yield ""


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a heading and lines below it; nothing without lines."""
    found = list(lines)
    if found:
        yield f"### {title}"
        yield ""
        yield from found
        if found[-1]:
            yield ""


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a collapsed section. The title is text, not Markdown."""
    yield f"<details><summary>{escape(title)}</summary>"
    yield ""
    yield from lines
    yield "</details>"
    yield ""
