"""Logs of jobs in CloudWatch Logs."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import is_not_found
from operations.aws.executions import StepExecution
from operations.aws.jobs import KINDS, JobKind, common_name, kind_of
from operations.aws.pipelines import Pipeline
from operations.aws.watching.remedies import remedy_lines
from operations.errors import CliError, UsageError
from operations.execution_summary import FAILED, LogLine, TimedLogLine, step_to_read

_LAST = 20
"""Lines of a log in which an error is looked for."""

_MAX_EVENTS = 10_000  # per GetLogEvents request


def default_step(steps: Iterable[StepExecution]) -> str:
    """Return the step that failed, else one that runs, of those with jobs. Raise UsageError."""
    return step_to_read({step.name: step.status for step in steps if kind_of(step)})


def step_named(
    pipeline: Pipeline, steps: Iterable[StepExecution], name: str, execution_id: str
) -> StepExecution:
    """Return the step with this name, in any case.

    Raise UsageError if the pipeline has no such step with a job, CliError if it hasn't started.
    """
    started = list(steps)
    step = find_step(started, name)
    if step is None:
        require_job_step(pipeline, name)
        raise not_started(started, name, execution_id)
    return step


def require_job_step(pipeline: Pipeline, name: str) -> None:
    """Raise UsageError unless the definition has such a step that starts a job."""
    types = {kind.metadata.removesuffix("Job") for kind in KINDS}
    known = [step.name for step in pipeline.parsed().all_steps() if step.type in types]
    if name.lower() not in map(str.lower, known):
        raise UsageError(
            f"{pipeline.name} has no step {name!r} that starts a job; steps with jobs: "
            f"{', '.join(known)}"
        )


def find_step(steps: Iterable[StepExecution], name: str) -> StepExecution | None:
    """Return the step with this name, in any case; None if it hasn't started."""
    return next((step for step in steps if step.name.lower() == name.lower()), None)


def not_started(steps: Iterable[StepExecution], name: str, execution_id: str) -> CliError:
    """Return the error for a step that hasn't started, with those that have."""
    started = ", ".join(step.name for step in steps)
    return CliError(
        f"execution {execution_id} has not started a step {name!r}; "
        f"started steps: {started or 'none'}"
    )


def no_job(step: StepExecution) -> CliError:
    """Return the error for a step that has started no job, with the reason and its remedy."""
    because = "; ".join([step.failure_reason, *remedy_lines([step.failure_reason])]).strip("; ")
    return CliError(
        f"step {step.name} has no log, because it started no job{because and ': '}{because}"
    )


def remedies(step: StepExecution, lines: Sequence[LogLine] = ()) -> tuple[str, ...]:
    """Return cause and remedy of a failed step, if its reason or its last lines are known."""
    if step.status != FAILED:
        return ()
    return remedy_lines([step.failure_reason, *(line.message for line in lines[-_LAST:])])


def no_log(step: StepExecution, kind: JobKind) -> CliError:
    """Return the error for a step without a log."""
    return CliError(f"step {step.name} has no log in {kind.log_group} (yet)")


def lines(deployment: Deployment, step: StepExecution, last: int | None) -> list[TimedLogLine]:
    """Return the log lines of all attempts of a step on all hosts, in time order.

    last: the number of newest lines to return; None for all. Raise CliError if the step has no job
    or no log.
    """
    kind = kind_of(step)
    if kind is None:
        raise no_job(step)
    logs = deployment.client("logs")
    found = streams(logs, kind.log_group, common_name(step))
    if not found:
        raise no_log(step, kind)
    merged = heapq.merge(
        *(_events(logs, kind.log_group, stream, last) for stream in found),
        key=lambda line: line.time,
    )
    return list(deque(merged, maxlen=last))


def streams(logs: Any, group: str, prefix: str) -> list[str]:
    """Return the names of the log streams with a prefix."""
    pages = logs.get_paginator("describe_log_streams")
    try:
        return [
            stream["logStreamName"]
            for page in pages.paginate(logGroupName=group, logStreamNamePrefix=prefix)
            for stream in page["logStreams"]
        ]
    except ClientError as error:
        if is_not_found(error):  # the first job of an account creates the group
            return []
        raise


def _events(logs: Any, group: str, stream: str, last: int | None) -> Iterator[TimedLogLine]:
    """Yield the events of a stream, oldest first; only the newest ``last`` unless None."""
    where = {"logGroupName": group, "logStreamName": stream}
    if last is None:
        for events in _pages(logs, forward=True, **where):
            yield from read(events, stream)
        return
    newest: list[Any] = []
    for events in _pages(logs, forward=False, limit=min(last, _MAX_EVENTS), **where):
        newest = events + newest
        if len(newest) >= last:
            break
    yield from read(newest[-last:], stream)


def _pages(logs: Any, *, forward: bool, **where: Any) -> Iterator[list[Any]]:
    """Yield pages of events. boto3 has no paginator: at the end, the token repeats."""
    key = "nextForwardToken" if forward else "nextBackwardToken"
    page, token = logs.get_log_events(**where, startFromHead=forward), None
    while page[key] != token:
        yield page["events"]
        token = page[key]
        page = logs.get_log_events(**where, startFromHead=forward, nextToken=token)


def read(events: Iterable[Any], stream: str) -> Iterator[TimedLogLine]:
    """Yield the lines of events as AWS returns them."""
    for event in events:
        time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        yield TimedLogLine(stream, event["message"].rstrip("\n"), time)
