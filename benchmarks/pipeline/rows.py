"""The rows of the pipeline suite: what each program, or a stage of it, used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.harness.measure import Usage
from processing.names import Step

LOWER_BOUND, SKLEARN, ARTICLE, PIPELINE = "lower bound", "scikit-learn", "article", "pipeline"
WHOLE = "whole"
"""The row of a whole program; the others are stages."""

PREPROCESS = Step.PREPROCESS
AS_WRITTEN, ONE_LIST = "words, as written", "words, stop words read once a review"
"""The article's text path, and the same with NLTK's list read once a review, not once a word."""


@dataclass(frozen=True)
class Row:
    """A program or stage; usage is the median of ``runs``. scale: from the sample to the whole."""

    program: str
    stage: str
    usage: Usage
    runs: int = 1
    scale: float = 1.0


def find(rows: Iterable[Row], program: str, stage: str = WHOLE) -> Usage:
    """Return the usage of one row."""
    [usage] = [row.usage for row in rows if (row.program, row.stage) == (program, stage)]
    return usage


def total(rows: Iterable[Row], program: str, without: str) -> Usage:
    """Return the sum of a program's stages, without one of two variants."""
    usages = [row.usage for row in rows if row.program == program and row.stage != without]
    return Usage(
        cpu_seconds=sum(usage.cpu_seconds for usage in usages),
        wall_seconds=sum(usage.wall_seconds for usage in usages),
        peak_mb=max(usage.peak_mb for usage in usages),
        total_mb=max(usage.total_mb for usage in usages),
    )


def totals(rows: Iterable[Row]) -> dict[str, Usage]:
    """Return the usage of each way to do the whole work, the most expensive first."""
    rows = list(rows)
    return {
        "the article's code": total(rows, ARTICLE, without=ONE_LIST),
        "the article's code, stop words read once a review": total(
            rows, ARTICLE, without=AS_WRITTEN
        ),
        "scikit-learn and NLTK": find(rows, SKLEARN),
        "this pipeline": find(rows, PIPELINE),
        "lower bound": find(rows, LOWER_BOUND),
    }
