"""The champion: found here and on AWS, compared with, and refused if it can't be compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from processing import champion, evaluate
from processing.champion import LocalRegistry, Registry, SageMaker
from processing.errors import DataError, UsageError

GROUP = "sentiment-test"
BUCKET = "artifacts"


def report(accuracy: float) -> dict[str, Any]:
    return {"binary_classification_metrics": {"accuracy": {"value": accuracy}}}


class Folder:
    """A local registry that versions are put into."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, number: int, status: str, evaluation: str | None) -> None:
        uri = f"s3://{BUCKET}/models/{number}/evaluation.json"
        package: dict[str, Any] = {
            "ModelApprovalStatus": status,
            "ModelPackageArn": f"arn:{GROUP}/{number}",
        }
        if evaluation is not None:
            package["ModelMetrics"] = {"ModelQuality": {"Statistics": {"S3Uri": uri}}}
            path = self.root / "s3" / uri.removeprefix("s3://")
            path.parent.mkdir(parents=True)
            path.write_text(evaluation)
        path = self.root / "model-registry" / GROUP / f"{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(package))

    def registry(self) -> Registry:
        return LocalRegistry(self.root)


class Aws:
    """The same in an account that moto plays."""

    def __init__(self) -> None:
        self._s3 = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET)
        self._sagemaker = boto3.client("sagemaker")
        self._sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)

    def put(self, number: int, status: str, evaluation: str | None) -> None:
        key = f"models/{number}/evaluation.json"
        metrics = {}
        if evaluation is not None:
            self._s3.put_object(Bucket=BUCKET, Key=key, Body=evaluation.encode())
            place = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{key}"}
            metrics = {"ModelMetrics": {"ModelQuality": {"Statistics": place}}}
        self._sagemaker.create_model_package(
            ModelPackageGroupName=GROUP, ModelApprovalStatus=status, **metrics
        )

    def registry(self) -> Registry:
        return SageMaker()


@pytest.fixture(params=["here", "aws"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "here":
        yield Folder(tmp_path)
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Aws()


def test_no_version_at_all_is_no_champion(place: Any) -> None:
    assert champion.look_up(place.registry(), GROUP) == {}


def test_versions_that_nobody_approved_are_no_champions(place: Any) -> None:
    place.put(1, "PendingManualApproval", json.dumps(report(0.9)))
    place.put(2, "Rejected", json.dumps(report(0.9)))
    assert champion.look_up(place.registry(), GROUP) == {}


def test_newest_approved_version_is_champion_whatever_came_after_it(place: Any) -> None:
    for number, (status, accuracy) in enumerate(
        [("Approved", 0.7), ("Approved", 0.8), ("Rejected", 0.9)], start=1
    ):
        place.put(number, status, json.dumps(report(accuracy)))
    found = champion.look_up(place.registry(), GROUP)
    assert found["evaluation"] == report(0.8)
    assert found["model_package_arn"].endswith(f"{GROUP}/2")


def test_tenth_version_is_newer_than_the_ninth(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    for number in (9, 10):
        place.put(number, "Approved", json.dumps(report(number / 100)))
    assert champion.look_up(place.registry(), GROUP)["evaluation"] == report(0.1)


def test_approved_version_without_evaluation_is_told_with_the_remedy(place: Any) -> None:
    place.put(1, "Approved", None)
    with pytest.raises(DataError, match=rf"{GROUP}/1: approved without an evaluation; reject it"):
        champion.look_up(place.registry(), GROUP)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"binary_classification_metrics": 1}'])
def test_evaluation_that_is_no_report_is_told_with_its_place(place: Any, content: str) -> None:
    place.put(1, "Approved", content)
    with pytest.raises(DataError, match=r"^s3://artifacts/models/1/evaluation.json: no evaluation"):
        champion.look_up(place.registry(), GROUP)


def test_evaluation_that_is_gone_is_told_with_its_place(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    place.put(1, "Approved", "{}")
    (tmp_path / "s3" / BUCKET / "models/1/evaluation.json").unlink()
    with pytest.raises(DataError, match=r"models/1/evaluation\.json: can't be read"):
        champion.look_up(place.registry(), GROUP)


def test_evaluation_that_is_gone_from_s3_is_told_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        place = Aws()
        place.put(1, "Approved", "{}")
        boto3.client("s3").delete_object(Bucket=BUCKET, Key="models/1/evaluation.json")
        with pytest.raises(DataError, match=r"models/1/evaluation\.json: can't be read"):
            champion.look_up(place.registry(), GROUP)


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
        champion.look_up(SageMaker(), GROUP)
    assert str(answer) in str(told.value)
    assert "\n" not in str(told.value)


def test_job_writes_what_it_found_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Folder(tmp_path).put(1, "Approved", json.dumps(report(0.8)))
    monkeypatch.setenv("LOCAL_AWS", str(tmp_path))
    options = champion.parser().parse_args(["--group", GROUP, "--output", str(tmp_path / "out")])
    champion.run(options)
    written = json.loads((tmp_path / "out/champion.json").read_text())
    assert written == {"evaluation": report(0.8), "model_package_arn": f"arn:{GROUP}/1"}
    assert capsys.readouterr().out == f"champion: arn:{GROUP}/1\n"


# --- the comparison ---

TEST_SET = {"labels_sha256": "a", "reviews": 3}


def compared(new: float, old: float, margin: float, test_set: Any = TEST_SET) -> dict[str, Any]:
    evaluation = report(old) | ({"test_set": test_set} if test_set else {})
    found = {"evaluation": evaluation, "model_package_arn": "arn"}
    return evaluate.comparison(report(new) | {"test_set": TEST_SET}, found, margin)


def test_comparison_tells_both_sides_and_what_is_asked() -> None:
    assert compared(0.87, 0.88, 0.005) == {
        "accuracy": 0.88,
        "difference": -0.01,
        "margin": 0.005,
        "model_package_arn": "arn",
        "required": 0.875,
        "same_test_set": True,
    }


@pytest.mark.parametrize("accuracy", [0.1 + 0.2, 0.86812, 1 / 3])
@pytest.mark.parametrize("margin", [0.0, 0.1, 0.07])
def test_model_that_loses_exactly_the_margin_is_good_enough(accuracy: float, margin: float) -> None:
    accuracy = round(accuracy, 10)
    new = round(accuracy - margin, 10)
    assert new >= compared(new, accuracy, margin)["required"]


def test_first_model_needs_no_champion() -> None:
    comparison = evaluate.comparison(report(0.5) | {"test_set": TEST_SET}, {}, 0.1)
    assert comparison == {"margin": 0.1, "model_package_arn": None, "required": 0.0}


def test_champion_of_another_test_set_is_told_as_such() -> None:
    assert compared(0.9, 0.8, 0.0, {"labels_sha256": "b", "reviews": 3})["same_test_set"] is False
    assert compared(0.9, 0.8, 0.0, None)["same_test_set"] is None


@pytest.mark.parametrize("margin", ["-0.1", "1.1", "nan", "much", ""])
def test_margin_that_is_no_share_is_a_usage_error(margin: str) -> None:
    with pytest.raises(UsageError, match="no number from 0 to 1"):
        evaluate.parser().parse_args(
            ["--predictions", "p", "--labels", "l", "--output", "o", "--champion-margin", margin]
        )
