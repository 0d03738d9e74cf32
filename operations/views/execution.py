"""Executions and their logs, printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from operations.aws.executions import Execution, StepExecution
from operations.aws.logs import LogLine
from operations.aws.watch import Watched
from operations.views.printing import moment, print_json, print_line, print_pairs, print_table

_REGISTERED = "RegisterModel"


def print_started(execution: Execution, console_url: str, watch: str, as_json: bool) -> None:
    """An execution that has begun; ``watch`` is the command that watches it."""
    if as_json:
        print_json({**_document(execution), "console_url": console_url})
        return
    print_line(f"{execution.status}: execution {execution.execution_id}")
    print_pairs([("console", console_url), ("watch", watch)])


def print_watched(watched: Watched, as_json: bool) -> None:
    """What an execution came to."""
    execution, steps = watched.execution, watched.steps
    version = next((step.resource for step in steps if step.kind == _REGISTERED), None)
    if as_json:
        print_json(
            {
                **_document(execution),
                "accuracy": watched.accuracy,
                "failure_reason": _failure(watched),
                "model_package_arn": version,
                "scores": watched.scores,
                "steps": [_step(step) for step in steps],
            }
        )
        return
    print_line(f"\n{execution.status}: execution {execution.execution_id}")
    if failure := _failure(watched):
        print_line(failure)
    print_pairs(_results(watched, version))


def print_executions(executions: Sequence[Execution], as_json: bool) -> None:
    """Executions, newest first."""
    if as_json:
        print_json({"executions": [_document(execution) for execution in executions]})
        return
    print_table(
        ("execution", "name", "started", "status", "reason"),
        (
            (
                execution.execution_id,
                execution.display_name,
                moment(execution.started),
                execution.status,
                execution.failure_reason,
            )
            for execution in executions
        ),
    )


def print_stopped(execution: Execution, watch: str, as_json: bool) -> None:
    """An execution that was asked to end, or had ended before."""
    if as_json:
        print_json(_document(execution))
        return
    print_line(f"{execution.status}: execution {execution.execution_id}")
    if execution.is_running:
        print_pairs([("watch", watch)])


def print_log(step: str, lines: Iterable[LogLine], as_json: bool) -> None:
    """A step's log: the messages alone, or with their times and streams as JSON."""
    if as_json:
        found = [
            {"message": line.message, "stream": line.stream, "time": line.time.isoformat()}
            for line in lines
        ]
        print_json({"lines": found, "step": step})
        return
    for line in lines:
        print(line.message)


def _results(watched: Watched, version: str | None) -> Iterator[tuple[str, str]]:
    if watched.accuracy is not None:
        yield "accuracy", f"{watched.accuracy:.5f}"
    if version is not None:
        yield "version", version
    if watched.scores is not None:
        yield "scores", watched.scores
    yield "seconds", f"{sum(_seconds(step) for step in watched.steps):.1f}"


def _failure(watched: Watched) -> str | None:
    for step in watched.steps:
        if step.status == "Failed":
            return f"step {step.name}: {step.failure_reason}"
    return watched.execution.failure_reason or None


def _document(execution: Execution) -> dict[str, Any]:
    return {
        "arn": execution.arn,
        "display_name": execution.display_name,
        "execution_id": execution.execution_id,
        "failure_reason": execution.failure_reason or None,
        "started": execution.started.isoformat(),
        "status": execution.status,
    }


def _step(step: StepExecution) -> dict[str, Any]:
    return {
        "attempts": max(step.attempts, 1),
        "cached": step.cached,
        "failure_reason": step.failure_reason or None,
        "name": step.name,
        "seconds": round(_seconds(step), 3),
        "status": step.status,
    }


def _seconds(step: StepExecution) -> float:
    return step.seconds(datetime.now(UTC))
