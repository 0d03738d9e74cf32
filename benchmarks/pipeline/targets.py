"""Targets of the pipeline on one machine with two cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.pipeline.rows import ARTICLE, ONE_LIST, PIPELINE, PREPROCESS, Row, find, total

FIRST_STEP, PREDICT, HELP = (
    "`sentiment run` up to its first step",
    "`sentiment predict`",
    "`sentiment --help`",
)
COMMAND_SECONDS = {FIRST_STEP: 0.7, PREDICT: 0.5, HELP: 0.2}
"""Upper limits of the commands' wall time."""


@dataclass(frozen=True)
class Target:
    """An upper limit for one figure, or a lower one with ``at_least``."""

    what: str
    limit: float
    unit: str
    measured: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is within the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def targets(
    rows: Sequence[Row], sent_mb: Mapping[str, float], wall_seconds: Mapping[str, float]
) -> list[Target]:
    """Return every target with its figure.

    sent_mb: bytes to S3 by output, in MB. wall_seconds: of the commands in `COMMAND_SECONDS`.
    """
    whole, preprocess = find(rows, PIPELINE), find(rows, PIPELINE, PREPROCESS)
    ratio = total(rows, ARTICLE, without=ONE_LIST).cpu_seconds / whole.cpu_seconds
    return [
        Target("the whole pipeline, wall", 11, "s", whole.wall_seconds),
        Target("the whole pipeline, CPU", 15, "s", whole.cpu_seconds),
        Target("the largest process", 500, "MB", whole.peak_mb),
        Target("Preprocess with its imports, CPU", 7, "s", preprocess.cpu_seconds),
        Target("Preprocess, wall", 3.5, "s", preprocess.wall_seconds),
        Target("Preprocess, all its processes", 300, "MB", preprocess.total_mb),
        Target("the article's CPU time, divided by the pipeline's", 75, "x", ratio, at_least=True),
        Target("sent to S3 by an execution", 32, "MB", sum(sent_mb.values())),
        *(Target(what, limit, "s", wall_seconds[what]) for what, limit in COMMAND_SECONDS.items()),
    ]
