"""Versions in the model package group, and whether they may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from operations.aws import evaluation
from operations.aws.client import Deployment
from operations.aws.pipelines import Pipeline
from operations.errors import CliError, UsageError
from operations.evaluation_report import Report

APPROVED, REJECTED = "Approved", "Rejected"
Decision = Literal["Approved", "Rejected"]


@dataclass(frozen=True)
class Version:
    """A model package, as a version of its group. approval: ModelApprovalStatus."""

    number: int
    arn: str
    status: str
    approval: str
    created: datetime


def versions(deployment: Deployment, group: str) -> list[Version]:
    """All versions of the model package group, newest first."""
    pages = deployment.client("sagemaker").get_paginator("list_model_packages")
    found = [
        _version(summary)
        for page in pages.paginate(ModelPackageGroupName=group)
        for summary in page["ModelPackageSummaryList"]
    ]
    return sorted(found, key=lambda version: version.number, reverse=True)


def find(deployment: Deployment, pipeline: Pipeline, wanted: str) -> Version:
    """The version of this number or ARN. Raises UsageError, naming those that there are."""
    known = versions(deployment, pipeline.group)
    for version in known:
        if wanted in (str(version.number), version.arn):
            return version
    there = ", ".join(f"{version.number} ({version.approval})" for version in known) or "none yet"
    raise UsageError(f"there is no version {wanted} in {pipeline.group}; there are: {there}")


def measured(deployment: Deployment, version: Version, *, insist: bool) -> Report | None:
    """The evaluation report that the version was registered with; None if it was without.

    A report that can't be read raises CliError if ``insist``, and is None otherwise.
    """
    package = deployment.client("sagemaker").describe_model_package(ModelPackageName=version.arn)
    statistics = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    if "S3Uri" not in statistics:
        return None
    try:
        return evaluation.at(deployment, statistics["S3Uri"])
    except CliError:
        if insist:
            raise
        return None


def decide(
    deployment: Deployment, version: Version, decision: Decision, comment: str | None
) -> None:
    """Approves or rejects the version; ``comment`` is kept as its ApprovalDescription."""
    description = {} if comment is None else {"ApprovalDescription": comment}
    deployment.client("sagemaker").update_model_package(
        ModelPackageArn=version.arn, ModelApprovalStatus=decision, **description
    )


def _version(summary: Mapping[str, Any]) -> Version:
    return Version(
        number=summary["ModelPackageVersion"],
        arn=summary["ModelPackageArn"],
        status=summary["ModelPackageStatus"],
        approval=summary.get("ModelApprovalStatus", "none"),
        created=summary["CreationTime"].astimezone(UTC),
    )
