"""The result of an execution, the same for local executions and executions on AWS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operations.errors import UsageError
from operations.evaluation_report import Gate
from processing import names

SUCCEEDED, FAILED = "Succeeded", "Failed"
STOPPING, STOPPED = "Stopping", "Stopped"
INTERRUPTED = "Interrupted"
"""The status of a local execution whose process was killed."""

HTML_REPORT = "report"
"""The name of the artifact that is in the output of the evaluation; other artifacts are outputs."""

DRIFT_PAGE = "drift_page"
"""The same for that in the output of the drift."""

MAIN_FILES = {
    names.DRIFT: names.DRIFT_FILE,
    names.EVALUATION: names.EVALUATION_FILE,
    names.MANIFEST: names.MANIFEST_FILE,
    names.SCORES: names.SCORES_FILE,
    names.VOCABULARY: names.VOCABULARY_FILE,
}
"""The main file of each output that is a folder."""

_RUNNING = ("Starting", "Executing", STOPPING)


@dataclass(frozen=True)
class StepSummary:
    """A step that has started.

    seconds: duration so far, all attempts included. outcome: of a Condition step, its result.
    reused_from, cached_from: the execution whose result it has, if this one hasn't performed it.
    reasons: of a local step that ran, why it wasn't cached; None if it can't be, or isn't known.
    why: those that its user may not expect, in words.
    """

    name: str
    status: str
    started: datetime | None
    seconds: float
    attempts: int
    cached: bool
    failure_reason: str | None
    outcome: bool | None = None
    reused_from: str | None = None
    cached_from: str | None = None
    reasons: Sequence[Mapping[str, Any]] | None = None
    why: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it has ended successfully."""
        return self.status == SUCCEEDED

    @property
    def note(self) -> str:
        """The result of an ended step in a word, or why it failed; empty if it just succeeded."""
        if self.reused_from:
            return f"reused ({self.reused_from})"
        if self.outcome is not None:
            return "condition true" if self.outcome else "condition false"
        if self.cached:
            return f"cached ({self.cached_from})" if self.cached_from else "cached"
        if not self.succeeded:
            return self.failure_reason or self.status
        return f"ran: {self.why}" if self.why else ""


@dataclass(frozen=True)
class StepOutput:
    """An output of a step: its name, and its path or ARN."""

    step: str
    name: str
    location: str


@dataclass(frozen=True)
class ExecutionSummary:
    """An execution and its results; None for what it doesn't have (yet), or wasn't looked up.

    parameters: their values by name. metrics: of the evaluation, by name.
    gate: the metric that the quality gate checked. positive_class: its name, of which two, and how
    to change it. artifacts: local paths by output name. columns: of tables, by
    role; splits: rows of each split and where it comes from; both of a local execution.
    model_package_arn: the model version that it registered, or that it scored with.
    scores: path or S3 URI of scores.csv. drift, drift_threshold: of a scoring execution, the
    drift report and its limit. demo: whether the dataset was the demo dataset. outputs: of a local
    execution of another definition than this project's, everything that its steps wrote.
    expected_cost: of one that was started on AWS, what it was expected to cost before.
    """

    execution_id: str
    status: str
    started: datetime
    arn: str
    display_name: str | None = None
    console_url: str | None = None
    failure_reason: str | None = None
    steps: Sequence[StepSummary] | None = None
    parameters: Mapping[str, Any] | None = None
    accuracy: float | None = None
    metrics: Mapping[str, float] | None = None
    gate: Gate | None = None
    positive_class: str | None = None
    artifacts: Mapping[str, str] | None = None
    model_package_arn: str | None = None
    columns: str | None = None
    splits: str | None = None
    scores: str | None = None
    drift: Mapping[str, Any] | None = field(default=None, repr=False)
    drift_threshold: float | None = None
    demo: bool | None = None
    expected_cost: Mapping[str, Any] | None = field(default=None, repr=False)
    outputs: Sequence[StepOutput] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it hasn't ended."""
        return self.status in _RUNNING

    @property
    def seconds(self) -> float | None:
        """The seconds during which at least one step ran; None if steps weren't looked up."""
        return None if self.steps is None else busy_seconds(self.steps)

    @property
    def succeeded(self) -> bool:
        """Whether it has ended successfully."""
        return self.status == SUCCEEDED


@dataclass(frozen=True)
class LogLine:
    """A line of a log. stream: its log stream on AWS, or the name of the file of a local log."""

    stream: str
    message: str


@dataclass(frozen=True)
class TimedLogLine(LogLine):
    """A line of a log on AWS, which stores its time."""

    time: datetime


def readable(reason: str | None) -> str | None:
    """Return a job's failure reason without the words that SageMaker adds to every one.

    >>> readable("AlgorithmError: no column 'text', exit code: 1")
    "no column 'text'"
    """
    words = re.sub(r", exit code: \d+$", "", (reason or "").removeprefix("AlgorithmError: "))
    return words or None


def failure_reason(steps: Sequence[StepSummary], otherwise: str | None = None) -> str | None:
    """Return the name and reason of the first failed step; ``otherwise`` if no step failed."""
    for step in steps:
        if step.status == FAILED:
            return f"step {step.name}: {step.failure_reason}"
    return otherwise


def step_to_read(statuses: Mapping[str, str]) -> str:
    """Return the step whose log is read by default: the first that failed, else one that runs.

    statuses: of the steps that have a log, by name. Raise UsageError without such a step.
    """
    for wanted in ((FAILED,), _RUNNING):
        if found := next((name for name, status in statuses.items() if status in wanted), None):
            return found
    raise UsageError(
        "no step with a log has failed or is running; give the name of a step: "
        f"{', '.join(statuses) or 'none has a log yet'}"
    )


def busy_seconds(steps: Sequence[StepSummary]) -> float:
    """Return the seconds during which at least one step ran."""
    spans = sorted((step.started.timestamp(), step.seconds) for step in steps if step.started)
    total = until = 0.0
    for start, seconds in spans:
        total += max(0.0, start + seconds - max(start, until))
        until = max(until, start + seconds)
    return round(total, 3)


def next_words(
    summary: ExecutionSummary, is_pending: Callable[[str], bool]
) -> tuple[str, ...] | None:
    """Return the words of the command, without the program; None if nothing suggests itself.

    is_pending: whether a version, given by its ARN, waits for approval. Commands that show the log
    of a failed job are printed with the log.
    """
    if summary.is_running:
        return "watch", summary.execution_id
    if summary.scores:
        return "scores", summary.execution_id, "--output", "scores.csv"
    arn = summary.model_package_arn
    if arn and is_pending(arn):
        return "approve", arn.rpartition("/")[2]
    failed = {step.name for step in summary.steps or () if step.status == FAILED}
    if names.Step.REJECT in failed:
        return "report", summary.execution_id
    return (
        ("retry", summary.execution_id)
        if summary.status in (FAILED, STOPPED, INTERRUPTED)
        else None
    )
