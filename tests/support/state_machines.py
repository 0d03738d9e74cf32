"""Runs the stack's state machines in moto's Step Functions interpreter."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse
from moto.sns.models import sns_backends

from tests.support.templates import ACCOUNT, REGION

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
_EXECUTE: Any = {"stepfunctions": {"execute_state_machine": True}}


def started_executions(
    definition: str, pipeline: str, given: Mapping[str, Any], statuses: Iterable[str] = ()
) -> list[list[dict[str, str]]]:
    """Return the parameters of each execution of the pipeline that the state machine starts.

    given: the state machine's input. statuses: those of earlier executions, oldest first.
    """
    earlier = [(f"earlier-{number}", status) for number, status in enumerate(statuses)]
    return [made.pipeline_parameters for made in _started(definition, pipeline, given, earlier)]


def started_names(
    definition: str, pipeline: str, given: Mapping[str, Any], earlier: Iterable[str] = ()
) -> list[str]:
    """Return the display names of the executions that the state machine starts.

    earlier: the display names of executions that have ended.
    """
    ended = [(name, "Succeeded") for name in earlier]
    found = _started(definition, pipeline, given, ended)
    return [made.pipeline_execution_display_name for made in found]


def _started(
    definition: str, pipeline: str, given: Mapping[str, Any], ended: Iterable[tuple[str, str]]
) -> list[Any]:
    """Return the started executions. ended: display names and statuses of earlier ones."""
    with mock_aws(config=_EXECUTE):
        sagemaker = boto3.client("sagemaker", region_name=REGION)
        sagemaker.create_pipeline(
            PipelineName=pipeline,
            PipelineDefinition="{}",
            ClientRequestToken="x" * 32,
            RoleArn=_ROLE,
        )
        executions = sagemaker_backends[ACCOUNT][REGION].pipelines[pipeline].pipeline_executions
        for name, status in ended:
            earlier = sagemaker.start_pipeline_execution(
                PipelineName=pipeline, PipelineExecutionDisplayName=name
            )
            executions[earlier["PipelineExecutionArn"]].pipeline_execution_status = status
        before = set(executions)
        _run(definition, given)
        return [made for arn, made in executions.items() if arn not in before]


def published_messages(
    definition: str,
    topics: Iterable[str],
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
    with mock_aws(config=_EXECUTE):
        client = boto3.client("sns", region_name=REGION)
        arns = {name: client.create_topic(Name=name)["TopicArn"] for name in topics}
        _run(definition, given)
        sent = sns_backends[ACCOUNT][REGION].topics
        return {
            name: [notification[1] for notification in sent[arn].sent_notifications]
            for name, arn in arns.items()
        }


def _run(definition: str, given: Mapping[str, Any]) -> None:
    states = boto3.client("stepfunctions", region_name=REGION)
    machine = states.create_state_machine(name="trigger", definition=definition, roleArn=_ROLE)
    execution = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps(given)
    )
    latest = time.monotonic() + 60
    while (found := states.describe_execution(executionArn=execution["executionArn"])) and (
        found["status"] == "RUNNING"
    ):
        assert time.monotonic() < latest, found
        time.sleep(0.01)  # moto runs it in a thread of its own
    assert found["status"] == "SUCCEEDED", found
