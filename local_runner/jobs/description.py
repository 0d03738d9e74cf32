"""Descriptions of finished jobs, as the service's Describe calls return them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_BUILT_IN = re.compile(r"\[(\d+)\].*?\t")
_BUILT_IN_METRIC = re.compile(rf"\t(train|validation)-([^\s:]+):{_NUMBER}")
_MESSAGE_BYTES = 1024


def now() -> str:
    """Return the time, as it is in descriptions."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def describe(
    kind: str, arguments: Arguments, context: JobContext, started: str, **fields: Json
) -> Properties:
    """Describe a job that has completed. kind: Processing, Training or Transform."""
    ended = now()
    return {
        **arguments,
        f"{kind}JobArn": context.arn(f"{kind.lower()}-job"),
        f"{kind}JobName": context.name,
        f"{kind}JobStatus": "Completed",
        "CreationTime": started,
        f"{kind}StartTime": started,
        f"{kind}EndTime": ended,
        "LastModifiedTime": ended,
        **(_seconds(started, ended) if kind == "Training" else {}),
        **fields,
    }


def _seconds(started: str, ended: str) -> dict[str, int]:
    elapsed = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
    seconds = math.ceil(elapsed.total_seconds())
    return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}


def exit_message(file: Path) -> str:
    """Return the message that a processing job wrote, at most 1 KB of it; "" without one."""
    try:
        with file.open("rb") as content:
            return content.read(_MESSAGE_BYTES).decode("utf-8", "ignore")
    except FileNotFoundError:
        return ""


def final_metrics(
    definitions: Sequence[Mapping[str, str]] | None, output: Iterable[str], time: str
) -> list[dict[str, Json]]:
    """Return the last value of each metric in the output of a training job's hosts.

    definitions: the request's MetricDefinitions; None for those of the built-in algorithm.
    Raise JobFailed for an invalid regular expression.
    """
    values: dict[str, float] = {}
    patterns = None if definitions is None else _patterns(definitions)
    for text in output:
        for line in text.splitlines():
            values |= round_metrics(line)[1] if patterns is None else _matches(line, patterns)
    return [
        {"MetricName": name, "Value": value, "Timestamp": time} for name, value in values.items()
    ]


def round_metrics(line: str) -> tuple[int, dict[str, float]]:
    r"""Return the round and its metrics in a line of the built-in algorithm; none in other lines.

    >>> round_metrics("[7]\ttrain-error:0.25\tvalidation-error:0.5")
    (7, {'train:error': 0.25, 'validation:error': 0.5})
    >>> round_metrics("Training starts")
    (0, {})
    """
    start = _BUILT_IN.match(line)
    if not start:
        return 0, {}
    found = _BUILT_IN_METRIC.findall(line)
    return int(start[1]), {f"{channel}:{metric}": float(value) for channel, metric, value in found}


def _patterns(definitions: Sequence[Mapping[str, str]]) -> dict[str, re.Pattern[str]]:
    patterns = {}
    for definition in definitions:
        name = definition["Name"]
        try:
            patterns[name] = re.compile(definition["Regex"])
        except re.error as error:
            raise JobFailed(
                f"ClientError: MetricDefinitions: invalid Regex of {name}: {error}"
            ) from None
    return patterns


def _matches(line: str, patterns: Mapping[str, re.Pattern[str]]) -> dict[str, float]:
    """Return the values in a line, in which CloudWatch writes tabs as #011."""
    values: dict[str, float] = {}
    for name, pattern in patterns.items():
        found = pattern.search(line) or pattern.search(line.replace("\t", "#011"))
        if found and pattern.groups:
            try:
                values[name] = float(found[1])
            except (TypeError, ValueError):
                continue
    return values
