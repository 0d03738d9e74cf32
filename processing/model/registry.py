"""The SageMaker model registry, and the objects in S3 that its versions refer to.

A package here is what DescribeModelPackage returns for a version. The job needs network access to
SageMaker and S3; a local run serves the API operations that this module calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from processing.errors import DataError

APPROVED = "Approved"

NEWEST_APPROVED = "approved"
"""The name of the newest approved version, where others have a number or an ARN."""

_ARN = re.compile(r"arn:[^/]*:model-package/[^/]+/\d+")
_LISTED = 5

Package = Mapping[str, Any]


def is_version_name(text: str) -> bool:
    """Return whether the text can name a version: "approved", a number or an ARN.

    >>> [is_version_name(text) for text in ("approved", "12", "newest")]
    [True, True, False]
    """
    return text == NEWEST_APPROVED or text.isdecimal() or bool(_ARN.fullmatch(text))


def find_version(group: str, version: str) -> Package:
    """Return a version by name (`is_version_name`), whatever its approval status.

    Raise DataError if there is no such version; the message lists those that there are.
    """
    if version == NEWEST_APPROVED:
        package = newest_approved(group)
    elif version.isdecimal():
        package = _by_number(group, int(version))
    else:
        return _describe(version)
    if package is None:
        wanted = "an approved version" if version == NEWEST_APPROVED else f"version {version}"
        raise DataError(f"{group}: doesn't have {wanted}; {_remedy(group)}")
    return package


def newest_approved(group: str) -> Package | None:
    """Return the approved version that was created last, or None.

    The registry doesn't record when a version was approved.
    """
    for version in _versions(group):
        if version["ModelApprovalStatus"] == APPROVED:
            return _describe(version["ModelPackageArn"])
    return None


def evaluation_uri(package: Package) -> str | None:
    """Return the URI of the package's ``evaluation.json``, or None."""
    quality = package.get("ModelMetrics", {}).get("ModelQuality", {})
    uri: str | None = quality.get("Statistics", {}).get("S3Uri")
    return uri


def read_object(uri: str) -> bytes:
    """Return the content of an object in S3. Raise DataError if it can't be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = _client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise DataError(f"{uri}: can't be read ({error})") from None
    return content


def _by_number(group: str, number: int) -> Package | None:
    for version in _versions(group):
        if version["ModelPackageVersion"] == number:
            return _describe(version["ModelPackageArn"])
    return None


def _versions(group: str) -> Iterator[Package]:
    """Yield summaries of the group's versions, newest first; pages are requested when needed."""
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
        raise _request_failed(group, "sagemaker:ListModelPackages", error) from None


def _describe(arn: str) -> Package:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        package: Package = _client("sagemaker").describe_model_package(ModelPackageName=arn)
    except (BotoCoreError, ClientError) as error:
        raise _request_failed(arn, "sagemaker:DescribeModelPackage", error) from None
    return package


def _remedy(group: str) -> str:
    newest = [
        f"{version['ModelPackageVersion']} ({version['ModelApprovalStatus']})"
        for version in islice(_versions(group), _LISTED)
    ]
    if not newest:
        return "it has no versions yet, so train a model first"
    return f"approve or choose one of its newest versions: {', '.join(newest)}"


def _client(service: str) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client(service)
    except BotoCoreError as error:  # for example, without a region
        raise DataError(f"no client for {service} ({error}); set AWS_DEFAULT_REGION") from None


def _request_failed(subject: str, action: str, error: Exception) -> DataError:
    return DataError(
        f"{subject}: the request to the model registry failed ({error}); the job needs network "
        f"access to SageMaker, and its role the permission {action}"
    )
