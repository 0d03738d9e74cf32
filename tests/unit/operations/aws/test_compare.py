"""`sentiment compare` of executions on AWS, and of these with local ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_samples import (
    PIPELINE_ARN,
    SUCCEEDED,
    Body,
    definition,
    deploy,
    evaluate_job,
    execution,
    job_name,
    step,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.comparison_samples import execution as evaluated
from tests.support.comparison_samples import local_execution
from tests.support.scripted_aws import ScriptedAws, error

pytestmark = pytest.mark.usefixtures("comparison_in_process")

A, B = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
TABLES = ("predictions", "labels", "rows")


class Bucket:
    """Objects in S3, by key."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = dict(objects)

    def store(self, folder: Path, execution_id: str, errors: int) -> None:
        """Store the results of an execution."""
        found = evaluated(folder, execution_id, errors)
        places = {**dict.fromkeys(TABLES, "executions"), "evaluation": "models"}
        for name, place in places.items():
            for path in Path(found[name]).iterdir():
                self.objects[f"{place}/{execution_id}/{name}/{path.name}"] = path.read_bytes()

    def get(self, asked: dict[str, Any]) -> dict[str, Any] | Exception:
        if asked["Key"] not in self.objects:
            return error("NoSuchKey", "The specified key does not exist.", "GetObject", 404)
        return {"Body": Body(self.objects[asked["Key"]])}

    def list(self, asked: dict[str, Any]) -> dict[str, Any]:
        keys = [key for key in self.objects if key.startswith(asked["Prefix"])]
        return {"Contents": [{"Key": key} for key in keys]} if keys else {}


def _id(asked: dict[str, Any]) -> str:
    return str(asked["PipelineExecutionArn"].rpartition("/")[2])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The objects of two executions with different results."""
    found = Bucket({})
    folder = tmp_path_factory.mktemp("results")
    found.store(folder, A, 40)
    found.store(folder, B, 12)
    return found.objects


@pytest.fixture
def bucket(
    aws: ScriptedAws,
    results: Mapping[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bucket:
    """Two executions that differ in a parameter and in their results."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = Bucket(results)
    deploy(aws)
    parameters = {A: [], B: [{"Name": "MaxDepth", "Value": "7"}]}
    aws.on("DescribePipelineExecution", lambda asked: execution("Succeeded", _id(asked)))
    aws.on(
        "ListPipelineExecutionSteps",
        lambda asked: {
            "PipelineExecutionSteps": [
                *SUCCEEDED[:6],
                step("Evaluate", job=job_name("Evaluate", execution_id=_id(asked))),
            ]
        },
    )
    aws.on(
        "ListPipelineParametersForExecution",
        lambda asked: {"PipelineParameters": parameters[_id(asked)]},
    )
    aws.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    aws.on("DescribeProcessingJob", evaluate_job)
    aws.on("GetObject", found.get)
    aws.on("ListObjectsV2", found.list)
    return found


def compared(*words: str) -> Any:
    return json_output(invoke("compare", *words, "--json"))


def test_executions_are_compared_review_by_review(bucket: Bucket) -> None:
    found = compared(A, B)
    assert found["differences"] == {"parameters": {"MaxDepth": ["5", "7"]}}
    assert [it["environment"] for it in found["executions"]] == ["dev (us-east-1)"] * 2
    [comparison] = found["comparisons"]
    assert comparison["test"]["only_this"] == 28
    assert comparison["changed"]["newly_correct"]["examples"][0]["id"] == "part-00000/13"
    assert comparison["metrics"]["auc"]["paired"] is True


def test_results_are_downloaded_once(bucket: Bucket, aws: ScriptedAws, tmp_path: Path) -> None:
    first = compared(A, B)
    downloads = len(aws.requests("GetObject"))
    assert compared(A, B) == first
    again = aws.requests("GetObject")[downloads:]
    # The summary of an execution reads its evaluation.
    assert {request["Key"].rpartition("/")[2] for request in again} == {"evaluation.json"}
    folders = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_dir()}
    assert {*TABLES, "evaluation"} <= folders
    assert not any(name.startswith(".") for name in folders)


