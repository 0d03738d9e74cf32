"""preflight: each check passes, warns or fails for what it is about, with the remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from tests.support.aws_samples import (
    ACCOUNT,
    BUCKET,
    PIPELINE_ARN,
    definition,
    invoke,
    pipeline,
    told,
)
from tests.support.scripted_aws import ScriptedAws, error

SKLEARN = "image sagemaker-scikit-learn:1.4-2-py312-cpu-py3"
XGBOOST = "image sagemaker-xgboost:3.0-5"
QUOTAS = {
    "ml.m5.large for processing job usage": 4.0,
    "ml.m5.large for training job usage": 4.0,
    "ml.m5.large for transform job usage": 4.0,
}


def quota(name: str, value: float) -> dict[str, Any]:
    return {"QuotaName": name, "Value": value}


@pytest.fixture
def sound(aws: ScriptedAws) -> ScriptedAws:
    """An account in which nothing would fail."""
    aws.on("GetCallerIdentity", {"Arn": f"arn:aws:iam::{ACCOUNT}:user/x", "Account": ACCOUNT})
    aws.on("DescribeRegions", {"Regions": [{"OptInStatus": "opt-in-not-required"}]})
    aws.on("GetParameter", {"Parameter": {"Value": "28"}})
    aws.on("DescribePipeline", pipeline())
    aws.on("HeadBucket", {})
    rows = [quota("Number of pipelines", 1000.0)], [quota(*item) for item in QUOTAS.items()]
    aws.pages("ListServiceQuotas", "Quotas", *rows)
    aws.on("BatchGetImage", {"images": [{"imageManifest": "{}"}], "failures": []})
    return aws


def checks() -> dict[str, tuple[str, str]]:
    document = told(invoke("preflight", "--json"))
    return {check["name"]: (check["status"], check["message"]) for check in document["checks"]}


def insist_failed(name: str, *, status: str = "failed") -> str:
    """Only this check isn't ok, and the exit code says so; its message is returned."""
    found = checks()
    assert [check for check, (status, _) in found.items() if status != "ok"] == [name]
    assert found[name][0] == status
    assert invoke("preflight").exit_code == (1 if status == "failed" else 0)
    return found[name][1]


def test_a_sound_account_passes_every_check(sound: ScriptedAws) -> None:
    result = invoke("preflight", "--json")
    assert (result.exit_code, told(result)["passed"]) == (0, True)
    assert checks() == {
        "credentials": ("ok", f"arn:aws:iam::{ACCOUNT}:user/x"),
        "region": ("ok", "us-east-1 (opt-in-not-required)"),
        "CDK bootstrap": ("ok", "version 28"),
        "pipeline": ("ok", PIPELINE_ARN),
        "bucket": ("ok", BUCKET),
        **{f"quota {name}": ("ok", "4, and 1 needed") for name in QUOTAS},
        SKLEARN: ("ok", "in registry 683313688378, us-east-1"),
        XGBOOST: ("ok", "in registry 683313688378, us-east-1"),
    }


def test_people_see_a_line_for_each_check(sound: ScriptedAws) -> None:
    sound.on("HeadBucket", error("404", "Not Found", "HeadBucket", 404))
    lines = invoke("preflight").stdout.splitlines()
    assert lines[0] == f"✓ credentials: arn:aws:iam::{ACCOUNT}:user/x"
    assert f"✗ bucket: {BUCKET} doesn't exist; deploy the stack anew" in lines


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (NoCredentialsError(), "can't be checked: there are no AWS credentials ("),
        (
            error("ExpiredToken", "expired", "GetCallerIdentity"),
            "can't be checked: the AWS credentials are expired or unknown (ExpiredToken)",
        ),
    ],
)
def test_without_credentials_nothing_else_is_looked_at(
    sound: ScriptedAws, trouble: Exception, message: str
) -> None:
    sound.on("GetCallerIdentity", trouble)
    found = checks()
    assert list(found) == ["credentials"]
    assert found["credentials"][0] == "failed"
    assert found["credentials"][1].startswith(message)


@pytest.mark.parametrize(
    ("region", "home"),
    [("eu-central-2", "us-east-1"), ("cn-northwest-1", "cn-north-1")],
)
def test_credentials_and_regions_are_asked_for_where_every_account_is_at_home(
    sound: ScriptedAws, region: str, home: str
) -> None:
    invoke("preflight", "--region", region)
    assert sound.regions["GetCallerIdentity"] == sound.regions["DescribeRegions"] == home
    assert sound.regions["DescribePipeline"] == region
    assert sound.requests("DescribeRegions") == [{"RegionNames": [region], "AllRegions": True}]


def test_a_region_that_is_not_enabled_fails(sound: ScriptedAws) -> None:
    sound.on("DescribeRegions", {"Regions": [{"OptInStatus": "not-opted-in"}]})
    assert insist_failed("region").startswith("the account hasn't enabled us-east-1; enable it")


def test_a_region_that_does_not_exist_fails(sound: ScriptedAws) -> None:
    sound.on("DescribeRegions", error("InvalidParameterValue", "no such region"))
    assert insist_failed("region") == ("us-east-1 is no region of AWS; choose another --region")


