"""The model registry, here and on AWS: what is found, and what is told when nothing can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from processing.errors import DataError
from processing.model.registry import (
    SageMaker,
    newest_approved,
)
from tests.support.registries import (
    BUCKET,
    GROUP,
    Place,
    folder_of,
    registry_place,
)


@pytest.fixture(params=["local", "aws"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    with registry_place(request.param, tmp_path, monkeypatch) as made:
        yield made


def test_group_without_versions_has_none_approved(place: Place) -> None:
    assert newest_approved(SageMaker(), GROUP) is None


def test_versions_that_nobody_approved_are_passed_over(place: Place) -> None:
    for number, status in enumerate(["PendingManualApproval", "Rejected"], start=1):
        place.put(number, status, {})
    assert newest_approved(SageMaker(), GROUP) is None


def test_newest_approved_version_is_found_whatever_came_after_it(place: Place) -> None:
    for number, status in enumerate(["Approved", "Approved", "Rejected"], start=1):
        place.put(number, status, {"evaluation.json": b"{}"})
    found = newest_approved(SageMaker(), GROUP)
    assert found is not None
    assert found["ModelPackageVersion"] == 2
    assert "ModelMetrics" in found, "a summary is no description"


def test_tenth_version_is_newer_than_the_ninth(place: Place) -> None:
    for number in range(1, 11):
        place.put(number, "Approved", {})
    numbers = [one["ModelPackageVersion"] for one in SageMaker().versions(GROUP)]
    assert numbers[:2] == [10, 9]


def test_versions_beyond_the_first_page_are_found(place: Place) -> None:
    for number in range(1, 104):
        place.put(number, "Approved" if number == 1 else "Rejected", {})
    found = newest_approved(SageMaker(), GROUP)
    assert found is not None
    assert found["ModelPackageVersion"] == 1


def test_object_is_read(place: Place) -> None:
    place.put(1, "Approved", {"a b/ü?#.json": b"\x00\xff"})
    assert SageMaker().read(f"{folder_of(1)}/a b/ü?#.json") == b"\x00\xff"


def test_object_that_is_gone_is_told_with_its_place(place: Place) -> None:
    place.put(1, "Approved", {})
    with pytest.raises(DataError, match=rf"^s3://{BUCKET}/models/1/gone.json: can't be read"):
        SageMaker().read(f"{folder_of(1)}/gone.json")


def test_version_that_is_not_there_is_told_with_its_arn(place: Place) -> None:
    place.put(1, "Approved", {})
    arn = next(iter(SageMaker().versions(GROUP)))["ModelPackageArn"]
    with pytest.raises(DataError, match=r"model-package/sentiment-test/7: .*") as told:
        SageMaker().describe(arn.rpartition("/")[0] + "/7")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "answer",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListModelPackages"),
        EndpointConnectionError(endpoint_url="https://api.sagemaker"),
    ],
    ids=["denied", "no-way-there"],
)
def test_registry_that_cannot_be_asked_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, answer: Exception
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise answer

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)
    with pytest.raises(DataError, match=rf"^{GROUP}: the model registry can't be asked") as told:
        newest_approved(SageMaker(), GROUP)
    assert str(answer) in str(told.value)
    assert "sagemaker:ListModelPackages" in str(told.value)
    assert "\n" not in str(told.value)


def test_job_without_a_region_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(DataError, match="give the job a region"):
        newest_approved(SageMaker(), GROUP)
