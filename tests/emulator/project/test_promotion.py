"""`sentiment promote` from dev to prod in the emulated AWS, and scoring in prod afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.options import DEFINITION, SCORE_DEFINITION
from processing.names import CODE_FILE
from processing.packaging import build
from tests.support.emulated_pipelines import create_project_pipeline
from tests.support.emulator_process import POLL, Emulator

FROM_DEV = ("promote", "--from", "dev", "--to", "prod")
DEV, PROD = "reviews-of-dev", "reviews-of-prod"


@pytest.fixture(scope="module")
def environments(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    """The emulated AWS with the pipelines of both environments, each with its bucket and group."""
    code = build(tmp_path_factory.mktemp("code") / CODE_FILE).read_bytes()
    for name, bucket in (("sentiment-dev", DEV), ("sentiment-prod", PROD)):
        emulator.client("s3").create_bucket(Bucket=bucket)
        emulator.client("s3").put_object(Bucket=bucket, Key=f"code/{CODE_FILE}", Body=code)
        emulator.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
        create_project_pipeline(emulator, name, DEFINITION, bucket, name)
        create_project_pipeline(emulator, f"{name}-score", SCORE_DEFINITION, bucket, name)
    return emulator


@pytest.fixture(scope="module")
def trained(environments: Emulator, archive: Path) -> dict[str, Any]:
    """An execution in dev whose version is approved."""
    options = ("--dataset", str(archive), "--parameter", "NumRound=20", "--wait", "--json", *POLL)
    started = environments.sentiment("start", *options)
    assert started.returncode == 0, started.stderr
    assert environments.sentiment("approve", "1").returncode == 0
    found: dict[str, Any] = json.loads(started.stdout)
    return found


@pytest.fixture(scope="module")
def promoted(environments: Emulator, trained: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = environments.sentiment_json(*FROM_DEV)
    return found


@pytest.fixture(scope="module")
def without_dev(environments: Emulator, promoted: dict[str, Any]) -> Emulator:
    """The emulated AWS after dev's artifacts were deleted."""
    s3 = environments.client("s3")
    for item in s3.list_objects_v2(Bucket=DEV, Prefix="models/")["Contents"]:
        s3.delete_object(Bucket=DEV, Key=item["Key"])
    return environments


def test_version_waits_for_approval_in_prod_with_its_evaluation(
    environments: Emulator, trained: dict[str, Any], promoted: dict[str, Any]
) -> None:
    assert (promoted["version"], promoted["approval"]) == (1, "PendingManualApproval")
    [version] = environments.sentiment_json("versions", "-e", "prod")["versions"]
    assert version["accuracy"] == trained["accuracy"]
    assert version["execution_id"] == trained["execution_id"]


def test_version_has_the_same_card_and_origin_in_prod(
    environments: Emulator, trained: dict[str, Any], promoted: dict[str, Any]
) -> None:
    dev, prod = (environments.sentiment_json("card", "1", "-e", name) for name in ("dev", "prod"))
    assert prod["arn"] == promoted["arn"]
    for key in ("card", "card_status", "commit", "generated_by"):
        assert prod[key] == dev[key]
    assert dev["card_status"] == "PendingReview"
    assert dev["generated_by"].endswith(trained["execution_id"])
    described = environments.client("sagemaker").describe_model_package(
        ModelPackageName=promoted["arn"]
    )
    for kind in ("ModelQuality", "ModelDataQuality"):
        uri = described["DriftCheckBaselines"][kind]["Statistics"]["S3Uri"]
        assert uri.startswith(f"s3://{PROD}/")


def test_promoting_again_changes_nothing(environments: Emulator, promoted: dict[str, Any]) -> None:
    again = environments.sentiment_json(*FROM_DEV)
    assert (again["changed"], again["arn"]) == (False, promoted["arn"])
    assert len(environments.sentiment_json("versions", "-e", "prod")["versions"]) == 1


def test_prod_scores_with_the_version_and_nothing_of_dev(
    without_dev: Emulator, promoted: dict[str, Any], tmp_path: Path
) -> None:
    assert without_dev.sentiment("approve", "-e", "prod").returncode == 0
    reviews = tmp_path / "new.csv"
    reviews.write_text("text\n" + "a truly good movie\na truly bad movie\n" * 50)
    options = ("--scoring", "-e", "prod", "--dataset", str(reviews), "--wait", "--json", *POLL)
    started = without_dev.sentiment("start", *options, "--parameter", "DriftThreshold=1000")
    assert started.returncode == 0, started.stdout + started.stderr
    table = tmp_path / "scores.csv"
    assert without_dev.sentiment("scores", "-e", "prod", "--output", str(table)).returncode == 0
    assert len(table.read_text(encoding="utf-8").splitlines()) == 101
