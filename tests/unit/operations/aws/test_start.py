"""`sentiment start`: validation, uploads, and the request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.aws.client import Deployment, connected
from operations.aws.upload import upload_dataset
from operations.progress import Progress
from tests.support.archives import tiny_dataset
from tests.support.aws_samples import (
    BUCKET,
    HERE,
    ID,
    SUCCEEDED,
    execution,
    pipeline,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

CHANGES = {"PutObject", "StartPipelineExecution"}


def sent(aws: ScriptedAws) -> dict[str, Any]:
    (request,) = aws.requests("StartPipelineExecution")
    return request


def test_start_without_options_uses_the_deployed_defaults(ready: ScriptedAws) -> None:
    result = invoke("start")
    assert result.exit_code == 0
    request = sent(ready)
    assert len(request.pop("ClientRequestToken")) == 32
    assert request == {"PipelineName": "sentiment-dev", "PipelineParameters": []}
    assert result.stdout.splitlines() == [
        f"Executing: execution {ID}",
        "console      https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1"
        "#/studio-landing",
        f"next         sentiment watch {ID} {HERE}",
    ]


def test_each_start_has_a_token_of_its_own(ready: ScriptedAws) -> None:
    invoke("start")
    invoke("start")
    tokens = [request["ClientRequestToken"] for request in ready.requests("StartPipelineExecution")]
    assert len(set(tokens)) == 2


def test_the_start_as_json_names_the_execution(ready: ScriptedAws) -> None:
    document = json_output(invoke("start", "--json"))
    assert (document["execution_id"], document["status"]) == (ID, "Executing")
    assert document["console_url"].endswith("#/studio-landing")


def test_parameters_are_sent_as_text(ready: ScriptedAws) -> None:
    values = {
        "MaxDepth": "07",
        "Eta": "1e-1",
        "FeatureFormat": "text/csv",
        "DatasetUri": "s3://b/k",
        "DatasetVersion": "1",
    }
    arguments = [f"--parameter={name}={value}" for name, value in values.items()]
    assert invoke("start", *arguments, "--name", "a-name").exit_code == 0
    request = sent(ready)
    assert request["PipelineExecutionDisplayName"] == "a-name"
    assert request["PipelineParameters"] == [
        {"Name": "DatasetUri", "Value": "s3://b/k"},
        {"Name": "DatasetVersion", "Value": "1"},
        {"Name": "Eta", "Value": "0.1"},
        {"Name": "FeatureFormat", "Value": "text/csv"},
        {"Name": "MaxDepth", "Value": "7"},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parameter", "MaxDeph=5"], "'MaxDeph'"),
        (
            ["--parameter", "MaxDepth=five"],
            "MaxDepth",
        ),
        (
            ["--parameter", "FeatureFormat=csv"],
            "FeatureFormat",
        ),
        (["--parameter", "Eta=7"], "Eta must be "),
        (["--parameter", f"TextColumn={'x' * 257}"], "TextColumn"),
        (["--dataset", f"https://host/{'x' * 256}"], "256"),
        (["--name", "-x"], "--name '-x'"),
        (["--name", "a" * 83], "--name"),
        (
            ["--dataset", "demo", "--parameter", "DatasetUri=s3://b/k"],
            "DatasetUri",
        ),
    ],
    ids=[
        "name",
        "type",
        "enum",
        "range",
        "length",
        "long address",
        "display name",
        "long display name",
        "dataset twice",
    ],
)
def test_invalid_request_is_a_usage_error_before_anything_is_sent(
    ready: ScriptedAws, arguments: list[str], message: str
) -> None:
    result = invoke("start", *arguments)
    assert_refused(result, 2, message)
    assert CHANGES.isdisjoint(ready.names())


def test_parameters_are_validated_against_the_deployed_definition(
    ready: ScriptedAws,
) -> None:
    document = json.loads(pipeline()["PipelineDefinition"])
    document["Parameters"] = [{"Name": "Other", "Type": "Integer", "DefaultValue": 1}]
    ready.on("DescribePipeline", pipeline(json.dumps(document)))
    result = invoke("start", "--parameter", "MaxDepth=5")
    assert_refused(result, 2, "the definition has no parameter 'MaxDepth'")


def test_unknown_version_of_the_deployed_definition_is_an_error(ready: ScriptedAws) -> None:
    ready.on("DescribePipeline", pipeline('{"Version": "2030-01-01", "Steps": []}'))
    result = invoke("start")
    assert_refused(result, 1, "sentiment-dev", "2030-01-01")


def test_a_refused_start_is_an_error(ready: ScriptedAws) -> None:
    ready.on(
        "StartPipelineExecution",
        error("ResourceLimitExceeded", "too many executions", "StartPipelineExecution"),
    )
    result = invoke("start")
    assert (result.exit_code, result.stdout) == (1, "")
    [_, line] = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "too many executions (ResourceLimitExceeded)" in line


@pytest.mark.parametrize(("status", "code"), [("Succeeded", 0), ("Failed", 1), ("Stopped", 1)])
def test_wait_watches_it_to_its_end(ready: ScriptedAws, status: str, code: int) -> None:
    ready.on("DescribePipelineExecution", execution("Executing"), execution(status))
    ready.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", SUCCEEDED)
    result = invoke("start", "--wait", "--json")
    assert (result.exit_code, json_output(result)["status"]) == (code, status)


# Datasets


@pytest.mark.parametrize(
    "address", ["s3://other/a.tar.gz", "https://host/a.tar.gz", "http://host/a.tar"]
)
def test_dataset_uri_is_passed_on_unchanged(ready: ScriptedAws, address: str) -> None:
    assert invoke("start", "--dataset", address).exit_code == 0
    sent_values = {it["Name"]: it["Value"] for it in sent(ready)["PipelineParameters"]}
    assert sent_values["DatasetUri"] == address
    assert "PutObject" not in ready.names()


def test_uploaded_archive_is_not_uploaded_again(ready: ScriptedAws, tmp_path: Path) -> None:
    archive = tiny_dataset(tmp_path / "reviews.tar")
    ready.on("HeadObject", {"ContentLength": archive.stat().st_size})
    result = invoke("start", "--dataset", str(archive))
    name = f"{hashlib.sha256(archive.read_bytes()).hexdigest()[:16]}/reviews.tar"
    assert ready.requests("HeadObject") == [
        {"Bucket": BUCKET, "Key": f"executions/datasets/{name}"}
    ]
    uri = f"s3://{BUCKET}/executions/datasets/{name}"
    assert sent(ready)["PipelineParameters"] == [{"Name": "DatasetUri", "Value": uri}]
    assert f"dataset {uri} (already uploaded)\n" in result.stderr


def test_a_file_whose_address_would_be_too_long_is_refused_before_the_upload(
    ready: ScriptedAws, tmp_path: Path
) -> None:
    archive = tiny_dataset(tmp_path / f"{'x' * 240}.tar")
    assert_refused(invoke("start", "--dataset", str(archive)), 2, "DatasetUri", "256")
    assert CHANGES.isdisjoint(ready.names())


@pytest.mark.parametrize("option", ["--dataset={}", "--parameter=DatasetUri={}"])
def test_a_broken_dataset_is_refused_with_its_own_path_before_anything_is_sent(
    ready: ScriptedAws, tmp_path: Path, option: str
) -> None:
    table = tmp_path / "my reviews.csv"
    table.write_text("text,stars\nA film.,5\n")
    assert_refused(invoke("start", option.format(table)), 2, f"{table}: ", "'stars'")
    assert ready.names() == ["DescribePipeline"]


def test_missing_dataset_is_a_usage_error_before_anything_is_sent(ready: ScriptedAws) -> None:
    assert_refused(invoke("start", "--dataset", "none.tar.gz"), 2, "none.tar.gz: ")
    assert ready.names() == ["DescribePipeline"]


def test_denied_access_to_the_bucket_is_an_error(ready: ScriptedAws, tmp_path: Path) -> None:
    tiny_dataset(tmp_path / "a.tar")
    ready.on("HeadObject", error("403", "Forbidden", "HeadObject", 403))
    result = invoke("start", "--dataset", str(tmp_path / "a.tar"))
    assert_refused(result, 1, "access denied to HeadObject")


def test_nothing_is_started_after_a_failed_upload(ready: ScriptedAws, tmp_path: Path) -> None:
    tiny_dataset(tmp_path / "a.tar")
    ready.on("HeadObject", error("404", "Not Found", "HeadObject", 404))
    ready.on("PutObject", error("AccessDenied", "no", "PutObject", 403))
    result = invoke("start", "--dataset", str(tmp_path / "a.tar"))
    assert "access denied to PutObject" in result.stderr
    assert result.exit_code == 1
    assert "StartPipelineExecution" not in ready.names()


@pytest.fixture
def bucket(operator: None) -> Iterator[Any]:
    """A bucket in moto, which checks keys and bytes independently."""
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield s3


def upload(dataset: str) -> str:
    with connected("dev", None) as deployment, Progress(quiet=True) as progress:
        return upload_dataset(deployment, BUCKET, dataset, progress)


def stored(s3: Any) -> dict[str, bytes]:
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_an_archive_is_uploaded_under_a_name_of_its_content(bucket: Any, tmp_path: Path) -> None:
    archive = tmp_path / "my reviews#1 ü.tar"
    archive.write_bytes(b"reviews")
    key = f"executions/datasets/{hashlib.sha256(b'reviews').hexdigest()[:16]}/{archive.name}"
    assert upload(str(archive)) == f"s3://{BUCKET}/{key}"
    assert stored(bucket) == {key: b"reviews"}


def test_the_same_archive_is_uploaded_once_and_a_changed_one_again(
    bucket: Any, tmp_path: Path
) -> None:
    archive = tmp_path / "a.tar"
    archive.write_bytes(b"one")
    first = upload(str(archive))
    (before,) = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert upload(str(archive)) == first
    (after,) = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert after["LastModified"] == before["LastModified"]
    archive.write_bytes(b"two")
    assert upload(str(archive)) != first
    assert sorted(stored(bucket).values()) == [b"one", b"two"]


def test_folder_is_packed_and_uploaded_once_regardless_of_times(
    bucket: Any, tmp_path: Path
) -> None:
    for name in ("train/pos/0_9.txt", "test/neg/0_1.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True)
        path.write_text("text")
    first = upload(str(tmp_path / "in"))
    assert first.endswith("/in.tar")
    (tmp_path / "in/train/pos/0_9.txt").touch()
    assert upload(str(tmp_path / "in")) == first
    assert len(stored(bucket)) == 1


def test_folder_of_tables_is_uploaded_below_one_prefix_without_existing_files(
    bucket: Any, tmp_path: Path
) -> None:
    (tmp_path / "in/2026").mkdir(parents=True)
    (tmp_path / "in/a.csv").write_bytes(b"one")
    (tmp_path / "in/2026/b.csv").write_bytes(b"two")
    uri = upload(str(tmp_path / "in"))
    assert uri.startswith(f"s3://{BUCKET}/executions/datasets/")
    assert uri.endswith("/in/")
    prefix = uri.removeprefix(f"s3://{BUCKET}/")
    assert stored(bucket) == {f"{prefix}a.csv": b"one", f"{prefix}2026/b.csv": b"two"}
    bucket.delete_object(Bucket=BUCKET, Key=f"{prefix}a.csv")
    (before,) = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert upload(str(tmp_path / "in")) == uri
    after = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [found["Key"] for found in after] == [f"{prefix}2026/b.csv", f"{prefix}a.csv"]
    assert after[0]["LastModified"] == before["LastModified"]


def test_a_large_archive_arrives_in_parts_and_whole(bucket: Any, tmp_path: Path) -> None:
    archive = tmp_path / "large.tar"
    archive.write_bytes(bytes(range(256)) * 70_000)
    upload(str(archive))
    (content,) = stored(bucket).values()
    assert content == archive.read_bytes()


def test_demo_dataset_is_uploaded(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = tmp_path / "demo-2-1.tar"
    demo.write_bytes(b"demo")
    monkeypatch.setattr("operations.aws.upload.demo", lambda _folder: demo)
    name = f"{hashlib.sha256(b'demo').hexdigest()[:16]}/demo-2-1.tar"
    assert upload("demo") == f"s3://{BUCKET}/executions/datasets/{name}"


def test_upload_progress_is_in_megabytes(
    bucket: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "a.tar").write_bytes(b"x")
    shown: list[str] = []
    monkeypatch.setattr(Progress, "set_status", lambda _, text: shown.append(text))
    with Progress(quiet=False) as progress:
        uri = upload_dataset(Deployment.of("dev", None), BUCKET, str(tmp_path / "a.tar"), progress)
    assert capsys.readouterr().err == f"dataset {uri}\n"
    assert shown[-1] == "uploading 0 of 0 MB"
