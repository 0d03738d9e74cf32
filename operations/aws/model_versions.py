"""Model versions on AWS, and their approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from operations import model_version
from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.pipelines import Pipeline
from operations.errors import CliError, UsageError
from operations.evaluation_report import EvaluationReport
from operations.model_version import ModelVersion

Decision = Literal["Approved", "Rejected"]


def versions(deployment: Deployment, group: str) -> list[ModelVersion]:
    """Return all versions of the model package group, newest first."""
    pages = deployment.client("sagemaker").get_paginator("list_model_packages")
    found = [
        _version(summary)
        for page in pages.paginate(ModelPackageGroupName=group)
        for summary in page["ModelPackageSummaryList"]
    ]
    return sorted(found, key=lambda version: version.number, reverse=True)


def find_version(deployment: Deployment, pipeline: Pipeline, wanted: str) -> ModelVersion:
    """Return a version by number, ARN, or the execution that registered it.

    Raise UsageError, listing the versions.
    """
    if model_version.is_execution(wanted):
        wanted = _registered_by(deployment, pipeline, wanted)
    group = pipeline.group
    return model_version.version_named(versions(deployment, group), wanted, group)


def evaluation_of(
    deployment: Deployment, version: ModelVersion, *, required: bool
) -> EvaluationReport | None:
    """Return the evaluation report that a version was registered with; None without one.

    An unreadable report raises CliError if ``required``, and is None otherwise.
    """
    package = deployment.client("sagemaker").describe_model_package(ModelPackageName=version.arn)
    statistics = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    if "S3Uri" not in statistics:
        return None
    try:
        return results.evaluation_report_at(deployment, statistics["S3Uri"])
    except CliError:
        if required:
            raise
        return None


def decide(
    deployment: Deployment, version: ModelVersion, decision: Decision, comment: str | None
) -> None:
    """Approve or reject a version; ``comment`` is stored as its ApprovalDescription."""
    description = {} if comment is None else {"ApprovalDescription": comment}
    deployment.client("sagemaker").update_model_package(
        ModelPackageArn=version.arn, ModelApprovalStatus=decision, **description
    )


def _registered_by(deployment: Deployment, pipeline: Pipeline, execution_id: str) -> str:
    """Return the ARN of the version that an execution registered."""
    execution = executions.find_execution(deployment, pipeline, execution_id)
    arn = executions.registered_version(
        executions.steps(deployment.client("sagemaker"), execution.arn)
    )
    if arn is None:
        raise UsageError(
            f"execution {execution.execution_id} ({execution.status}) registered no model version"
        )
    return arn


def _version(summary: Mapping[str, Any]) -> ModelVersion:
    return ModelVersion(
        number=summary["ModelPackageVersion"],
        arn=summary["ModelPackageArn"],
        approval=summary.get("ModelApprovalStatus", "none"),
    )
