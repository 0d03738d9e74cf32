"""`sentiment logs --follow` and `--timestamps`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from operations.aws import executions, pipelines
from operations.aws.client import Deployment
from operations.aws.watching.follow_log import FollowRequest, follow
from operations.aws.watching.polling import Polling
from operations.errors import CliError, Interrupted, UsageError
from tests.support.aws_samples import HERE, ID, START, deploy, execution, job_name, step
from tests.support.clock import Clock
from tests.support.command_line import invoke
from tests.support.scripted_aws import ScriptedAws, error

START_MS = int(START.timestamp() * 1000)
THROTTLED = error("ThrottlingException", "Rate exceeded", "GetLogEvents")


class Streams:
    """Log streams that grow: ``rounds`` has the new events of each stream in each round.

    A round ends when the sleep of the polling ends.
    """

    def __init__(self, aws: ScriptedAws, *rounds: dict[str, list[tuple[int, str]]]) -> None:
        self.clock = Clock()
        self._rounds = rounds
        aws.on("DescribeLogStreams", self._describe)
        aws.on("GetLogEvents", self._read)

    @property
    def _now(self) -> list[dict[str, list[tuple[int, str]]]]:
        return list(self._rounds[: len(self.clock.pauses) + 1])

    def _describe(self, _: dict[str, Any]) -> dict[str, Any]:
        names = sorted({name for events in self._now for name in events})
        return {"logStreams": [{"logStreamName": _stream(name)} for name in names]}

    def _read(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["logStreamName"].rpartition("/")[2]
        known = [event for events in self._now for event in events.get(name, ())]
        start = int(asked.get("nextToken", 0))
        events = known[start : start + 2]
        return {
            "events": [
                {"timestamp": START_MS + seconds * 1000, "message": message}
                for seconds, message in events
            ],
            "nextForwardToken": str(start + len(events)),
            "nextBackwardToken": "unused",
        }


def _stream(name: str) -> str:
    return f"{job_name('Train')}/{name}"


def script(aws: ScriptedAws, *steps: dict[str, Any] | None, status: str = "Executing") -> None:
    """An execution in which Train looks like this at each poll; the last is repeated."""
    deploy(aws, status)
    answers = [{"PipelineExecutionSteps": [found] if found else []} for found in steps]
    aws.on("ListPipelineExecutionSteps", *answers)


def train(status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    return step("Train", "TrainingJob", status, **more)


def followed(
    clock: Clock, last: int | None = None, name: str = "Train", **polling: Any
) -> list[str]:
    deployment = Deployment.of("dev", None)
    pipeline = pipelines.find_pipeline(deployment)
    request = FollowRequest(executions.find_execution(deployment, pipeline, ID), name, last)
    shown: list[str] = []

    def show(line: Any) -> None:
        shown.append(f"{line.message}@{len(clock.pauses)}")

    follow(deployment, pipeline, request, clock.polling(**polling), show, quiet=False)
    return shown


def test_new_lines_of_all_hosts_are_shown_once_in_time_order(aws: ScriptedAws) -> None:
    script(aws, train("Executing"), train("Executing"), train())
    streams = Streams(
        aws,
        {"algo-1": [(0, "a"), (2, "c"), (4, "e")], "algo-2": [(1, "b"), (3, "d")]},
        {"algo-2": [(5, "f")]},
        {"algo-1": [(6, "g")]},
    )
    shown = followed(streams.clock)
    assert shown == ["a@0", "b@0", "c@0", "d@0", "e@0", "f@1", "g@2"]


def test_lines_that_arrive_after_the_end_of_the_step_are_shown(aws: ScriptedAws) -> None:
    script(aws, train("Executing"), train())
    streams = Streams(
        aws, {"algo-1": [(0, "a")]}, {}, {"algo-1": [(1, "late")]}, {"algo-1": [(2, "no")]}
    )
    assert followed(streams.clock) == ["a@0", "late@2"]


def test_log_of_an_ended_step_is_shown_without_a_pause(aws: ScriptedAws) -> None:
    script(aws, train(), status="Succeeded")
    streams = Streams(aws, {"algo-1": [(0, "a")]})
    assert followed(streams.clock) == ["a@0"]
    assert streams.clock.pauses == []


def test_next_attempt_is_shown(aws: ScriptedAws) -> None:
    again: dict[str, Any] = {"job": job_name("Train", "Sec0ndSec0"), "AttemptCount": 2}
    script(aws, train("Executing"), train("Executing", **again), train(**again))
    streams = Streams(aws, {"first": [(0, "a")]}, {"second": [(1, "b")]})
    assert followed(streams.clock) == ["a@0", "b@1"]
    prefixes = {asked["logStreamNamePrefix"] for asked in aws.requests("DescribeLogStreams")}
    assert prefixes == {f"pipelines-{ID}-Train-"}


def test_only_the_newest_older_lines_are_shown(aws: ScriptedAws) -> None:
    script(aws, train("Executing"), train())
    streams = Streams(
        aws, {"algo-1": [(0, "a"), (1, "b"), (2, "c")]}, {"algo-1": [(3, "d"), (4, "e")]}
    )
    assert followed(streams.clock, last=1) == ["c@0", "d@1", "e@1"]


def test_start_of_the_step_and_of_its_job_is_awaited(aws: ScriptedAws) -> None:
    starting = {key: value for key, value in train("Starting").items() if key != "Metadata"}
    script(aws, None, starting, train("Executing"), train())
    streams = Streams(aws, {}, {}, {"algo-1": [(0, "a")]})
    assert followed(streams.clock, name="train", interval=7.0) == ["a@2"]
    assert set(streams.clock.pauses) == {7.0}


@pytest.mark.parametrize("name", ["Trian", "QualityGate"])
def test_step_that_never_starts_a_job_is_refused(aws: ScriptedAws, name: str) -> None:
    script(aws, None)
    with pytest.raises(UsageError) as refusal:
        followed(Clock(), name=name)
    assert all(word in str(refusal.value) for word in (name, "Train", "Evaluate"))


def test_step_that_the_execution_never_started_is_refused(aws: ScriptedAws) -> None:
    script(aws, None, status="Failed")
    aws.on(
        "DescribePipelineExecution",
        execution("Executing"),
        execution("Executing"),
        execution("Failed"),
    )
    clock = Clock()
    with pytest.raises(CliError, match="has not started a step 'Train'"):
        followed(clock)
    assert len(clock.pauses) == 1


def test_step_without_a_log_is_refused_at_its_end(aws: ScriptedAws) -> None:
    script(aws, train("Executing"), train("Failed"))
    with pytest.raises(CliError, match="Train has no log"):
        followed(Streams(aws, {}).clock)


def test_throttled_requests_are_retried_without_losing_lines(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    script(aws, train(), status="Succeeded")
    streams = Streams(aws, {"algo-1": [(0, "a"), (1, "b"), (2, "c")]})
    read = streams._read
    faults: Iterator[Exception | None] = iter([None, THROTTLED, None, THROTTLED])
    aws.on("GetLogEvents", lambda asked: next(faults, None) or read(asked))
    shown = followed(streams.clock)
    assert [line[0] for line in shown] == ["a", "b", "c"]
    assert capsys.readouterr().err.count("no response (ThrottlingException)") == 2


def test_ctrl_c_leaves_the_job_running_and_names_the_command(aws: ScriptedAws) -> None:
    script(aws, train("Executing"))
    Streams(aws, {"algo-1": [(0, "a")]})

    def press(_: float) -> None:
        raise KeyboardInterrupt

    deployment = Deployment.of("dev", None)
    pipeline = pipelines.find_pipeline(deployment)
    request = FollowRequest(executions.find_execution(deployment, pipeline, ID), "Train", None)
    with pytest.raises(Interrupted) as end:
        follow(deployment, pipeline, request, Polling(sleep=press), lambda _: None, quiet=True)
    assert f"logs Train --execution {ID} --follow {HERE}" in str(end.value)
    assert "StopPipelineExecution" not in aws.names()


@pytest.mark.parametrize("options", [(), ("--follow",)])
def test_lines_begin_with_their_time_if_asked(aws: ScriptedAws, options: tuple[str, ...]) -> None:
    script(aws, train(), status="Succeeded")
    Streams(aws, {"algo-1": [(0, "a"), (1, "b")]})
    assert invoke("logs", "Train", *options).stdout == "a\nb\n"
    assert invoke("logs", "Train", "--timestamps", *options).stdout.splitlines() == [
        "2026-11-22T20:00:00.000Z a",
        "2026-11-22T20:00:01.000Z b",
    ]


def test_followed_log_as_json_is_one_object_on_each_line(aws: ScriptedAws) -> None:
    script(aws, train(), status="Succeeded")
    Streams(aws, {"algo-1": [(0, "a"), (1, "b")]})
    result = invoke("logs", "Train", "--follow", "--json")
    assert result.stderr == ""
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"message": "a", "stream": _stream("algo-1"), "time": "2026-11-22T20:00:00+00:00"},
        {"message": "b", "stream": _stream("algo-1"), "time": "2026-11-22T20:00:01+00:00"},
    ]
