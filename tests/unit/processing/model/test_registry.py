"""The model registry, local and on AWS: finding versions, reading objects, and failures."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from processing.errors import DataError
from processing.model.registry import find_version, is_version_name, newest_approved, read_object
from tests.support.registries import ARNS, BUCKET, GROUP, SampleRegistry, folder_of


def test_group_without_versions_has_no_approved_one(registry: SampleRegistry) -> None:
    assert newest_approved(GROUP) is None


def test_pending_and_rejected_versions_are_ignored(registry: SampleRegistry) -> None:
    for number, status in enumerate(["PendingManualApproval", "Rejected"], start=1):
        registry.register(number, status, {})
    assert newest_approved(GROUP) is None


def test_newest_approved_version_is_found_below_a_rejected_one(registry: SampleRegistry) -> None:
    for number, status in enumerate(["Approved", "Approved", "Rejected"], start=1):
        registry.register(number, status, {"evaluation.json": b"{}"})
    found = newest_approved(GROUP)
    assert found is not None
    assert found["ModelPackageVersion"] == 2
    assert "ModelMetrics" in found, "the description, not the summary"
    assert find_version(GROUP, "approved")["ModelPackageArn"] == found["ModelPackageArn"]


def test_tenth_version_is_newer_than_the_ninth(registry: SampleRegistry) -> None:
    for number in range(1, 11):
        registry.register(number, "Approved", {})
    found = newest_approved(GROUP)
    assert found is not None
    assert found["ModelPackageVersion"] == 10


def test_versions_beyond_the_first_page_are_found(registry: SampleRegistry) -> None:
    for number in range(1, 104):
        registry.register(number, "Approved" if number == 1 else "Rejected", {})
    assert find_version(GROUP, "approved")["ModelPackageVersion"] == 1


def test_version_is_found_by_number_and_by_arn_whatever_its_status(
    registry: SampleRegistry,
) -> None:
    for number, status in enumerate(["Rejected", "Approved"], start=1):
        registry.register(number, status, {})
    found = find_version(GROUP, "1")
    assert found["ModelApprovalStatus"] == "Rejected"
    assert find_version(GROUP, found["ModelPackageArn"])["ModelPackageVersion"] == 1


@pytest.mark.parametrize("version", ["approved", "7"])
def test_missing_version_is_an_error_that_lists_the_versions(
    registry: SampleRegistry, version: str
) -> None:
    with pytest.raises(DataError, match=f"^{GROUP}: ") as error:
        find_version(GROUP, version)
    assert "(" not in str(error.value), "there are none"
    for number, status in enumerate(["Rejected", "PendingManualApproval"], start=1):
        registry.register(number, status, {})
    with pytest.raises(DataError, match=f"^{GROUP}: ") as error:
        find_version(GROUP, version)
    assert "2 (PendingManualApproval), 1 (Rejected)" in str(error.value)


def test_missing_arn_is_named_in_one_line(registry: SampleRegistry) -> None:
    registry.register(1, "Approved", {})
    with pytest.raises(DataError, match=f"^{ARNS}/7: ") as error:
        find_version(GROUP, f"{ARNS}/7")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["", "newest", "-1", "1.5", "arn:", "local-0001", f"{ARNS}/x"])
def test_other_names_are_not_version_names(name: str) -> None:
    assert not is_version_name(name)


def test_object_is_read(registry: SampleRegistry) -> None:
    registry.register(1, "Approved", {"a b/ü?#.json": b"\x00\xff"})
    assert read_object(f"{folder_of(1)}/a b/ü?#.json") == b"\x00\xff"


def test_missing_object_is_named(registry: SampleRegistry) -> None:
    registry.register(1, "Approved", {})
    with pytest.raises(DataError, match=f"^s3://{BUCKET}/models/1/gone.json: "):
        read_object(f"{folder_of(1)}/gone.json")


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListModelPackages"),
        EndpointConnectionError(endpoint_url="https://api.sagemaker"),
    ],
    ids=["denied", "no-connection"],
)
def test_failed_request_is_one_line_with_cause_and_permission(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "unknown")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", fail)
    with pytest.raises(DataError, match=f"^{GROUP}: ") as error:
        newest_approved(GROUP)
    assert str(failure) in str(error.value)
    assert "sagemaker:ListModelPackages" in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_region_is_an_error_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(DataError, match="AWS_DEFAULT_REGION"):
        newest_approved(GROUP)
