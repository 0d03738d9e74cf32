"""SageMaker's ListModelPackages and DescribeModelPackage, of the local model registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_runner.platform.model_registry import ModelRegistry

MODEL_PACKAGE_SUMMARY = (
    "CreationTime",
    "ModelApprovalStatus",
    "ModelPackageArn",
    "ModelPackageDescription",
    "ModelPackageGroupName",
    "ModelPackageStatus",
    "ModelPackageVersion",
)
"""Fields of a model package that ListModelPackages returns, by botocore's model."""

_LIST_PARAMETERS = {"MaxResults", "ModelPackageGroupName", "NextToken", "SortBy", "SortOrder"}
_PAGE_SIZE = 100

Request = Mapping[str, Any]


class ApiError(Exception):
    """An error in AWS's form. code: such as ValidationException."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def list_model_packages(registry: ModelRegistry, request: Request) -> dict[str, Any]:
    """Return a page of a group's versions; ``NextToken`` is the number of versions before it."""
    if unknown := sorted(request.keys() - _LIST_PARAMETERS):
        raise ApiError("ValidationException", f"{unknown[0]} isn't supported by local runs")
    if request.get("SortBy", "CreationTime") != "CreationTime":
        raise ApiError("ValidationException", "SortBy: local runs support CreationTime only")
    packages = registry.versions(request["ModelPackageGroupName"])
    if request.get("SortOrder") == "Descending":
        packages.reverse()
    start = int(request.get("NextToken", 0))
    end = start + request.get("MaxResults", _PAGE_SIZE)
    page = [
        {key: package[key] for key in MODEL_PACKAGE_SUMMARY if key in package}
        for package in packages[start:end]
    ]
    token = {"NextToken": str(end)} if end < len(packages) else {}
    return {"ModelPackageSummaryList": page, **token}


def describe_model_package(registry: ModelRegistry, request: Request) -> dict[str, Any]:
    """Return the version whose ARN is given."""
    arn = request["ModelPackageName"]
    try:
        package = registry.describe(arn)
    except ValueError as error:
        raise ApiError("ValidationException", str(error)) from None
    if package is None:
        raise ApiError("ValidationException", f"ModelPackage {arn} does not exist.")
    return dict(package)


OPERATIONS: dict[str, Callable[[ModelRegistry, Request], dict[str, Any]]] = {
    "SageMaker.DescribeModelPackage": describe_model_package,
    "SageMaker.ListModelPackages": list_model_packages,
}
"""The operations by the header X-Amz-Target."""
