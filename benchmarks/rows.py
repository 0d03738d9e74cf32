"""The lines of the table: plain data between measuring and reporting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measuring import Usage

FLOOR, GOOD_USER, ARTICLE, OURS = "floor", "good user", "article", "ours"
WHOLE = "whole"
"""The row of everything together, where that was a program of its own."""

PREPROCESS = "Preprocess"
"""Our row of the text path: from the archive to files of features."""

AS_WRITTEN, ONCE_A_REVIEW = "words, as written", "words, stop words read once a review"
"""The article's text path, and what it would cost if its list were read less often."""


@dataclass(frozen=True)
class Row:
    """Who did what, and what it cost: the median of so many runs.

    scale: what a sample's cost was multiplied with; 1 for what was done wholly.
    """

    who: str
    what: str
    usage: Usage
    runs: int = 1
    scale: float = 1.0


def total(rows: Iterable[Row], who: str, without: str = "") -> Usage:
    """What somebody's rows cost one after the other; ``without`` names one of two variants."""
    costs = [row.usage for row in rows if row.who == who and row.what != without]
    return Usage(
        cpu_seconds=sum(cost.cpu_seconds for cost in costs),
        wall_seconds=sum(cost.wall_seconds for cost in costs),
        peak_mb=max(cost.peak_mb for cost in costs),
        together_mb=max(cost.together_mb for cost in costs),
    )


def find(rows: Iterable[Row], who: str, what: str) -> Usage:
    """The cost in one row."""
    [usage] = [row.usage for row in rows if (row.who, row.what) == (who, what)]
    return usage
