"""What the pipeline is to keep to on one machine, and whether it does."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.result import Result
from benchmarks.rows import ARTICLE, ONCE_A_REVIEW, OURS, PREPROCESS, WHOLE, Row, find, total


@dataclass(frozen=True)
class Target:
    """A limit for one number: an upper one, or with ``least`` a lower one."""

    what: str
    limit: float
    unit: str
    measured: float
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the number keeps to the limit."""
        return self.measured >= self.limit if self.least else self.measured <= self.limit


def targets(result: Result) -> list[Target]:
    """Every target with what was measured in this run."""
    ours = find(result.rows, OURS, WHOLE)
    text = find(result.rows, OURS, PREPROCESS)
    ratio = article_cpu(result.rows, without=ONCE_A_REVIEW) / ours.cpu_seconds
    return [
        Target("the whole pipeline, wall", 25, "s", ours.wall_seconds),
        Target("the largest process", 500, "MB", ours.peak_mb),
        Target("Preprocess, imports included, CPU", 7, "s", text.cpu_seconds),
        Target("Preprocess, wall", 3.5, "s", text.wall_seconds),
        Target("Preprocess, all its processes", 300, "MB", text.together_mb),
        Target("the article's CPU by ours", 75, "x", ratio, least=True),
        Target("sent to S3 by an execution", 32, "MB", sum(result.sent_mb.values())),
        Target("`sentiment run` up to its first step", 0.7, "s", result.start_seconds),
        Target("`sentiment --help`", 0.2, "s", result.help_seconds),
    ]


def article_cpu(rows: list[Row], without: str) -> float:
    """CPU seconds of the article's code with one of the two variants of its text path."""
    return total(rows, ARTICLE, without=without).cpu_seconds
