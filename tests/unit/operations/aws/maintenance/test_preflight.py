"""`sentiment preflight`: each check passes, warns or fails, with the remedy."""

from __future__ import annotations

import json
import re
from email.message import Message
from http.client import BadStatusLine
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest
from botocore.exceptions import NoCredentialsError

from tests.support.aws_samples import (
    ACCOUNT,
    ARN,
    BUCKET,
    GROUP,
    HERE,
    PIPELINE_ARN,
    START,
    definition,
    pipeline,
    simulated,
)
from tests.support.cdk_context import CONTEXT, write_cdk_json
from tests.support.command_line import invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

SKLEARN = "image sagemaker-scikit-learn:1.4-2-py312-cpu-py3"
XGBOOST = "image sagemaker-xgboost:3.0-5"
DATASET = f"s3://{BUCKET}/raw/reviews.csv"
QUOTAS = {
    "ml.m5.large for processing job usage": 4.0,
    "ml.m5.large for training job usage": 4.0,
    "ml.m5.large for transform job usage": 4.0,
}


def quota(name: str, value: float) -> dict[str, Any]:
    return {"QuotaName": name, "Value": value}


def deployed(dataset_uri: str, **defaults: Any) -> dict[str, Any]:
    """DescribePipeline with this default dataset."""
    return pipeline(definition(DatasetUri=dataset_uri, **defaults))


@pytest.fixture
def sound(aws: ScriptedAws) -> ScriptedAws:
    """An account in which every check passes."""
    aws.on("GetCallerIdentity", {"Arn": f"arn:aws:iam::{ACCOUNT}:user/x", "Account": ACCOUNT})
    aws.on("DescribeRegions", {"Regions": [{"OptInStatus": "opt-in-not-required"}]})
    aws.on("GetParameter", {"Parameter": {"Value": "28"}})
    aws.on("DescribePipeline", deployed(DATASET))
    aws.on("HeadBucket", {})
    aws.on("ListObjectsV2", {"Contents": [{"Key": "raw/reviews.csv"}]})
    rows = [quota("Number of pipelines", 1000.0)], [quota(*item) for item in QUOTAS.items()]
    aws.pages("ListServiceQuotas", "Quotas", *rows)
    aws.on("BatchGetImage", {"images": [{"imageManifest": "{}"}], "failures": []})
    return aws


def checks() -> dict[str, tuple[str, str]]:
    document = json_output(invoke("preflight", "--json"))
    return {check["name"]: (check["status"], check["message"]) for check in document["checks"]}


def assert_failed(name: str, *, status: str = "failed") -> str:
    """Check that only this check isn't ok, and the exit code; return its message."""
    found = checks()
    assert [check for check, (status, _) in found.items() if status != "ok"] == [name]
    assert found[name][0] == status
    assert invoke("preflight").exit_code == (1 if status == "failed" else 0)
    return found[name][1]


def test_a_sound_account_passes_every_check(sound: ScriptedAws) -> None:
    result = invoke("preflight", "--json")
    assert (result.exit_code, json_output(result)["passed"]) == (0, True)
    assert checks() == {
        "credentials": ("ok", f"arn:aws:iam::{ACCOUNT}:user/x"),
        "region": ("ok", "us-east-1 (opt-in-not-required)"),
        "CDK bootstrap": ("ok", "version 28"),
        "pipeline": ("ok", PIPELINE_ARN),
        "bucket": ("ok", BUCKET),
        "dataset": ("ok", DATASET),
        **{f"quota {name}": ("ok", "4, 1 required") for name in QUOTAS},
        SKLEARN: ("ok", "in registry 683313688378, us-east-1"),
        XGBOOST: ("ok", "in registry 683313688378, us-east-1"),
    }


def test_text_output_has_a_line_for_each_check(sound: ScriptedAws) -> None:
    sound.on("HeadBucket", error("404", "Not Found", "HeadBucket", 404))
    lines = invoke("preflight").stdout.splitlines()
    assert lines[0] == f"✓ credentials: arn:aws:iam::{ACCOUNT}:user/x"
    assert [line for line in lines if line.startswith(f"✗ bucket: {BUCKET} ")]


