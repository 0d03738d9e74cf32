"""Executions of a pipeline and their steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import is_not_found
from operations.aws.pipelines import Pipeline
from operations.errors import CliError, UsageError
from operations.execution_summary import (
    FAILED,
    STOPPED,
    STOPPING,
    SUCCEEDED,
    ExecutionSummary,
    StepSummary,
    readable,
)

_REGISTERED = "RegisterModel"
"""The kind of a step that registered a model version; other steps have no such metadata."""

_PAGE_SIZE = 100
"""Executions in a page; the service's default is 10."""

_STEP_RUNNING = ("Starting", "Executing", "Stopping")


@dataclass(frozen=True)
class StepExecution:
    """A step of an execution, as AWS describes it.

    ended: None while it runs. kind: the key of its metadata, such as ProcessingJob or Condition;
    empty before there is any. resource: the ARN of what the step created, such as its job; for a
    cached or reused step, what the earlier execution created. outcome: of a Condition step, its
    result. cached_from: of a cached step, the ID of the execution whose result it has; reused_from:
    of a step that wasn't selected.
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
    cached_from: str = ""
    reused_from: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it hasn't ended."""
        return self.status in _STEP_RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether it has ended successfully."""
        return self.status == SUCCEEDED

    @property
    def was_performed(self) -> bool:
        """Whether this execution performed it, and doesn't use the result of another one."""
        return not (self.cached or self.reused_from)

    @property
    def resource_name(self) -> str:
        """The last part of its ARN: a job's name, a model's, a version's number."""
        return self.resource.rpartition("/")[2]

    def seconds(self, now: datetime) -> float:
        """Return its duration until it ended or, if it is running, until ``now``."""
        if self.reused_from:
            return 0.0
        return ((self.ended or now) - self.started).total_seconds() if self.started else 0.0

    def summary(self, now: datetime) -> StepSummary:
        """Summarize the step."""
        return StepSummary(
            name=self.name,
            status=self.status,
            started=self.started,
            seconds=round(self.seconds(now), 3),
            attempts=max(self.attempts, 1),
            cached=self.cached,
            failure_reason=readable(self.failure_reason),
            outcome=self.outcome,
            reused_from=self.reused_from or None,
            cached_from=self.cached_from or None,
        )


def newest_first(deployment: Deployment, pipeline: Pipeline) -> Iterator[ExecutionSummary]:
    """Yield all executions, newest first."""
    pages = deployment.client("sagemaker").get_paginator("list_pipeline_executions")
    for page in pages.paginate(
        PipelineName=pipeline.name,
        SortBy="CreationTime",
        SortOrder="Descending",
        PaginationConfig={"PageSize": _PAGE_SIZE},
    ):
        for summary in page["PipelineExecutionSummaries"]:
            yield _execution(summary, summary["StartTime"], "PipelineExecutionFailureReason")


def find_execution(
    deployment: Deployment, pipeline: Pipeline, wanted: str | None
) -> ExecutionSummary:
    """Return the execution with this ID or ARN, None for the newest.

    Raise UsageError if there is no such execution, CliError if there is none at all.
    """
    if wanted is None:
        return _newest(deployment, pipeline)
    try:
        return describe(deployment.client("sagemaker"), _arn(pipeline, wanted))
    except ClientError as error:
        if not is_not_found(error):
            raise
        raise UsageError(
            f"{pipeline.name} has no execution {wanted} in {deployment.place}; "
            f"{deployment.command('list')} lists executions"
        ) from None


def find_running(
    deployment: Deployment, pipeline: Pipeline, wanted: str | None
) -> ExecutionSummary:
    """Return the running execution with this ID or ARN, None for the only one that is running.

    Raise CliError if it isn't running, UsageError if several are.
    """
    if wanted is not None:
        found = find_execution(deployment, pipeline, wanted)
        if not found.is_running:
            raise _not_running(found)
        return found
    running = [one for one in newest_first(deployment, pipeline) if one.is_running]
    if not running:
        raise CliError(
            f"no execution of {pipeline.name} is running; {deployment.command('list')} lists "
            "executions"
        )
    if len(running) > 1:
        commands = (deployment.command("stop", execution.execution_id) for execution in running)
        raise UsageError(
            f"{len(running)} executions of {pipeline.name} are running; choose one: "
            f"{', '.join(commands)}"
        )
    return running[0]


def describe(sagemaker: Any, arn: str) -> ExecutionSummary:
    """Describe the execution with the caller's client."""
    answer = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    return _execution(answer, answer["CreationTime"], "FailureReason")


