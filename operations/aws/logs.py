"""What jobs have written, from CloudWatch Logs."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment, is_unknown
from operations.aws.executions import StepExecution
from operations.aws.jobs import common_name, kind_of
from operations.errors import CliError

_MOST_EVENTS = 10_000  # that CloudWatch hands out at once


@dataclass(frozen=True)
class LogLine:
    """A line of a job's log: when, what, and the log stream, which names the job and the host."""

    time: datetime
    stream: str
    message: str


def step_named(steps: Iterable[StepExecution], name: str, execution_id: str) -> StepExecution:
    """The step of this name, whatever its case. Raises CliError, naming those that have begun."""
    begun = {step.name: step for step in steps}
    for known, step in begun.items():
        if known.lower() == name.lower():
            return step
    raise CliError(
        f"step {name!r} hasn't begun in execution {execution_id}; "
        f"those that have: {', '.join(begun) or 'none'}"
    )


def lines(deployment: Deployment, step: StepExecution, last: int | None) -> list[LogLine]:
    """What all attempts of the step have written, on every host, in time order.

    last: only the newest lines, this many; None for all. Raises CliError if the step starts no job
    or there is no log.
    """
    kind = kind_of(step)
    if kind is None:
        raise CliError(f"step {step.name} has started no job, so there is no log of it")
    logs = deployment.client("logs")
    streams = _streams(logs, kind.log_group, common_name(step))
    if not streams:
        raise CliError(f"step {step.name} has no log in {kind.log_group}, or none yet")
    merged = heapq.merge(
        *(_events(logs, kind.log_group, stream, last) for stream in streams),
        key=lambda line: line.time,
    )
    return list(deque(merged, maxlen=last))


def _streams(logs: Any, group: str, prefix: str) -> list[str]:
    pages = logs.get_paginator("describe_log_streams")
    try:
        return [
            stream["logStreamName"]
            for page in pages.paginate(logGroupName=group, logStreamNamePrefix=prefix)
            for stream in page["logStreams"]
        ]
    except ClientError as error:
        if is_unknown(error):  # the account's first job makes the group
            return []
        raise


def _events(logs: Any, group: str, stream: str, last: int | None) -> Iterator[LogLine]:
    """The stream's events, oldest first; only the newest ``last`` if it isn't None."""
    where = {"logGroupName": group, "logStreamName": stream}
    if last is None:
        for events in _pages(logs, forward=True, **where):
            yield from _read(events, stream)
        return
    newest: list[Any] = []
    for events in _pages(logs, forward=False, limit=min(last, _MOST_EVENTS), **where):
        newest = events + newest
        if len(newest) >= last:
            break
    yield from _read(newest[-last:], stream)


def _pages(logs: Any, *, forward: bool, **where: Any) -> Iterator[list[Any]]:
    """boto3 has no paginator for them: at its end, the stream repeats the token it was given."""
    key = "nextForwardToken" if forward else "nextBackwardToken"
    page, token = logs.get_log_events(**where, startFromHead=forward), None
    while page[key] != token:
        yield page["events"]
        token = page[key]
        page = logs.get_log_events(**where, startFromHead=forward, nextToken=token)


def _read(events: Iterable[Any], stream: str) -> Iterator[LogLine]:
    for event in events:
        time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        yield LogLine(time, stream, event["message"].rstrip("\n"))
