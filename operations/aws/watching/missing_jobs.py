"""Running steps for which SageMaker can't create a job, usually because of a quota."""

from __future__ import annotations

from datetime import datetime

from local_runner.errors import DefinitionError
from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.maintenance import resource_requirements

_PATIENCE = 90.0
"""Seconds in which a step has created its job; usually it takes a few."""


def is_missing(step: StepExecution, now: datetime) -> bool:
    """Whether a running step has no job although it should have one, if it is one that needs it.

    While SageMaker retries to create the job, the API has no reason, only the number of the
    attempt.
    """
    return (
        step.is_running
        and not step.resource
        and (step.attempts > 1 or step.seconds(now) > _PATIENCE)
    )


def explanation(
    deployment: Deployment, execution_arn: str, step: StepExecution, now: datetime
) -> str | None:
    """Return the likely reason and the remedy in one line; None if the step starts no job."""
    sagemaker = deployment.client("sagemaker")
    definition = executions.definition(sagemaker, execution_arn)
    values = executions.parameters(sagemaker, execution_arn)
    try:
        needed = resource_requirements.of_step(definition, step.name, values)
    except DefinitionError:
        return None
    if needed is None:
        return None
    instance_type = needed.instances.instance_type
    remedy = "deploy another type"
    if needed.parameter:
        instance_type += f", parameter {needed.parameter}"
        remedy = f"stop it and start another with --parameter {needed.parameter}=TYPE"
    return (
        f"{step.name}: no job after {step.seconds(now):.0f} s (attempt {max(step.attempts, 1)}); "
        f"the quota for its instance type ({instance_type}) is probably 0 or in use. SageMaker "
        f"retries for about {needed.retry_seconds / 60:.0f} minutes, then the step fails. "
        f"{deployment.command('preflight')} checks the quotas; request more for "
        f"{needed.instances.quota!r} in Service Quotas, or {remedy}"
    )
