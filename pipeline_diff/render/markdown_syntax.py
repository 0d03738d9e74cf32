"""The few forms of Markdown that a report is made of; what they show isn't taken for Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

NONE = "—"
"""Stands where there is nothing."""

_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """Text as it is, as a code span that may stand in a table, too."""
    if not text or not text.isprintable():
        text = json.dumps(text, ensure_ascii=False)
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", r"\|")


def codes(texts: Iterable[str]) -> str:
    """Several, with commas."""
    return ", ".join(map(code, texts))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, with an empty line behind it; none without rows."""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    if lines:
        yield f"| {' | '.join(header)} |"
        yield f"|{'---|' * len(header)}"
        yield from lines
        yield ""


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A heading and what stands below it; nothing for no lines."""
    found = list(lines)
    if found:
        yield f"### {title}"
        yield ""
        yield from found
        if found[-1]:
            yield ""


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines that a reader opens who wants them. The title is text; Markdown isn't read there."""
    yield f"<details><summary>{escape(title)}</summary>"
    yield ""
    yield from lines
    yield "</details>"
    yield ""
