"""The SageMaker model registry, and the objects in S3 that its versions refer to.

A package here is what DescribeModelPackage returns for a version. The job needs network access to
the API of SageMaker; a local run serves the operations that are used here, as far as they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from processing.errors import DataError

APPROVED = "Approved"

Package = Mapping[str, Any]


class Registry(Protocol):
    """Versions of model packages, and the objects that they refer to."""

    def versions(self, group: str) -> Iterator[Package]:
        """The group's versions, newest first, each with its number, ARN and approval status."""

    def describe(self, arn: str) -> Package:
        """The whole package. Raises DataError if there is none."""

    def read(self, uri: str) -> bytes:
        """The object at an S3 URI. Raises DataError if it can't be read."""


def the_registry() -> Registry:
    """The registry that this job may ask."""
    return SageMaker()


def newest_approved(registry: Registry, group: str) -> Package | None:
    """The group's newest approved version; None without.

    It goes by creation: the registry doesn't record when a version was approved.
    """
    for version in registry.versions(group):
        if version["ModelApprovalStatus"] == APPROVED:
            return registry.describe(version["ModelPackageArn"])
    return None


def evaluation_uri(package: Package) -> str | None:
    """Where the package's evaluation report lies; None if it has none."""
    quality = package.get("ModelMetrics", {}).get("ModelQuality", {})
    uri: str | None = quality.get("Statistics", {}).get("S3Uri")
    return uri


class SageMaker:
    """The model registry and S3, through boto3, which the image has."""

    def versions(self, group: str) -> Iterator[Package]:
        """Asks for a hundred at a time, and only while they are read."""
        from botocore.exceptions import BotoCoreError, ClientError

        pages = _client("sagemaker").get_paginator("list_model_packages")
        try:
            for page in pages.paginate(
                ModelPackageGroupName=group,
                SortBy="CreationTime",
                SortOrder="Descending",
                PaginationConfig={"PageSize": 100},
            ):
                yield from page["ModelPackageSummaryList"]
        except (BotoCoreError, ClientError) as error:
            raise _unanswered(group, "sagemaker:ListModelPackages", error) from None

    def describe(self, arn: str) -> Package:
        """Asks by ARN."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            package: Package = _client("sagemaker").describe_model_package(ModelPackageName=arn)
        except (BotoCoreError, ClientError) as error:
            raise _unanswered(arn, "sagemaker:DescribeModelPackage", error) from None
        return package

    def read(self, uri: str) -> bytes:
        """Reads the object."""
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            body: bytes = _client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise DataError(f"{uri}: can't be read ({error})") from None
        return body


def _client(service: str) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client(service)
    except BotoCoreError as error:  # no region, say
        raise DataError(f"AWS can't be asked ({error}); give the job a region") from None


def _unanswered(what: str, action: str, error: Exception) -> DataError:
    return DataError(
        f"{what}: the model registry can't be asked ({error}); the job needs "
        f"a way to SageMaker's API, and its role {action}"
    )
