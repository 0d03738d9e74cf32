"""``promote``: register an approved version of one environment in another one.

With the credentials of the target: it copies the artifacts to the target's bucket, so that nothing
in the target depends on the source afterwards. The new version waits for approval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_message, is_denied, is_not_found
from operations.aws.model_versions import AwsModelRegistry, version_of, versions
from operations.aws.pipelines import find_pipeline
from operations.aws.promotion.artifacts import account_of, artifact_keys, copy_artifacts, move
from operations.environments import configured_account
from operations.errors import CliError, UsageError
from operations.evaluation_report import EvaluationReport
from operations.models.version import (
    PENDING,
    ModelVersion,
    evaluation_uri,
    missing,
    newest_approved,
    version_named,
)

_KEPT = (
    *("AdditionalInferenceSpecifications", "CustomerMetadataProperties", "Domain"),
    *("DriftCheckBaselines", "InferenceSpecification", "MetadataProperties", "ModelCard"),
    *("ModelMetrics", "SamplePayloadUrl", "SkipModelValidation", "Task"),
)
"""What DescribeModelPackage returns and CreateModelPackage takes."""

_OF_OBJECTS = {"ETag", "ManifestEtag", "ModelDataETag"}
"""What SageMaker adds to the description about the objects, which differs for their copies."""


@dataclass(frozen=True)
class Promotion:
    """A version, and that of the target's group which was registered from it.

    copied: the number of objects; None if the version had been promoted before.
    """

    source: ModelVersion
    source_group: str
    registered: ModelVersion
    group: str
    copied: int | None
    evaluation: EvaluationReport | None


def promote(source: Deployment, target: Deployment, wanted: str | None) -> Promotion:
    """Promote a version. wanted: a number or an ARN; None for the newest approved version.

    Raise UsageError without such a version, CliError if it isn't approved.
    """
    if source.environment == target.environment:
        raise UsageError(f"--from and --to are both {source.environment}; name two environments")
    if source.region != target.region:
        raise UsageError(
            f"{source.environment} is in {source.region} and {target.environment} in "
            f"{target.region}; images belong to a region, so promote within one"
        )
    registry = AwsModelRegistry(target, find_pipeline(target))
    with _explained_denials(source, target):
        version = _approved_version(source, wanted)
        description = (
            f"Promoted from {version.arn}, registered "
            f"{version.registered.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        )
        copied, registered = None, _promoted_before(target, registry.group, description)
        if registered is None:
            copied, registered = _register(registry, version, source.name, description)
    [evaluation] = registry.evaluations([registered])
    return Promotion(version, source.name, registered, registry.group, copied, evaluation)


@contextmanager
def _explained_denials(source: Deployment, target: Deployment) -> Iterator[None]:
    """Raise CliError with the remedy if the credentials lack a permission in either account."""
    try:
        yield
    except ClientError as error:
        if not is_denied(error):
            raise
        raise CliError(
            f"the credentials may not promote from {source.name}: access denied to "
            f"{error.operation_name}: {error_message(error)}; allow the statements Promote... of "
            "operations/policy.json, and, between two accounts, name that of "
            f"{target.environment} in model_readers of {source.environment} and deploy "
            f"{source.environment}"
        ) from None


def _approved_version(source: Deployment, wanted: str | None) -> ModelVersion:
    try:
        found = versions(source, _group(source))
    except ClientError as error:
        if is_not_found(error):
            raise CliError(
                f"{source.name} has no model package group in {source.place}; deploy it, or, if it "
                f"is in another account, set account of {source.environment} in cdk.json"
            ) from None
        raise
    if wanted is not None:
        version = version_named(found, wanted, source.name)
    elif (newest := newest_approved(found)) is None:
        raise CliError(missing("approved version", found, source.name))
    else:
        version = newest
    if not version.is_approved:
        remedy = source.command("approve", str(version.number))
        raise CliError(
            f"{version} of {source.name} isn't approved, so it can't be promoted; use {remedy}"
        )
    return version


def _group(source: Deployment) -> str:
    """Return the group's name, or its ARN where it may be in another account."""
    account = configured_account(source.environment)
    if account is None:
        return source.name
    place = f"{source.partition}:sagemaker:{source.region}:{account}"
    return f"arn:{place}:model-package-group/{source.name}"


def _promoted_before(target: Deployment, group: str, description: str) -> ModelVersion | None:
    """Return the version that was registered with this description."""
    pages = target.client("sagemaker").get_paginator("list_model_packages")
    return next(
        (
            version_of(summary)
            for page in pages.paginate(ModelPackageGroupName=group)
            for summary in page["ModelPackageSummaryList"]
            if summary.get("ModelPackageDescription") == description
        ),
        None,
    )


def _register(
    registry: AwsModelRegistry, version: ModelVersion, source_group: str, description: str
) -> tuple[int, ModelVersion]:
    """Copy the artifacts and register the version; return their number and the new version."""
    sagemaker = registry.deployment.client("sagemaker")
    package = sagemaker.describe_model_package(ModelPackageName=version.arn)
    request = _without_object_details({key: package[key] for key in _KEPT if key in package})
    moving = move(
        version.arn,
        _model_uri(request),
        target_bucket=registry.pipeline.bucket,
        target_account=account_of(registry.pipeline.arn),
        target_prefix=f"{source_group}/{version.number}/",
    )
    keys = artifact_keys(version.arn, _with_report(request), moving)
    copied = copy_artifacts(registry.deployment.client("s3"), keys, moving)
    created = sagemaker.create_model_package(
        **moving.moved(request),
        ModelApprovalStatus=PENDING,
        ModelPackageDescription=description,
        ModelPackageGroupName=registry.group,
    )
    described = sagemaker.describe_model_package(ModelPackageName=created["ModelPackageArn"])
    return copied, version_of(described)


def _model_uri(request: Mapping[str, Any]) -> str:
    containers = request.get("InferenceSpecification", {}).get("Containers", [{}])
    return str(containers[0].get("ModelDataUrl", "no model"))


def _with_report(request: Mapping[str, Any]) -> list[Any]:
    """Return the request and the folder of the evaluation, which also has the HTML report."""
    return [request, (evaluation_uri(request) or "").rpartition("/")[0]]


def _without_object_details(value: Any) -> Any:
    """Return the value, at any depth without what belongs to the original objects.

    A container has its model either as URL or as data source, and is described with both.
    """
    if isinstance(value, list):
        return [_without_object_details(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    left_out = _OF_OBJECTS | ({"ModelDataSource"} if "ModelDataUrl" in value else set())
    return {
        key: _without_object_details(item) for key, item in value.items() if key not in left_out
    }
