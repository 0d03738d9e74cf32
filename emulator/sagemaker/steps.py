"""A step of an execution as ListPipelineExecutionSteps tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local_runner.definition.model import CONDITION, FAIL, Step
from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    StepExecution,
)

_JOBS = {"Processing": "ProcessingJob", "Training": "TrainingJob", "Transform": "TransformJob"}
_MODELS = {"Model": ("Model", "ModelArn"), "RegisterModel": ("RegisterModel", "ModelPackageArn")}
_OF_EXECUTION = re.compile(r"/pipelines-([a-z0-9]{12})-")


def described(
    record: StepExecution, step: Step, job: Mapping[str, Any] | None, pipeline_arn: str
) -> dict[str, Any]:
    """The step; ``job`` is the newest job that it started, if it started one."""
    arn = job_arn(record, job)
    return {
        "AttemptCount": record.attempts,
        "CacheHitResult": _source(arn, pipeline_arn) if record.cached else None,
        "EndTime": ended(record) if record.status != EXECUTING else None,
        "FailureReason": record.failure_reason or None if record.status == FAILED else None,
        "Metadata": metadata(record, arn),
        "StartTime": started(record),
        "StepDescription": step.description or None,
        "StepDisplayName": step.display_name,
        "StepName": record.name,
        "StepStatus": record.status,
    }


def started(record: StepExecution) -> datetime:
    """When the step started."""
    return datetime.fromisoformat(record.started)


def ended(record: StepExecution) -> datetime:
    """When the step ended; while it executes, now."""
    if record.status == EXECUTING:
        return datetime.now(UTC)
    return started(record) + timedelta(seconds=record.seconds)


def metadata(record: StepExecution, job_arn: str | None) -> dict[str, Any] | None:
    """What a step leads to: its job, its model, its outcome."""
    if record.type == CONDITION:
        return {"Condition": {"Outcome": str(record.outcome)}} if is_decided(record) else None
    if record.type == FAIL:
        return {"Fail": {"ErrorMessage": record.failure_reason}}
    if record.type in _JOBS:
        return {_JOBS[record.type]: {"Arn": job_arn}} if job_arn else None
    name, key = _MODELS[record.type]
    return {name: {"Arn": record.properties[key]}} if key in record.properties else None


def is_decided(record: StepExecution) -> bool:
    """Whether a condition took one of its branches."""
    return record.status == SUCCEEDED and record.outcome is not None


def job_arn(record: StepExecution, job: Mapping[str, Any] | None = None) -> str | None:
    """The ARN of the job that the step answered with; while it runs, that of ``job``."""
    kind = _JOBS.get(record.type)
    found = record.properties.get(f"{kind}Arn") or (job or {}).get(f"{kind}Arn")
    return str(found) if found else None


def _source(job_arn: str | None, pipeline_arn: str) -> dict[str, str] | None:
    """The execution that a cached answer comes from: its id is in the job's name."""
    found = _OF_EXECUTION.search(job_arn or "")
    if not found:
        return None
    return {"SourcePipelineExecutionArn": f"{pipeline_arn}/execution/{found[1]}"}
