"""Steps of an execution as in ListPipelineExecutionSteps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local_runner.definition.model import CLEANUP, CONDITION, FAIL, Step
from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    StepExecution,
)

_JOBS = {
    "Processing": "ProcessingJob",
    "Training": "TrainingJob",
    "Transform": "TransformJob",
    "Tuning": "TuningJob",
}
_ARNS = {
    **{step_type: f"{job}Arn" for step_type, job in _JOBS.items()},
    "Tuning": "HyperParameterTuningJobArn",
}
_MODELS = {
    "Model": ("Model", "ModelArn"),
    "RegisterModel": ("RegisterModel", "ModelPackageArn"),
}
_OF_EXECUTION = re.compile(r"/pipelines-([a-z0-9]{12})-")


def described(
    record: StepExecution, step: Step, job: Mapping[str, Any] | None, pipeline_arn: str
) -> dict[str, Any]:
    """Return the step's description. job: the newest job that it started, if any."""
    arn = job_arn(record, job)
    return {
        "AttemptCount": record.attempts,
        "CacheHitResult": _source(arn, pipeline_arn) if record.cached else None,
        "EndTime": ended(record) if record.status != EXECUTING else None,
        "FailureReason": record.failure_reason or None if record.status == FAILED else None,
        "Metadata": metadata(record, arn),
        "SelectiveExecutionResult": _reused(record, pipeline_arn),
        "StartTime": started(record),
        "StepDescription": step.description or None,
        "StepDisplayName": step.display_name,
        "StepName": record.name,
        "StepStatus": record.status,
    }


def started(record: StepExecution) -> datetime:
    """Return the step's start."""
    return datetime.fromisoformat(record.started)


def ended(record: StepExecution) -> datetime:
    """Return the step's end, or the current time while it is executing."""
    if record.status == EXECUTING:
        return datetime.now(UTC)
    return started(record) + timedelta(seconds=record.seconds)


def metadata(record: StepExecution, job_arn: str | None) -> dict[str, Any] | None:
    """Return the step's metadata: its job, its model or its outcome."""
    if record.type == CONDITION:
        return {"Condition": {"Outcome": str(record.outcome)}} if is_decided(record) else None
    if record.type == FAIL:
        return {"Fail": {"ErrorMessage": record.failure_reason}}
    if record.type in _JOBS:
        return {_JOBS[record.type]: {"Arn": job_arn}} if job_arn else None
    if record.type == CLEANUP:
        return {"Cleanup": record.properties} if record.properties else None
    if record.type not in _MODELS:  # ForEach
        return None
    name, key = _MODELS[record.type]
    return {name: {"Arn": record.properties[key]}} if key in record.properties else None


def is_decided(record: StepExecution) -> bool:
    """Whether a condition step has chosen a branch."""
    return record.status == SUCCEEDED and record.outcome is not None


def job_arn(record: StepExecution, job: Mapping[str, Any] | None = None) -> str | None:
    """Return the ARN of the step's job; while the step is executing, of ``job``."""
    key = _ARNS.get(record.type, "")
    found = record.properties.get(key) or (job or {}).get(key)
    return str(found) if found else None


def _reused(record: StepExecution, pipeline_arn: str) -> dict[str, str] | None:
    """Return the execution whose result a step has that wasn't selected."""
    if not record.reused_from:
        return None
    return {"SourcePipelineExecutionArn": f"{pipeline_arn}/execution/{record.reused_from}"}


def _source(job_arn: str | None, pipeline_arn: str) -> dict[str, str] | None:
    """Return the execution of a cached result, whose id is in the job's name."""
    found = _OF_EXECUTION.search(job_arn or "")
    if not found:
        return None
    return {"SourcePipelineExecutionArn": f"{pipeline_arn}/execution/{found[1]}"}