@pytest.mark.parametrize(
    "trouble", [NoCredentialsError(), error("ExpiredToken", "expired", "GetCallerIdentity")]
)
def test_without_credentials_nothing_else_is_checked(
    sound: ScriptedAws, trouble: Exception
) -> None:
    sound.on("GetCallerIdentity", trouble)
    found = checks()
    assert list(found) == ["credentials"]
    assert found["credentials"][0] == "failed"
    assert "AWS credentials" in found["credentials"][1]


@pytest.mark.parametrize(
    ("region", "default"),
    [("eu-central-2", "us-east-1"), ("cn-northwest-1", "cn-north-1")],
)
def test_credentials_and_regions_are_checked_in_the_default_region(
    sound: ScriptedAws, region: str, default: str
) -> None:
    invoke("preflight", "--region", region)
    assert sound.regions["GetCallerIdentity"] == sound.regions["DescribeRegions"] == default
    assert sound.regions["DescribePipeline"] == region
    assert sound.requests("DescribeRegions") == [{"RegionNames": [region], "AllRegions": True}]


def test_a_region_that_is_not_enabled_fails(sound: ScriptedAws) -> None:
    sound.on("DescribeRegions", {"Regions": [{"OptInStatus": "not-opted-in"}]})
    assert "us-east-1 isn't enabled" in assert_failed("region")


def test_a_region_that_does_not_exist_fails(sound: ScriptedAws) -> None:
    sound.on("DescribeRegions", error("InvalidParameterValue", "no such region"))
    assert "us-east-1 isn't an AWS region" in assert_failed("region")


def test_region_without_bootstrap_fails(sound: ScriptedAws) -> None:
    sound.on("GetParameter", error("ParameterNotFound", "no"))
    assert "/cdk-bootstrap/hnb659fds/version" in assert_failed("CDK bootstrap")


