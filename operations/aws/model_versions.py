"""The model package group on AWS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.pipelines import Pipeline
from operations.errors import UsageError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import ExecutionSummary, next_words
from operations.models.registry import Approval
from operations.models.version import PENDING, ModelVersion, evaluation_uri, newest_approved

_PARALLEL_REQUESTS = 4
"""Versions of which the evaluations are read at the same time; AWS throttles more."""


def versions(deployment: Deployment, group: str) -> list[ModelVersion]:
    """Return all versions of the model package group, newest first."""
    pages = deployment.client("sagemaker").get_paginator("list_model_packages")
    found = [
        version_of(summary)
        for page in pages.paginate(ModelPackageGroupName=group)
        for summary in page["ModelPackageSummaryList"]
    ]
    return sorted(found, key=lambda version: version.number, reverse=True)


@dataclass(frozen=True)
class AwsModelRegistry:
    """The model package group of a deployment's pipeline: a `ModelRegistry`."""

    deployment: Deployment
    pipeline: Pipeline

    @property
    def group(self) -> str:
        """Its name."""
        return self.pipeline.group

    def versions(self) -> list[ModelVersion]:
        """Return all versions, newest first."""
        return versions(self.deployment, self.group)

    def registered_by(self, execution: str) -> str:
        """Return the ARN of the version that an execution registered. Raise UsageError."""
        found = executions.find_execution(self.deployment, self.pipeline, execution)
        arn = executions.registered_version(
            executions.steps(self.deployment.client("sagemaker"), found.arn)
        )
        if arn is None:
            raise UsageError(
                f"execution {found.execution_id} ({found.status}) registered no model version"
            )
        return arn

    def description(self, version: ModelVersion) -> Mapping[str, Any]:
        """Return the version as DescribeModelPackage does."""
        sagemaker = self.deployment.client("sagemaker")
        package: Mapping[str, Any] = sagemaker.describe_model_package(ModelPackageName=version.arn)
        return package

    def evaluations(self, versions: Sequence[ModelVersion]) -> Iterator[EvaluationReport | None]:
        """Yield the evaluation report of each version, None for one that can't be read."""
        with ThreadPoolExecutor(_PARALLEL_REQUESTS) as requests:
            yield from requests.map(
                lambda version: results.or_none(
                    self.deployment, lambda: self.required_evaluation(version)
                ),
                versions,
            )

    def required_evaluation(self, version: ModelVersion) -> EvaluationReport | None:
        """Return the evaluation report; None if there never was one. Raise CliError."""
        uri = evaluation_uri(self.description(version))
        return None if uri is None else results.evaluation_report_at(self.deployment, uri)

    def set_approval(self, version: ModelVersion, approval: Approval, comment: str | None) -> None:
        """Set the approval status; a comment becomes the version's ApprovalDescription."""
        description = {} if comment is None else {"ApprovalDescription": comment}
        self.deployment.client("sagemaker").update_model_package(
            ModelPackageArn=version.arn, ModelApprovalStatus=approval, **description
        )

    def used_for_scoring(self, versions: Iterable[ModelVersion]) -> ModelVersion | None:
        """Return the newest approved version."""
        return newest_approved(versions)

    def command(self, *words: str) -> str:
        """Return a command for the user to run next."""
        return self.deployment.command(*words)


def next_command(deployment: Deployment, summary: ExecutionSummary) -> str:
    """Return the command that usually comes next after an execution; empty if there is none."""

    def is_pending(arn: str) -> bool:
        sagemaker = deployment.client("sagemaker")
        package = results.or_none(
            deployment, lambda: sagemaker.describe_model_package(ModelPackageName=arn)
        )
        return bool(package and package.get("ModelApprovalStatus") == PENDING)

    words = next_words(summary, is_pending)
    if words is None:
        return ""
    is_for_either_pipeline = words[0] == "watch"
    asked = deployment if is_for_either_pipeline else replace(deployment, scoring=False)
    return asked.command(*words)


def version_of(summary: Mapping[str, Any]) -> ModelVersion:
    """Return the version that ListModelPackages or DescribeModelPackage describes."""
    return ModelVersion(
        number=summary["ModelPackageVersion"],
        arn=summary["ModelPackageArn"],
        approval=summary.get("ModelApprovalStatus", "none"),
        registered=summary["CreationTime"].astimezone(UTC),
    )
