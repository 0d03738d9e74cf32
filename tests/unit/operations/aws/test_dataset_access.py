"""`sentiment start` refuses a dataset in S3 that doesn't exist or that the role can't read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws_samples import BUCKET, DEPLOYED, simulated
from tests.support.command_line import assert_refused, invoke
from tests.support.scripted_aws import ScriptedAws, error

URI = "s3://theirs/movies/reviews.csv"
KEY = "arn:aws:kms:eu-west-1:999988887777:key/1"


def _denied(action: str) -> Any:
    return lambda request: simulated(
        "implicitDeny" if request["ActionNames"] == [action] else "allowed"
    )


@pytest.mark.parametrize(
    ("uri", "resource"),
    [
        pytest.param(URI, "arn:aws:s3:::theirs/movies/reviews.csv", id="object"),
        pytest.param("s3://theirs/movies/", "arn:aws:s3:::theirs/movies/any", id="folder"),
    ],
)
def test_role_is_asked_for_the_object_or_one_in_the_folder(
    ready: ScriptedAws, uri: str, resource: str
) -> None:
    ready.on("ListObjectsV2", {"Contents": [{"Key": "movies/reviews.csv"}]})
    assert invoke("start", "--dataset", uri).exit_code == 0
    [request] = ready.requests("SimulatePrincipalPolicy")
    assert request["PolicySourceArn"] == DEPLOYED["ExecutionRoleArn"]
    assert (request["ActionNames"], request["ResourceArns"]) == (["s3:GetObject"], [resource])


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
@pytest.mark.parametrize(
    "option", [("--dataset", URI), ("--parameter", f"DatasetUri={URI}")], ids=["option", "value"]
)
def test_dataset_that_the_role_may_not_read_starts_nothing(
    ready: ScriptedAws, decision: str, option: tuple[str, str]
) -> None:
    ready.on("SimulatePrincipalPolicy", simulated(decision))
    assert_refused(invoke("start", *option), 1, "dataset_prefixes")
    assert ready.requests("StartPipelineExecution") == []


def test_dataset_that_does_not_exist_starts_nothing(ready: ScriptedAws) -> None:
    ready.on("ListObjectsV2", {})
    assert_refused(invoke("start", "--dataset", URI), 2, URI)
    assert ready.requests("StartPipelineExecution") == []


def test_role_is_not_asked_for_its_own_bucket(ready: ScriptedAws) -> None:
    assert invoke("start", "--dataset", f"s3://{BUCKET}/raw/reviews.csv").exit_code == 0
    assert ready.requests("SimulatePrincipalPolicy") == []


def test_what_the_caller_may_not_find_out_stops_nothing(ready: ScriptedAws) -> None:
    for operation in ("ListObjectsV2", "HeadObject", "SimulatePrincipalPolicy"):
        ready.on(operation, error("AccessDenied", "no"))
    result = invoke("start", "--dataset", URI)
    assert result.exit_code == 0
    assert "warning" not in result.stderr


def test_key_that_the_role_may_not_use_is_a_warning(ready: ScriptedAws) -> None:
    ready.on("HeadObject", {"SSEKMSKeyId": KEY})
    ready.on("SimulatePrincipalPolicy", _denied("kms:Decrypt"))
    result = invoke("start", "--dataset", URI)
    assert result.exit_code == 0
    assert KEY in result.stderr
    assert "dataset_keys" in result.stderr
    context = ready.requests("SimulatePrincipalPolicy")[1]["ContextEntries"]
    assert {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in context} == {
        "kms:ViaService": ["s3.eu-west-1.amazonaws.com"],
        "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::theirs/movies/reviews.csv"],
    }