def test_bootstrap_is_looked_up_by_the_qualifier(
    sound: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = {**CONTEXT, "@aws-cdk/core:bootstrapQualifier": "acme"}
    monkeypatch.setattr("operations.environments.CDK_JSON", write_cdk_json(tmp_path, context))
    sound.on("GetParameter", error("ParameterNotFound", "no", "GetParameter"))
    assert "/cdk-bootstrap/acme/version" in assert_failed("CDK bootstrap")


def test_credentials_of_another_account_than_the_environments_fail(
    sound: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = {"environments": {"dev": {"region": "us-east-1", "account": "999999999999"}}}
    monkeypatch.setattr("operations.environments.CDK_JSON", write_cdk_json(tmp_path, context))
    found = checks()
    assert list(found) == ["credentials"]
    assert found["credentials"][0] == "failed"
    assert {ACCOUNT, "999999999999"} <= set(re.findall("[0-9]{12}", found["credentials"][1]))


def test_outdated_bootstrap_fails(sound: ScriptedAws) -> None:
    sound.on("GetParameter", {"Parameter": {"Value": "5"}})
    assert "run `make bootstrap ENVIRONMENT=dev`" in assert_failed("CDK bootstrap")


def test_quotas_are_checked_against_the_committed_definition_before_a_deployment(
    sound: ScriptedAws,
) -> None:
    sound.on("DescribePipeline", error("ResourceNotFound", "no"))
    sound.pages("ListPipelines", "PipelineSummaries", [])
    assert "sentiment-dev" in assert_failed("pipeline")
    looked_at = ["credentials", "region", "CDK bootstrap", "pipeline"]
    assert list(checks()) == [*looked_at, *(f"quota {name}" for name in QUOTAS)]


def test_a_pipeline_that_is_being_deleted_fails(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", pipeline(definition(DatasetUri=DATASET), status="Deleting"))
    assert "sentiment-dev is Deleting" in assert_failed("pipeline")


def test_insufficient_quota_fails(sound: ScriptedAws) -> None:
    rows = [quota(name, 0.0 if "transform" in name else value) for name, value in QUOTAS.items()]
    sound.pages("ListServiceQuotas", "Quotas", rows)
    message = assert_failed("quota ml.m5.large for transform job usage")
    assert message.startswith("0, but 1 required; ")


def test_default_quotas_are_used_if_never_increased(sound: ScriptedAws) -> None:
    sound.pages("ListServiceQuotas", "Quotas", [quota("ml.m5.large for training job usage", 7.0)])
    defaults = [quota(name, 1.0) for name in QUOTAS]
    sound.pages("ListAWSDefaultServiceQuotas", "Quotas", defaults)
    found = checks()
    assert found["quota ml.m5.large for training job usage"] == ("ok", "7, 1 required")
    assert found["quota ml.m5.large for transform job usage"] == ("ok", "1, 1 required")


def test_instance_type_without_a_quota_is_a_warning(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", deployed(DATASET, TrainingInstanceType="ml.x9.tiny"))
    sound.pages("ListAWSDefaultServiceQuotas", "Quotas", [])
    message = assert_failed("quota ml.x9.tiny for training job usage", status="warning")
    assert "ml.x9.tiny" in message


def test_spot_training_has_its_own_quota(
    sound: ScriptedAws,
) -> None:
    document = json.loads(definition(DatasetUri=DATASET, TrainingInstanceCount=3))
    for step in document["Steps"]:
        if step["Type"] == "Training":
            step["Arguments"]["EnableManagedSpotTraining"] = True
    sound.on("DescribePipeline", pipeline(json.dumps(document)))
    names = [*QUOTAS, "ml.m5.large for spot training job usage"]
    sound.pages("ListServiceQuotas", "Quotas", [quota(name, 2.0) for name in names])
    message = assert_failed("quota ml.m5.large for spot training job usage")
    assert message.startswith("2, but 3 required; ")
    assert "quota ml.m5.large for training job usage" not in checks()


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("DescribeRegions", "region"),
        ("GetParameter", "CDK bootstrap"),
        ("HeadBucket", "bucket"),
        ("ListObjectsV2", "dataset"),
        ("ListServiceQuotas", "quotas"),
    ],
)
def test_missing_permission_is_a_warning(sound: ScriptedAws, operation: str, name: str) -> None:
    sound.on(operation, error("AccessDenied", "no", operation, 403))
    message = assert_failed(name, status="warning")
    assert message.startswith(f"not checked: access denied to {operation}: no")


def test_an_image_that_is_not_there_fails(sound: ScriptedAws) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["repositoryName"] == "sagemaker-xgboost":
            assert request["imageIds"] == [{"imageTag": "3.0-5"}]
            return {"images": [], "failures": [{"failureReason": "image not found"}]}
        return {"images": [{"imageManifest": "{}"}], "failures": []}

    sound.on("BatchGetImage", answer)
    assert assert_failed(XGBOOST) == "not in registry 683313688378, us-east-1: image not found"


def test_a_registry_that_does_not_answer_is_a_warning(sound: ScriptedAws) -> None:
    sound.on("BatchGetImage", error("RepositoryNotFoundException", "no", "BatchGetImage"))
    found = checks()
    assert {found[SKLEARN][0], found[XGBOOST][0]} == {"warning"}


def test_unknown_definition_version_is_a_warning(sound: ScriptedAws) -> None:
    sound.on(
        "DescribePipeline",
        pipeline(definition(DatasetUri=DATASET).replace("2020-12-01", "2030-01-01")),
    )
    message = assert_failed("quotas", status="warning")
    assert "2030-01-01" in message


# The default dataset


@pytest.mark.parametrize(
    ("uri", "keys", "status"),
    [
        ("s3://artifacts/raw/a.csv", [], "failed"),
        ("s3://artifacts/raw/a", ["raw/a/1.csv"], "failed"),
        ("s3://artifacts/raw/a/", ["raw/a/1.csv"], "ok"),
        ("s3://artifacts/raw/a/", ["raw/a/"], "failed"),
        ("s3://artifacts/raw/a.csv", ["raw/a.csv", "raw/a.csv2"], "ok"),
    ],
)
def test_dataset_in_s3_must_exist(
    sound: ScriptedAws, uri: str, keys: list[str], status: str
) -> None:
    sound.on("DescribePipeline", deployed(uri))
    sound.on("ListObjectsV2", {"Contents": [{"Key": key} for key in keys]} if keys else {})
    found = checks()["dataset"]
    assert found[0] == status
    assert uri in found[1]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    [asked] = sound.requests("ListObjectsV2")
    assert (asked["Bucket"], asked["Prefix"]) == (bucket, key)


def test_dataset_in_another_bucket_that_the_role_may_not_read_fails(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", deployed("s3://theirs/raw/reviews.csv"))
    sound.on("HeadObject", {})
    sound.on("SimulatePrincipalPolicy", simulated("allowed"))
    assert checks()["dataset"][0] == "ok"
    sound.on("SimulatePrincipalPolicy", simulated("implicitDeny"))
    assert "dataset_prefixes" in assert_failed("dataset")


def test_dataset_in_a_bucket_that_does_not_exist_fails(sound: ScriptedAws) -> None:
    sound.on("ListObjectsV2", error("NoSuchBucket", "no", "ListObjectsV2", 404))
    assert DATASET in assert_failed("dataset")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (BytesIO(b""), "ok"),
        (HTTPError("", 404, "Not Found", Message(), None), "failed"),
        (HTTPError("", 410, "Gone", Message(), None), "failed"),
        (HTTPError("", 403, "Forbidden", Message(), None), "warning"),
        (HTTPError("", 503, "Unavailable", Message(), None), "warning"),
        (URLError(OSError("no network")), "warning"),
        (TimeoutError(), "warning"),
        (BadStatusLine("?"), "warning"),
    ],
    ids=["ok", "404", "410", "403", "503", "no network", "timeout", "protocol"],
)
def test_dataset_on_the_web_must_exist_unless_that_is_unknown(
    sound: ScriptedAws, monkeypatch: pytest.MonkeyPatch, answer: Any, status: str
) -> None:
    asked: list[tuple[str, str]] = []

    def urlopen(request: Request, timeout: float) -> Any:
        assert timeout > 0
        asked.append((request.get_method(), request.full_url))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("operations.aws.maintenance.dataset_lookup.urlopen", urlopen)
    sound.on("DescribePipeline", deployed("https://host/reviews.tar.gz"))
    found = checks()["dataset"]
    assert (found[0], asked) == (status, [("HEAD", "https://host/reviews.tar.gz")])
    assert "https://host/reviews.tar.gz" in found[1]


def test_dataset_of_another_scheme_is_a_warning(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", deployed("ftp://host/reviews.csv"))
    assert "ftp://host/reviews.csv" in assert_failed("dataset", status="warning")


# The scoring pipeline needs an approved version


@pytest.mark.parametrize(
    ("approvals", "status", "mention"),
    [
        (["Rejected", "Approved", "PendingManualApproval"], "ok", "/2"),
        (
            ["PendingManualApproval", "PendingManualApproval", "Rejected"],
            "failed",
            f"`sentiment approve 2 {HERE}`",
        ),
        (["Rejected"], "failed", f"`sentiment start {HERE}`"),
        ([], "failed", f"`sentiment start {HERE}`"),
    ],
    ids=["approved", "pending", "rejected", "none"],
)
def test_scoring_requires_an_approved_version(
    sound: ScriptedAws, approvals: list[str], status: str, mention: str
) -> None:
    versions = [
        {
            "ModelPackageArn": f"{ARN}:model-package/{GROUP}/{number}",
            "ModelPackageVersion": number,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": approval,
            "CreationTime": START,
        }
        for number, approval in enumerate(approvals, 1)
    ]
    sound.pages("ListModelPackages", "ModelPackageSummaryList", versions)
    document = json_output(invoke("preflight", "--scoring", "--json"))
    [check] = [item for item in document["checks"] if item["name"] == "approved version"]
    assert check["status"] == status
    assert mention in check["message"]
    assert "dataset" not in {item["name"] for item in document["checks"]}
