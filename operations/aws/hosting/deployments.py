"""Deployments of model versions to the endpoint: executions of the stack's state machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import is_not_found
from operations.aws.watching.polling import Polling
from operations.errors import CliError, Interrupted
from operations.models.version import ModelVersion
from operations.progress import Progress

RUNNING, SUCCEEDED = "RUNNING", "SUCCEEDED"

_LAST_EVENTS = 20
"""More than one attempt of a call has."""


@dataclass(frozen=True)
class ModelDeployment:
    """An execution of the state machine.

    version: the ARN of the version that it was started for, or that it chose; None if it chose
    none. outcome: the name of its end, of a successful one. reason: of a failure.
    """

    arn: str
    status: str
    started: datetime
    ended: datetime | None
    version: str | None
    outcome: str | None
    reason: str | None

    @property
    def is_running(self) -> bool:
        """Whether it hasn't ended."""
        return self.status == RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether it has ended without a failure."""
        return self.status == SUCCEEDED


def state_machine_or_none(deployment: Deployment) -> str | None:
    """Return the ARN of the state machine; None if the stack has no endpoint."""
    name = f"/{deployment.name}/EndpointStateMachineArn"
    try:
        found = deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if not is_not_found(error):
            raise
        return None
    return str(found)


def state_machine(deployment: Deployment) -> str:
    """Return the ARN of the state machine. Raise CliError if the stack has no endpoint."""
    found = state_machine_or_none(deployment)
    if found is None:
        raise CliError(
            f"{deployment.name} has no endpoint; set `endpoint` of {deployment.environment} in "
            f'cdk.json, such as {{"serverless": {{}}}}, and run `make deploy '
            f"ENVIRONMENT={deployment.environment}` (see docs/endpoint.md)"
        )
    return found


def start(deployment: Deployment, machine: str, version: ModelVersion) -> ModelDeployment:
    """Start the deployment of a version. Raise CliError if it isn't approved."""
    if not version.is_approved:
        raise CliError(
            f"{version} isn't approved; approve it with "
            f"{deployment.command('approve', str(version.number))}, which deploys it, too"
        )
    started = deployment.client("stepfunctions").start_execution(
        stateMachineArn=machine, input=json.dumps({"version": version.arn})
    )
    begun = started["startDate"].astimezone(UTC)
    return ModelDeployment(started["executionArn"], RUNNING, begun, None, version.arn, None, None)


def newest(deployment: Deployment, machine: str, limit: int) -> list[ModelDeployment]:
    """Return the newest deployments, newest first."""
    client = deployment.client("stepfunctions")
    return [_described(client, arn) for arn in islice(_listed(client, machine), limit)]


def running(deployment: Deployment, machine: str) -> list[str]:
    """Return the ARNs of the deployments that are running."""
    return list(_listed(deployment.client("stepfunctions"), machine, statusFilter=RUNNING))


def wait(
    deployment: Deployment, found: ModelDeployment, polling: Polling, *, quiet: bool
) -> ModelDeployment:
    """Return the deployment when it has ended. Raise Interrupted for Ctrl-C."""
    client = deployment.client("stepfunctions", attempts=1)
    try:
        with deployment.translated_errors(), Progress(quiet=quiet) as progress:
            while True:
                found = polling.with_retries(partial(_described, client, found.arn), progress)
                if not found.is_running:
                    return found
                state = polling.with_retries(partial(_state, client, found.arn), progress)
                progress.set_status(f"deploying: {state}" if state else "deploying")
                polling.sleep(polling.interval)
    except KeyboardInterrupt:
        raise Interrupted(
            f"the deployment continues; {deployment.command('endpoint')} shows it"
        ) from None


def _listed(client: Any, machine: str, **options: str) -> Iterator[str]:
    pages = client.get_paginator("list_executions")
    for page in pages.paginate(stateMachineArn=machine, **options):
        for execution in page["executions"]:
            yield execution["executionArn"]


def _described(client: Any, arn: str) -> ModelDeployment:
    found = client.describe_execution(executionArn=arn)
    given, output = _object(found.get("input")), _object(found.get("output"))
    ended = found.get("stopDate")
    return ModelDeployment(
        arn=arn,
        status=found["status"],
        started=found["startDate"].astimezone(UTC),
        ended=ended.astimezone(UTC) if ended else None,
        version=output.get("version") or given.get("version") or given.get("approvedVersion"),
        outcome=output.get("outcome"),
        reason=found.get("cause") or found.get("error"),
    )


def _state(client: Any, arn: str) -> str | None:
    """Return the name of the state in which an execution is; None if its last events have none."""
    found = client.get_execution_history(
        executionArn=arn, reverseOrder=True, maxResults=_LAST_EVENTS, includeExecutionData=False
    )
    entered = [event for event in found["events"] if "stateEnteredEventDetails" in event]
    last = max(entered, key=lambda event: event["id"], default=None)
    return last["stateEnteredEventDetails"]["name"] if last else None


def _object(text: str | None) -> Mapping[str, Any]:
    """Return the JSON object in a text; empty if it is something else."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