def steps(sagemaker: Any, arn: str) -> list[StepExecution]:
    """Return the steps that have started, in that order."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps")
    return [
        _step(step)
        for page in pages.paginate(PipelineExecutionArn=arn, SortOrder="Ascending")
        for step in page["PipelineExecutionSteps"]
    ]


def parameters(sagemaker: Any, arn: str) -> dict[str, str]:
    """Return the parameter values that the execution was started with."""
    pages = sagemaker.get_paginator("list_pipeline_parameters_for_execution")
    return {
        parameter["Name"]: parameter["Value"]
        for page in pages.paginate(PipelineExecutionArn=arn)
        for parameter in page["PipelineParameters"]
    }


def definition(sagemaker: Any, arn: str) -> str:
    """Return the definition that the execution was started with."""
    answer = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    return str(answer["PipelineDefinition"])


def describe_with_steps(sagemaker: Any, arn: str) -> tuple[ExecutionSummary, list[StepExecution]]:
    """Describe the execution, then its steps, so that the steps of an ended one are final."""
    return describe(sagemaker, arn), steps(sagemaker, arn)


def selected_steps(sagemaker: Any, arn: str) -> list[str]:
    """Return the names of the steps that the execution was limited to; empty without a limit."""
    answer = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    selected = answer.get("SelectiveExecutionConfig", {}).get("SelectedSteps", [])
    return [step["StepName"] for step in selected]


def registered_version(steps: Iterable[StepExecution]) -> str | None:
    """Return the ARN of the model version that the steps registered; None if they didn't."""
    return next((step.resource for step in steps if step.kind == _REGISTERED), None)


def stop_execution(deployment: Deployment, execution: ExecutionSummary) -> ExecutionSummary:
    """Stop a running execution and describe it. Raise CliError if it ended otherwise."""
    sagemaker = deployment.client("sagemaker")
    if execution.status != STOPPING:
        sagemaker.stop_pipeline_execution(
            PipelineExecutionArn=execution.arn, ClientRequestToken=uuid4().hex
        )
        execution = describe(sagemaker, execution.arn)
    if not execution.is_running and execution.status != STOPPED:
        raise _not_running(execution)
    return execution


def require_retryable(execution: ExecutionSummary) -> None:
    """Raise CliError unless the execution has failed or was stopped."""
    if execution.status not in (FAILED, STOPPED):
        raise CliError(
            f"execution {execution.execution_id} can't be retried: its status is {execution.status}"
        )


def retry_execution(deployment: Deployment, execution: ExecutionSummary) -> ExecutionSummary:
    """Retry a failed or stopped execution and describe it."""
    sagemaker = deployment.client("sagemaker")
    sagemaker.retry_pipeline_execution(
        PipelineExecutionArn=execution.arn, ClientRequestToken=uuid4().hex
    )
    return describe(sagemaker, execution.arn)


def _not_running(execution: ExecutionSummary) -> CliError:
    return CliError(
        f"execution {execution.execution_id} isn't running: its status is {execution.status}"
    )


def _newest(deployment: Deployment, pipeline: Pipeline) -> ExecutionSummary:
    newest = next(newest_first(deployment, pipeline), None)
    if newest is None:
        raise CliError(
            f"{pipeline.name} has no executions; {deployment.command('start')} starts one"
        )
    return newest


def _arn(pipeline: Pipeline, wanted: str) -> str:
    of_pipeline = f"{pipeline.arn}/execution/"
    if not wanted.startswith("arn:"):
        return of_pipeline + wanted
    if not wanted.startswith(of_pipeline):
        raise UsageError(
            f"{wanted} isn't an execution of {pipeline.arn}; use another --environment"
        )
    return wanted


def _execution(answer: Mapping[str, Any], started: datetime, reason: str) -> ExecutionSummary:
    arn = answer["PipelineExecutionArn"]
    return ExecutionSummary(
        execution_id=arn.rpartition("/")[2],
        arn=arn,
        display_name=answer.get("PipelineExecutionDisplayName"),
        status=answer["PipelineExecutionStatus"],
        started=started.astimezone(UTC),
        failure_reason=answer.get(reason),
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
        cached_from=_source(answer, "CacheHitResult"),
        reused_from=_source(answer, "SelectiveExecutionResult"),
    )


def _source(answer: Mapping[str, Any], key: str) -> str:
    """Return the ID of the execution whose result a step has; empty if there is none."""
    arn: str = answer.get(key, {}).get("SourcePipelineExecutionArn", "")
    return arn.rpartition("/")[2]


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None