def test_expired_predictions_leave_the_bits(bucket: Bucket) -> None:
    for key in [key for key in bucket.objects if key.startswith(f"executions/{B}/predictions")]:
        del bucket.objects[key]
    result = invoke("compare", A, B, "--json")
    [comparison] = json_output(result)["comparisons"]
    assert comparison["test"]["kind"] == "mcnemar"
    assert comparison["changed"] is None
    assert B in comparison["unpaired_reason"]
    assert f"no predictions of {B}" in result.stderr


def test_operator_without_permission_for_predictions_sees_the_rest(
    bucket: Bucket, aws: ScriptedAws
) -> None:
    aws.on("ListObjectsV2", error("AccessDenied", "not authorized", "ListObjectsV2", 403))
    result = invoke("compare", A, B)
    assert result.exit_code == 0, result.output
    assert "access denied" in result.stderr
    assert "McNemar" in result.stdout


def test_deleted_evaluation_is_the_reason(bucket: Bucket) -> None:
    del bucket.objects[f"models/{B}/evaluation/evaluation.json"]
    found = compared(A, B)
    assert "evaluation.json" in found["executions"][1]["reason"]
    assert found["differences"] == {"parameters": {"MaxDepth": ["5", "7"]}}


def test_step_without_an_evaluation_is_the_reason(bucket: Bucket, aws: ScriptedAws) -> None:
    def without_outputs(asked: dict[str, Any]) -> dict[str, Any]:
        job = evaluate_job(asked)
        del job["ProcessingOutputConfig"]
        return job

    aws.on("DescribeProcessingJob", without_outputs)
    found = compared(A, B)
    assert all("no output 'evaluation'" in it["reason"] for it in found["executions"])
    assert found["differences"] == {"parameters": {"MaxDepth": ["5", "7"]}}


def test_failed_execution_is_compared_with_its_reason(bucket: Bucket, aws: ScriptedAws) -> None:
    failed = step("Train", "TrainingJob", "Failed", FailureReason="AlgorithmError: out of memory")
    aws.on("ListPipelineExecutionSteps", {"PipelineExecutionSteps": [failed]})
    found = compared(A, B)
    assert [it["reason"] for it in found["executions"]] == ["step Train: out of memory"] * 2


def test_execution_on_aws_is_compared_with_a_local_one(bucket: Bucket, tmp_path: Path) -> None:
    parameters = {"MaxDepth": 5, "ArtifactsUri": "s3://sentiment-local"}
    local = local_execution(tmp_path / "work", 12, parameters)
    words = (A, local, "--workdir", str(tmp_path / "work"), "-e", "dev")
    found = compared(*words)
    assert found["differences"]["environment"] == {"environment": ["dev (us-east-1)", "local"]}
    assert not {"ArtifactsUri", "MaxDepth"} & found["differences"]["parameters"].keys()
    assert found["comparisons"][0]["test"]["only_this"] == 28


def test_settings_of_the_definitions_are_compared(bucket: Bucket, aws: ScriptedAws) -> None:
    other = json.loads(definition())
    train = next(it for it in other["Steps"] if it["Name"] == "Train")
    train["Arguments"]["EnableManagedSpotTraining"] = True
    answers = {A: definition(), B: json.dumps(other)}
    aws.on(
        "DescribePipelineDefinitionForExecution",
        lambda asked: {"PipelineDefinition": answers[_id(asked)]},
    )
    settings = compared(A, B)["differences"]["settings"]
    assert settings == {"Train: managed spot training": [None, "true"]}


def test_unknown_execution_is_refused(bucket: Bucket, aws: ScriptedAws) -> None:
    aws.on("DescribePipelineExecution", error("ResourceNotFound", "no such execution"))
    assert_refused(invoke("compare", A, B), 2, A)


def test_execution_of_another_pipeline_is_refused(bucket: Bucket) -> None:
    arn = PIPELINE_ARN.replace("sentiment-dev", "other") + f"/execution/{B}"
    assert invoke("compare", A, arn).exit_code == 2