def test_a_region_that_was_never_bootstrapped_fails(sound: ScriptedAws) -> None:
    sound.on("GetParameter", error("ParameterNotFound", "no"))
    assert insist_failed("CDK bootstrap") == (
        "there is no parameter /cdk-bootstrap/hnb659fds/version; run `make bootstrap` for us-east-1"
    )


def test_a_bootstrap_of_long_ago_fails(sound: ScriptedAws) -> None:
    sound.on("GetParameter", {"Parameter": {"Value": "5"}})
    assert insist_failed("CDK bootstrap").startswith("version 5 is too old; run `make bootstrap`")


def test_before_the_first_deployment_quotas_are_held_against_the_committed_definition(
    sound: ScriptedAws,
) -> None:
    sound.on("DescribePipeline", error("ResourceNotFound", "no"))
    sound.pages("ListPipelines", "PipelineSummaries", [])
    assert insist_failed("pipeline").startswith("there is no pipeline sentiment-dev in us-east-1")
    looked_at = ["credentials", "region", "CDK bootstrap", "pipeline"]
    assert list(checks()) == [*looked_at, *(f"quota {name}" for name in QUOTAS)]


def test_a_pipeline_that_is_being_deleted_fails(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", pipeline(status="Deleting"))
    assert insist_failed("pipeline").startswith("sentiment-dev is Deleting; wait, or deploy it")


def test_a_quota_below_what_is_needed_fails_with_its_name(sound: ScriptedAws) -> None:
    rows = [quota(name, 0.0 if "transform" in name else value) for name, value in QUOTAS.items()]
    sound.pages("ListServiceQuotas", "Quotas", rows)
    message = insist_failed("quota ml.m5.large for transform job usage")
    assert message.startswith("0, and 1 needed; ask for more in Service Quotas")


def test_a_quota_that_nobody_ever_raised_is_found_among_the_defaults(sound: ScriptedAws) -> None:
    sound.pages("ListServiceQuotas", "Quotas", [quota("ml.m5.large for training job usage", 7.0)])
    defaults = [quota(name, 1.0) for name in QUOTAS]
    sound.pages("ListAWSDefaultServiceQuotas", "Quotas", defaults)
    found = checks()
    assert found["quota ml.m5.large for training job usage"] == ("ok", "7, and 1 needed")
    assert found["quota ml.m5.large for transform job usage"] == ("ok", "1, and 1 needed")


def test_a_type_that_no_quota_knows_is_a_warning(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", pipeline(definition(TrainingInstanceType="ml.x9.tiny")))
    sound.pages("ListAWSDefaultServiceQuotas", "Quotas", [])
    message = insist_failed("quota ml.x9.tiny for training job usage", status="warning")
    assert message == "unknown; ml.x9.tiny may not be offered in us-east-1"


def test_instances_are_counted_and_spare_capacity_has_a_quota_of_its_own(
    sound: ScriptedAws,
) -> None:
    document = json.loads(definition(TrainingInstanceCount=3))
    for step in document["Steps"]:
        if step["Type"] == "Training":
            step["Arguments"]["EnableManagedSpotTraining"] = True
    sound.on("DescribePipeline", pipeline(json.dumps(document)))
    names = [*QUOTAS, "ml.m5.large for spot training job usage"]
    sound.pages("ListServiceQuotas", "Quotas", [quota(name, 2.0) for name in names])
    message = insist_failed("quota ml.m5.large for spot training job usage")
    assert message.startswith("2, and 3 needed; ")
    assert "quota ml.m5.large for training job usage" not in checks()


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("DescribeRegions", "region"),
        ("GetParameter", "CDK bootstrap"),
        ("HeadBucket", "bucket"),
        ("ListServiceQuotas", "quotas"),
    ],
)
def test_what_may_not_be_looked_at_is_a_warning(
    sound: ScriptedAws, operation: str, name: str
) -> None:
    sound.on(operation, error("AccessDenied", "no", operation, 403))
    message = insist_failed(name, status="warning")
    assert message.startswith(f"can't be checked: AWS refuses {operation}: no; docs/operations.md")


def test_an_image_that_is_not_there_fails(sound: ScriptedAws) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["repositoryName"] == "sagemaker-xgboost":
            assert request["imageIds"] == [{"imageTag": "3.0-5"}]
            return {"images": [], "failures": [{"failureReason": "image not found"}]}
        return {"images": [{"imageManifest": "{}"}], "failures": []}

    sound.on("BatchGetImage", answer)
    assert insist_failed(XGBOOST) == "not in registry 683313688378, us-east-1: image not found"


def test_a_registry_that_does_not_answer_is_a_warning(sound: ScriptedAws) -> None:
    sound.on("BatchGetImage", error("RepositoryNotFoundException", "no", "BatchGetImage"))
    found = checks()
    assert {found[SKLEARN][0], found[XGBOOST][0]} == {"warning"}


def test_a_definition_of_another_kind_is_a_warning_not_a_traceback(sound: ScriptedAws) -> None:
    sound.on("DescribePipeline", pipeline(definition().replace("2020-12-01", "2030-01-01")))
    message = insist_failed("quotas", status="warning")
    assert message.startswith("can't be checked: the definition's Version must be")
