"""Runs the stack's state machines in moto's Step Functions interpreter."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

import boto3
import pytest
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from tests.support.interpreter import interpreting_aws
from tests.support.templates import ACCOUNT, REGION

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
_SECONDS = 60

Passing = Callable[[int, Any], None]
"""Called instead of a wait, with its number from 1 and the pipeline's newest execution, if any."""


@dataclass
class Outcome:
    """What a state machine did with its inputs.

    parameters, names: of each execution of the pipeline that it started. waits: in seconds.
    failures: the causes of its failed runs. messages: by the names of the topics.
    """

    parameters: list[list[dict[str, str]]]
    names: list[str]
    waits: list[int]
    failures: list[str]
    messages: dict[str, list[str]]

    @property
    def datasets(self) -> list[str]:
        """The dataset of each started execution."""
        return [
            parameter["Value"]
            for parameters in self.parameters
            for parameter in parameters
            if parameter["Name"] == "DatasetUri"
        ]


def started_executions(
    definition: str, pipeline: str, given: Mapping[str, Any], statuses: Iterable[str] = ()
) -> list[list[dict[str, str]]]:
    """Return the parameters of each execution of the pipeline that the state machine starts.

    given: the state machine's input. statuses: those of earlier executions, oldest first.
    """
    outcome = run_machine(definition, pipeline, [given], statuses)
    assert outcome.failures == []
    return outcome.parameters


def started_names(
    definition: str, pipeline: str, given: Mapping[str, Any], earlier: Iterable[str] = ()
) -> list[str]:
    """Return the display names of the executions that the state machine starts.

    earlier: the display names of executions that have ended.
    """
    return run_machine(definition, pipeline, [given], names=earlier).names


def run_machine(
    definition: str,
    pipeline: str,
    inputs: Sequence[Mapping[str, Any]],
    statuses: Iterable[str] = (),
    *,
    names: Iterable[str] = (),
    together: int = 1,
    passing: Passing = lambda number, execution: None,
) -> Outcome:
    """Run the state machine with all inputs, without the time of its waits.

    Each run has ended or waited once before the next one starts.
    statuses: of earlier executions, oldest first. names: of earlier executions that have
    succeeded. together: this many runs reach their first wait before any of them continues.
    """
    earlier = [(f"earlier-{number}", status) for number, status in enumerate(statuses)]
    earlier += [(name, "Succeeded") for name in names]
    with interpreting_aws():
        topics = _create_buckets_and_topics(definition)
        executions = _create_pipeline(pipeline, earlier)
        before = set(executions)
        waits: list[int] = []

        all_wait = threading.Barrier(together)

        def take(_: object, env: object, wait_seconds: int) -> None:
            waits.append(wait_seconds)
            number = len(waits)
            if number <= together:
                all_wait.wait(_SECONDS)
            passing(number, next(reversed(executions.values()), None))

        with (
            mock.patch.object(WaitFunction, "_wait_interval", take),
            mock.patch.object(retrier_decl, "time", mock.Mock()),
        ):
            ended = _run(definition, inputs, waits)
        made = [made for arn, made in executions.items() if arn not in before]
        return Outcome(
            [one.pipeline_parameters for one in made],
            [one.pipeline_execution_display_name for one in made],
            waits,
            [one.cause for one in ended if one.status == "FAILED"],
            _sent(topics),
        )


def announce_newest(definition: str) -> None:
    """Write what another run of the state machine would write about a newer dataset."""
    [bucket] = _buckets(definition)
    boto3.client("s3", region_name=REGION).put_object(
        Bucket=bucket,
        Key="triggers/newest",
        Metadata={"arrival": "another", "dataset": "another"},
    )


def published_messages(
    definition: str,
    given: Mapping[str, Any],
    *,
    steps: Iterable[str],
    reason: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, list[str]]:
    """Return the messages that the state machine publishes, by the names of the topics.

    steps, reason: the statuses of the execution's steps and its failure reason, if it has one.
    """
    described = {"PipelineExecutionSteps": [{"StepStatus": status} for status in steps]}
    execution = {"FailureReason": reason} if reason is not None else {}
    for operation, response in (
        ("list_pipeline_execution_steps", described),
        ("describe_pipeline_execution", execution),
    ):
        body = json.dumps(response)
        monkeypatch.setattr(SageMakerResponse, operation, lambda _, body=body: body, raising=False)
    with interpreting_aws():
        topics = _create_buckets_and_topics(definition)
        [ended] = _run(definition, [given], [])
        assert ended.status == "SUCCEEDED", ended.cause
        return _sent(topics)


def _create_pipeline(name: str, earlier: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Create a pipeline with earlier executions; return its executions by ARN."""
    sagemaker = boto3.client("sagemaker", region_name=REGION)
    sagemaker.create_pipeline(
        PipelineName=name, PipelineDefinition="{}", ClientRequestToken="x" * 32, RoleArn=_ROLE
    )
    executions: dict[str, Any]
    executions = sagemaker_backends[ACCOUNT][REGION].pipelines[name].pipeline_executions
    for display_name, status in earlier:
        started = sagemaker.start_pipeline_execution(
            PipelineName=name, PipelineExecutionDisplayName=display_name
        )
        executions[started["PipelineExecutionArn"]].pipeline_execution_status = status
    return executions


def _create_buckets_and_topics(definition: str) -> dict[str, str]:
    """Create what the state machine names; return the ARNs of the topics by their names."""
    for bucket in _buckets(definition):
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=bucket)
    sns = boto3.client("sns", region_name=REGION)
    names = {arn.rpartition(":")[2] for arn in re.findall('"TopicArn": ?"([^"]+)"', definition)}
    return {name: sns.create_topic(Name=name)["TopicArn"] for name in names}


def _buckets(definition: str) -> set[str]:
    return set(re.findall('"Bucket": ?"([^"]+)"', definition))


def _sent(topics: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the messages by the names of the topics."""
    sent = sns_backends[ACCOUNT][REGION].topics
    return {
        name: [notification[1] for notification in sent[arn].sent_notifications]
        for name, arn in topics.items()
    }


def _run(definition: str, inputs: Sequence[Mapping[str, Any]], waits: Sequence[int]) -> list[Any]:
    """Return moto's ended runs. waits: grows during the runs."""
    states = boto3.client("stepfunctions", region_name=REGION)
    machine = states.create_state_machine(name="trigger", definition=definition, roleArn=_ROLE)
    runs = []
    for number, given in enumerate(inputs):
        enough = len(waits) + 1
        started = states.start_execution(
            stateMachineArn=machine["stateMachineArn"],
            input=json.dumps(given),
            name=f"run-{number}",
        )
        backend = stepfunctions_parser_backends[ACCOUNT][REGION]
        runs.append(backend.describe_execution(started["executionArn"]))
        _when_ended(runs[-1], waits, enough)
    return [_when_ended(run) for run in runs]


def _when_ended(run: Any, waits: Sequence[int] = (), enough: int = 1) -> Any:
    """Return the run when it has ended, or when there are enough waits."""
    latest = time.monotonic() + _SECONDS
    # moto sets the cause of a failure after the status.
    while run.status != "SUCCEEDED" and run.cause is None and len(waits) < enough:
        assert time.monotonic() < latest, run.status
        time.sleep(0.01)  # moto runs it in a thread of its own
    return run
