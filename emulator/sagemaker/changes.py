"""The events of executions and their steps: (place, detail-type, resources, detail)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.clients import Place, place_in
from emulator.sagemaker import steps
from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    PipelineExecution,
    StepExecution,
)

Change = tuple[Place, str, list[str], Mapping[str, Any]]

_KIND = "SageMaker Model Building Pipeline Execution"


def of_execution(pipeline_arn: str, record: PipelineExecution, before: str | None) -> Change:
    """Return the event of an execution's new status."""
    arn = f"{pipeline_arn}/execution/{record.execution_id}"
    is_over = record.status != EXECUTING
    detail = {
        "currentPipelineExecutionStatus": record.status,
        "executionEndTime": _time(datetime.now(UTC)) if is_over else None,
        "executionStartTime": _time(datetime.fromisoformat(record.started)),
        "pipelineArn": pipeline_arn,
        "pipelineExecutionArn": arn,
        "previousPipelineExecutionStatus": before,
    }
    return place_in(pipeline_arn), f"{_KIND} Status Change", [pipeline_arn, arn], detail


def of_step(pipeline_arn: str, execution_id: str, record: StepExecution) -> Change:
    """Return the event of a step's start or end."""
    arn = f"{pipeline_arn}/execution/{execution_id}"
    is_over = record.status != EXECUTING
    detail = {
        "currentStepStatus": record.status,
        "failureReason": record.failure_reason if record.status == FAILED else None,
        "metadata": _lower_camel_case(steps.metadata(record, steps.job_arn(record))),
        "pipelineArn": pipeline_arn,
        "pipelineExecutionArn": arn,
        "previousStepStatus": EXECUTING if is_over else "Starting",
        "stepEndTime": _time(steps.ended(record)) if is_over else None,
        "stepName": record.name,
        "stepStartTime": _time(steps.started(record)),
        "stepType": record.type,
    }
    return place_in(pipeline_arn), f"{_KIND} Step Status Change", [pipeline_arn, arn], detail


def _lower_camel_case(metadata: Any) -> Any:
    """Write names as events do, with a lower-case first letter."""
    if not isinstance(metadata, Mapping):
        return metadata
    return {
        f"{key[0].lower()}{key[1:]}": _lower_camel_case(value) for key, value in metadata.items()
    }


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
