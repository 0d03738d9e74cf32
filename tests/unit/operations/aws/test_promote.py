"""`sentiment promote`: an approved version of dev in prod's bucket and group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.support.aws_samples import (
    ACCOUNT,
    ARN,
    ID,
    START,
    definition,
    deploy,
    package,
    pipeline,
)
from tests.support.cdk_context import write_cdk_json
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

DEV_ACCOUNT = "444455556666"
DEV = f"s3://dev-bucket/models/{ID}"
PROD = f"s3://prod-bucket/models/sentiment-dev/2/{ID}"
KEYS = [
    f"models/{ID}/evaluation/evaluation.json",
    f"models/{ID}/evaluation/report.html",
    f"models/{ID}/manifest/manifest.json",
    f"models/{ID}/model/job/output/model.tar.gz",
    f"models/{ID}/vocabulary/vocabulary.json",
]
STRANGER = f"models/{ID}/vocabulary-of-another/vocabulary.json"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"


def model(root: str) -> dict[str, Any]:
    """The members of a model package that refer to a version's artifacts below a URI."""
    return {
        "CustomerMetadataProperties": {
            "vocabulary": f"{root}/vocabulary",
            "manifest": f"{root}/manifest",
        },
        "DriftCheckBaselines": {
            "ModelDataQuality": {
                "Statistics": {
                    "ContentType": "application/json",
                    "S3Uri": f"{root}/evaluation/evaluation.json",
                }
            }
        },
        "InferenceSpecification": {
            "Containers": [
                {"Image": IMAGE, "ModelDataUrl": f"{root}/model/job/output/model.tar.gz"}
            ],
            "SupportedContentTypes": ["text/libsvm"],
        },
        "MetadataProperties": {"CommitId": "28634772", "GeneratedBy": "arn:execution"},
        "ModelCard": {
            "ModelCardContent": json.dumps({"metrics": f"{root}/evaluation/evaluation.json"}),
            "ModelCardStatus": "Draft",
        },
        "ModelMetrics": {
            "ModelQuality": {
                "Statistics": {
                    "ContentType": "application/json",
                    "S3Uri": f"{root}/evaluation/evaluation.json",
                }
            }
        },
    }


def version(
    group: str, number: int, approval: str, account: str = ACCOUNT, **more: Any
) -> dict[str, Any]:
    """An item of ListModelPackages."""
    return {
        "ModelPackageArn": (
            f"arn:aws:sagemaker:us-east-1:{account}:model-package/sentiment-{group}/{number}"
        ),
        "ModelPackageVersion": number,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": approval,
        "CreationTime": START,
        **more,
    }


