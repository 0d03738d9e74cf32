"""Executions, local and on AWS, and their logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from operations.execution_summary import (
    HTML_REPORT,
    ExecutionSummary,
    StepSummary,
    busy_seconds,
)
from operations.views.printing import (
    location,
    print_json,
    print_line,
    print_pairs,
    print_table,
    utc,
)
from processing import names

if TYPE_CHECKING:  # without boto3 for local executions
    from operations.aws.logs import LogLine

_ARTIFACTS = (
    names.MODEL,
    names.VOCABULARY,
    names.PREDICTIONS,
    names.EVALUATION,
    HTML_REPORT,
    names.MANIFEST,
)
"""The artifacts that are listed, in this order; the JSON output has all of them."""


def print_execution(summary: ExecutionSummary, *, as_json: bool, watch: str = "") -> None:
    """Print an execution with its results. watch: the command that watches it if it is running."""
    if as_json:
        print_json(_document(summary))
        return
    print_line(f"{summary.status}: execution {summary.execution_id}")
    if summary.failure_reason:
        print_line(summary.failure_reason)
    print_pairs(_results(summary))
    if summary.is_running and watch:
        print_pairs([("watch", watch)])


def print_executions(executions: Sequence[ExecutionSummary], *, as_json: bool) -> None:
    """Print a list of executions."""
    if as_json:
        print_json({"executions": [_document(summary) for summary in executions]})
        return
    print_table(
        ("execution", "name", "started", "status", "failure reason"),
        (
            (
                summary.execution_id,
                summary.display_name or "",
                utc(summary.started),
                summary.status,
                summary.failure_reason or "",
            )
            for summary in executions
        ),
    )


def print_log(step: str, lines: Iterable[LogLine], *, as_json: bool) -> None:
    """Print the log of a step: messages only, or as JSON with times and streams."""
    if as_json:
        found = [
            {"message": line.message, "stream": line.stream, "time": line.time.isoformat()}
            for line in lines
        ]
        print_json({"lines": found, "step": step})
        return
    for line in lines:
        print(line.message)


def _results(summary: ExecutionSummary) -> Iterator[tuple[str, str]]:
    if summary.accuracy is not None:
        note = "  (demo dataset; not comparable with the article)" if summary.demo else ""
        yield "accuracy", f"{summary.accuracy:.5f}{note}"
    if summary.gate and summary.gate.metric != names.ACCURACY:
        yield summary.gate.metric, f"{summary.gate.measured:.5f}"
    if summary.model_package_arn:
        yield "version", summary.model_package_arn
    artifacts = summary.artifacts or {}
    for name in _ARTIFACTS:
        if name in artifacts:
            yield name, location(artifacts[name])
    if summary.scores:
        yield "scores", location(summary.scores)
    if summary.drift:
        yield from _drift(summary.drift, summary.drift_threshold)
    if summary.console_url:
        yield "console", summary.console_url
    if summary.steps is not None:
        yield "seconds", f"{busy_seconds(summary.steps):.1f}"


def _drift(drift: Any, threshold: float | None) -> Iterator[tuple[str, str]]:
    yield "rows", str(drift[names.ROWS])
    yield "not scored", str(drift[names.UNSCORED])
    if drift[names.DRIFT_STATUS] == names.DRIFT_UNKNOWN:
        yield "drift", f"unknown: {drift[names.DRIFT_REASON]}"
    else:
        limit = "" if threshold is None else f"; threshold {threshold:g}"
        measure = _words(drift[names.MAX_DRIFT_MEASURE])
        yield "drift", f"{drift[names.MAX_DRIFT]:.3f} ({measure}){limit}"
    for name, value in sorted(drift[names.MEASURES].items()):
        yield "", f"{_words(name):<15} {value:.3f}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _document(summary: ExecutionSummary) -> dict[str, Any]:
    """The JSON of an execution: the same keys on this machine and on AWS."""
    steps = summary.steps
    return {
        "accuracy": summary.accuracy,
        "arn": summary.arn,
        "artifacts": summary.artifacts,
        "console_url": summary.console_url,
        "demo": summary.demo,
        "display_name": summary.display_name,
        "drift": summary.drift,
        "drift_threshold": summary.drift_threshold,
        "execution_id": summary.execution_id,
        "failure_reason": summary.failure_reason,
        "gate": asdict(summary.gate) if summary.gate else None,
        "model_package_arn": summary.model_package_arn,
        "scores": summary.scores,
        "started": summary.started.isoformat(),
        "status": summary.status,
        "steps": None if steps is None else [_step(step) for step in steps],
    }


def _step(step: StepSummary) -> dict[str, Any]:
    return {
        "attempts": step.attempts,
        "cached": step.cached,
        "failure_reason": step.failure_reason,
        "name": step.name,
        "seconds": step.seconds,
        "status": step.status,
    }
