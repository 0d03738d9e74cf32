"""Runs the state machine of the execution trigger in moto's Step Functions interpreter."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends

from tests.support.templates import ACCOUNT, REGION

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


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
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
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