def described(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackage, with what SageMaker adds to what was registered."""
    found = model(PROD if "sentiment-prod" in request["ModelPackageName"] else DEV)
    [container] = found["InferenceSpecification"]["Containers"]
    source = {"S3Uri": container["ModelDataUrl"], "S3DataType": "S3Object"}
    container["ModelDataSource"] = {
        "S3DataSource": {**source, "CompressionType": "Gzip", "ETag": "e"}
    }
    container["ModelDataETag"] = "e"
    arn = request["ModelPackageName"]
    status = "PendingManualApproval" if "sentiment-prod" in arn else "Approved"
    return package(2, status, **found) | {"ModelPackageArn": arn, "ModelPackageVersion": 2}


class Registries:
    """The groups of both environments, and what they contain."""

    def __init__(self, aws: ScriptedAws) -> None:
        self.aws = aws
        self.versions = {
            "dev": [version("dev", 3, "PendingManualApproval"), version("dev", 2, "Approved")],
            "prod": [version("prod", 1, "Approved")],
        }
        deploy(aws)
        deployed = definition(
            ArtifactsUri="s3://prod-bucket", ModelPackageGroupName="sentiment-prod"
        )
        aws.on("DescribePipeline", {**pipeline(deployed), "PipelineName": "sentiment-prod"})
        aws.on("ListModelPackages", self._list)
        aws.on("DescribeModelPackage", described)
        aws.on("ListObjectsV2", lambda asked: {"Contents": _below(asked["Prefix"])})
        aws.on("CopyObject", {})
        aws.on("CreateModelPackage", self._create)

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "ModelPackageSummaryList": self.versions[
                asked["ModelPackageGroupName"].rpartition("sentiment-")[2]
            ]
        }

    def _create(self, asked: dict[str, Any]) -> dict[str, Any]:
        description = asked["ModelPackageDescription"]
        made = version("prod", 2, asked["ModelApprovalStatus"], ModelPackageDescription=description)
        self.versions["prod"].insert(0, made)
        return {"ModelPackageArn": made["ModelPackageArn"]}


def _below(prefix: str) -> list[dict[str, Any]]:
    return [{"Key": key} for key in [*KEYS, STRANGER] if key.startswith(prefix)]


@pytest.fixture
def registries(aws: ScriptedAws) -> Registries:
    return Registries(aws)


def promote(*arguments: str) -> Result:
    return invoke("promote", *arguments, "--from", "dev", "--to", "prod")


def test_newest_approved_version_is_registered_with_its_metadata(registries: Registries) -> None:
    result = promote()
    assert result.exit_code == 0, result.output
    [request] = registries.aws.requests("CreateModelPackage")
    description = request.pop("ModelPackageDescription")
    assert f"{ARN}:model-package/sentiment-dev/2" in description
    assert request == {
        **model(PROD),
        "ModelApprovalStatus": "PendingManualApproval",
        "ModelPackageGroupName": "sentiment-prod",
    }


def test_artifacts_are_copied_below_a_folder_of_the_version(registries: Registries) -> None:
    assert promote("2").exit_code == 0
    copies = registries.aws.requests("CopyObject")
    assert {copy["CopySource"]: copy["Key"] for copy in copies} == {
        f"dev-bucket/{key}": key.replace("models/", "models/sentiment-dev/2/", 1) for key in KEYS
    }
    assert {copy["Bucket"] for copy in copies} == {"prod-bucket"}


def test_promotion_as_json(registries: Registries) -> None:
    assert json_output(promote("--json")) == {
        "approval": "PendingManualApproval",
        "arn": f"{ARN}:model-package/sentiment-prod/2",
        "changed": True,
        "metrics": {"accuracy": 0.86812, "auc": 0.94},
        "source_arn": f"{ARN}:model-package/sentiment-dev/2",
        "source_version": 2,
        "version": 2,
    }


def test_command_that_approves_the_version_is_shown(registries: Registries) -> None:
    assert "sentiment approve 2 -e prod --region us-east-1" in promote().stdout


def test_promoting_again_finds_the_version(registries: Registries) -> None:
    promote()
    registries.versions["prod"][0]["ModelApprovalStatus"] = "Rejected"
    again = json_output(promote("--json"))
    assert (again["version"], again["approval"], again["changed"]) == (2, "Rejected", False)
    assert len(registries.aws.requests("CreateModelPackage")) == 1
    assert len(registries.aws.requests("CopyObject")) == len(KEYS)
    assert "nothing was changed" in promote().stdout


def test_version_of_a_group_that_was_created_again_is_another_one(registries: Registries) -> None:
    promote()
    registries.versions["dev"][1]["CreationTime"] = START.replace(year=2027)
    promote()
    assert len(registries.aws.requests("CreateModelPackage")) == 2


def test_version_that_is_not_approved_is_refused(registries: Registries) -> None:
    assert_refused(promote("3"), 1, "version 3 (PendingManualApproval)", "approve 3 -e dev")
    assert "CopyObject" not in registries.aws.names()


@pytest.mark.parametrize(
    ("wanted", "code"), [("9", 2), (f"{ARN}:model-package/sentiment-prod/1", 2), (None, 1)]
)
def test_without_such_a_version_those_of_the_source_are_listed(
    registries: Registries, wanted: str | None, code: int
) -> None:
    del registries.versions["dev"][1]
    result = promote(*([wanted] if wanted else []))
    assert_refused(result, code, "sentiment-dev", "3 (PendingManualApproval)")


def test_one_environment_is_refused(registries: Registries) -> None:
    assert_refused(invoke("promote", "--from", "prod", "--to", "prod"), 2, "prod")


def test_version_of_another_pipeline_is_refused(registries: Registries) -> None:
    found = model("s3://elsewhere/things")
    registries.aws.on("DescribeModelPackage", package(2, "Approved", **found))
    assert_refused(promote(), 1, "s3://elsewhere/things/model/job/output/model.tar.gz")


def test_artifact_outside_the_bucket_is_refused(registries: Registries) -> None:
    found = model(DEV)
    found["CustomerMetadataProperties"]["vocabulary"] = "s3://elsewhere/models/vocabulary"
    registries.aws.on("DescribeModelPackage", package(2, "Approved", **found))
    assert_refused(promote(), 1, "s3://elsewhere/models/vocabulary")
    assert "CopyObject" not in registries.aws.names()


def test_deleted_artifact_is_an_error_and_nothing_is_registered(registries: Registries) -> None:
    registries.aws.on("ListObjectsV2", {})
    assert_refused(promote(), 1, "s3://dev-bucket/models/")
    assert "CreateModelPackage" not in registries.aws.names()


# Several accounts and regions


def configure(monkeypatch: pytest.MonkeyPatch, folder: Path, **environments: Any) -> None:
    """Write a cdk.json with these environments."""
    path = write_cdk_json(folder, {"environments": environments})
    monkeypatch.setattr("operations.environments.CDK_JSON", path)


@pytest.fixture
def two_accounts(
    registries: Registries, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Registries:
    """The registries, with dev in another account."""
    configure(
        monkeypatch,
        tmp_path,
        dev={"region": "us-east-1", "account": DEV_ACCOUNT},
        prod={"region": "us-east-1", "account": ACCOUNT},
    )
    registries.versions["dev"] = [version("dev", 2, "Approved", DEV_ACCOUNT)]
    return registries


def test_group_of_another_account_is_named_by_its_arn(two_accounts: Registries) -> None:
    assert promote().exit_code == 0
    requests = two_accounts.aws.requests("ListModelPackages")
    group = f"arn:aws:sagemaker:us-east-1:{DEV_ACCOUNT}:model-package-group/sentiment-dev"
    assert requests[0]["ModelPackageGroupName"] == group
    assert requests[-1]["ModelPackageGroupName"] == "sentiment-prod"


def test_buckets_must_belong_to_the_accounts(two_accounts: Registries) -> None:
    promote()
    owners = {
        (copy["ExpectedSourceBucketOwner"], copy["ExpectedBucketOwner"])
        for copy in two_accounts.aws.requests("CopyObject")
    }
    assert owners == {(DEV_ACCOUNT, ACCOUNT)}
    [owner] = {asked["ExpectedBucketOwner"] for asked in two_accounts.aws.requests("ListObjectsV2")}
    assert owner == DEV_ACCOUNT


@pytest.mark.parametrize(
    ("operation", "code"),
    [("ListModelPackages", "AccessDeniedException"), ("CopyObject", "AccessDenied")],
)
def test_denied_access_names_the_setting(
    two_accounts: Registries, operation: str, code: str
) -> None:
    two_accounts.aws.on(operation, error(code, "not authorized"))
    assert_refused(promote(), 1, "sentiment-dev", "model_readers", "operations/policy.json")


def test_missing_group_names_the_setting_of_its_account(registries: Registries) -> None:
    registries.aws.on("ListModelPackages", error("ValidationException", "does not exist"))
    assert_refused(promote(), 1, "sentiment-dev", "account of dev in cdk.json")


def test_two_regions_are_refused(
    registries: Registries, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    regions = {"dev": {"region": "eu-west-1"}, "prod": {"region": "us-east-1"}}
    configure(monkeypatch, tmp_path, **regions)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert_refused(promote(), 2, "eu-west-1", "us-east-1")
