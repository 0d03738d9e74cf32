"""Executions of the pipeline, and their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from operations.aws.client import Deployment, is_unknown
from operations.aws.pipelines import Pipeline
from operations.errors import CliError, UsageError

_RUNNING = ("Executing", "Stopping")
_STEP_RUNNING = ("Starting", "Executing", "Stopping")
_SUCCEEDED = "Succeeded"


@dataclass(frozen=True)
class Execution:
    """An execution, as AWS describes it; ``failure_reason`` is empty if there's none."""

    execution_id: str
    arn: str
    display_name: str
    status: str
    started: datetime
    failure_reason: str

    @property
    def is_running(self) -> bool:
        """Whether it has still to end."""
        return self.status in _RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return self.status == _SUCCEEDED


@dataclass(frozen=True)
class StepExecution:
    """One step's run.

    ended: None while it runs. kind: the key of AWS's metadata, such as ProcessingJob or Condition;
    empty before there is any. resource: the ARN of what the step has made, such as its job; of a
    cached step, what the earlier execution has made. outcome: of a Condition, which branch.
    """

    name: str
    status: str
    started: datetime | None
    ended: datetime | None
    attempts: int
    cached: bool
    failure_reason: str
    kind: str
    resource: str
    outcome: bool | None

    @property
    def is_running(self) -> bool:
        """Whether it has still to end."""
        return self.status in _STEP_RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return self.status == _SUCCEEDED

    @property
    def resource_name(self) -> str:
        """The last part of its ARN: a job's name, a model's, a version's number."""
        return self.resource.rpartition("/")[2]

    def seconds(self, now: datetime) -> float:
        """How long it has taken until it ended or, if it runs, until ``now``."""
        return ((self.ended or now) - self.started).total_seconds() if self.started else 0.0


def newest_first(deployment: Deployment, pipeline: Pipeline) -> Iterator[Execution]:
    """All executions."""
    pages = deployment.client("sagemaker").get_paginator("list_pipeline_executions")
    for page in pages.paginate(
        PipelineName=pipeline.name, SortBy="CreationTime", SortOrder="Descending"
    ):
        for summary in page["PipelineExecutionSummaries"]:
            yield _execution(summary, summary["StartTime"], "PipelineExecutionFailureReason")


def find(deployment: Deployment, pipeline: Pipeline, wanted: str | None) -> Execution:
    """The execution of this id or ARN; the newest for None. Raises CliError if there is none."""
    if wanted is None:
        return _newest(deployment, pipeline)
    try:
        return describe(deployment.client("sagemaker"), _arn(pipeline, wanted))
    except ClientError as error:
        if not is_unknown(error):
            raise
        raise CliError(
            f"there is no execution {wanted} of {pipeline.name} in {deployment.region}; "
            f"{deployment.hint('list')} shows those that exist"
        ) from None


def describe(sagemaker: Any, arn: str) -> Execution:
    """The execution as it is now, by a client that the caller has."""
    answer = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    return _execution(answer, answer["CreationTime"], "FailureReason")


def steps(sagemaker: Any, arn: str) -> list[StepExecution]:
    """The steps that have begun, in the order in which they did."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps")
    return [
        _step(step)
        for page in pages.paginate(PipelineExecutionArn=arn, SortOrder="Ascending")
        for step in page["PipelineExecutionSteps"]
    ]


def start(
    deployment: Deployment, pipeline: Pipeline, parameters: Mapping[str, str], display_name: str
) -> Execution:
    """Starts an execution and describes it.

    However often the call has to be sent, one execution comes of it.
    """
    sagemaker = deployment.client("sagemaker")
    name = {"PipelineExecutionDisplayName": display_name} if display_name else {}
    answer = sagemaker.start_pipeline_execution(
        PipelineName=pipeline.name,
        PipelineParameters=[
            {"Name": key, "Value": value} for key, value in sorted(parameters.items())
        ],
        ClientRequestToken=uuid4().hex,
        **name,
    )
    return describe(sagemaker, answer["PipelineExecutionArn"])


def stop(deployment: Deployment, execution: Execution) -> Execution:
    """Asks a running execution to end, and describes it."""
    sagemaker = deployment.client("sagemaker")
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=execution.arn, ClientRequestToken=uuid4().hex
    )
    return describe(sagemaker, execution.arn)


def _newest(deployment: Deployment, pipeline: Pipeline) -> Execution:
    newest = next(newest_first(deployment, pipeline), None)
    if newest is None:
        raise CliError(f"{pipeline.name} has no executions yet; {deployment.hint('start')}")
    return newest


def _arn(pipeline: Pipeline, wanted: str) -> str:
    of_pipeline = f"{pipeline.arn}/execution/"
    if not wanted.startswith("arn:"):
        return of_pipeline + wanted
    if not wanted.startswith(of_pipeline):
        raise UsageError(f"{wanted} is no execution of {pipeline.arn}; choose --environment")
    return wanted


def _execution(answer: Mapping[str, Any], started: datetime, reason: str) -> Execution:
    arn = answer["PipelineExecutionArn"]
    return Execution(
        execution_id=arn.rpartition("/")[2],
        arn=arn,
        display_name=answer.get("PipelineExecutionDisplayName", ""),
        status=answer["PipelineExecutionStatus"],
        started=started.astimezone(UTC),
        failure_reason=answer.get(reason, ""),
    )


def _step(answer: Mapping[str, Any]) -> StepExecution:
    metadata: Mapping[str, Mapping[str, str]] = answer.get("Metadata", {})
    kind = next(iter(metadata), "")
    made = metadata.get(kind, {})
    outcome = made.get("Outcome")
    return StepExecution(
        name=answer["StepName"],
        status=answer["StepStatus"],
        started=_utc(answer.get("StartTime")),
        ended=_utc(answer.get("EndTime")),
        attempts=answer.get("AttemptCount", 0),
        cached=bool(answer.get("CacheHitResult")),
        failure_reason=answer.get("FailureReason", ""),
        kind=kind,
        resource=made.get("Arn", ""),
        outcome=None if outcome is None else outcome == "True",
    )


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None
