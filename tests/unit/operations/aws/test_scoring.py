"""AWS commands with --scoring, on the pipeline `sentiment-<environment>-score`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.aws.maintenance import resource_requirements
from operations.options import SCORE_DEFINITION
from tests.support import aws_samples
from tests.support.aws_samples import (
    BUCKET,
    DEPLOYED,
    HERE,
    ID,
    PIPELINE_ARN,
    START,
    execution,
    listed_jobs,
    processing_jobs,
    simulated,
    step,
    stored,
    transform_job,
)
from tests.support.command_line import assert_refused, forecast_lines, invoke, json_output
from tests.support.local_samples import drift_report
from tests.support.scripted_aws import ScriptedAws, error

NAME = "sentiment-dev-score"
ARN = f"{PIPELINE_ARN}-score"
SCORES = f"s3://{BUCKET}/scores/{ID}/scores/scores.csv"
THERE = f"{HERE} --scoring"


def definition() -> str:
    """The committed definition of the scoring pipeline with a deployment's defaults."""
    document = json.loads(SCORE_DEFINITION.read_text(encoding="utf-8"))
    for parameter in document["Parameters"]:
        if parameter["Name"] in DEPLOYED:
            parameter["DefaultValue"] = DEPLOYED[parameter["Name"]]
    return json.dumps(document)


def of_score(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer about the training pipeline, changed to the scoring pipeline."""
    text = json.dumps(answer, default=str).replace(f"{PIPELINE_ARN}/", f"{ARN}/")
    return {**json.loads(text), "CreationTime": START}


@pytest.fixture
def score(aws: ScriptedAws) -> ScriptedAws:
    """The scoring pipeline and an execution that failed because of drift."""
    steps = [
        step("FindModel"),
        step("Prepare"),
        step("CreateModel", "Model"),
        step("Transform", "TransformJob"),
        step("Join"),
        step("DriftGate", "Condition", outcome="False"),
        step("Drifted", "Fail", status="Failed", FailureReason="drift 0.3"),
    ]
    pipeline = {
        "PipelineArn": ARN,
        "PipelineDefinition": definition(),
        "PipelineName": NAME,
        "PipelineStatus": "Active",
    }
    aws.on("DescribePipeline", pipeline)
    aws.on("DescribePipelineExecution", of_score(execution("Failed")))
    aws.pages("ListPipelineParametersForExecution", "PipelineParameters", [])
    summary = {
        "PipelineExecutionArn": f"{ARN}/execution/{ID}",
        "PipelineExecutionStatus": "Failed",
        "StartTime": START,
    }
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [summary])
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)
    aws.on("DescribeProcessingJob", processing_jobs(scores="scores", drift="scores"))
    aws.on("DescribeTransformJob", lambda asked: transform_job(asked["TransformJobName"]))
    for kind in ("Processing", "Transform"):
        aws.pages(f"List{kind}Jobs", f"{kind}JobSummaries", listed_jobs(f"{kind}Job"))
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": f"{ARN}/execution/{ID}"})
    aws.on("GetObject", stored(drift_report(0.3)))
    aws.on("ListObjectsV2", lambda request: {"Contents": [{"Key": request["Prefix"]}]})
    aws.on("HeadObject", {})
    aws.on("SimulatePrincipalPolicy", simulated("allowed"))
    return aws


def test_new_reviews_are_sent_to_the_scoring_pipeline(score: ScriptedAws) -> None:
    score.on("DescribePipelineExecution", of_score(execution("Executing")))
    given = ("--dataset", "s3://b/new.csv", "--parameter", "ModelVersion=3")
    result = invoke("start", "--scoring", *given)
    assert result.exit_code == 0, result.output
    (request,) = score.requests("StartPipelineExecution")
    assert request["PipelineName"] == NAME
    assert request["PipelineParameters"] == [
        {"Name": "DatasetUri", "Value": "s3://b/new.csv"},
        {"Name": "ModelVersion", "Value": "3"},
    ]
    assert result.stdout.splitlines()[1:] == [
        "console      https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1"
        "#/studio-landing",
        f"next         sentiment watch {ID} {THERE}",
    ]


def test_a_local_table_or_folder_without_classes_is_uploaded(
    score: ScriptedAws, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text("text\nfine\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "1.txt").write_text("fine")
    score.on("HeadObject", error("404", "Not Found", "HeadObject", 404))
    score.on("PutObject", {})
    for name in ("new.csv", "folder"):
        result = invoke("start", "--scoring", "--dataset", str(tmp_path / name))
        assert result.exit_code == 0, result.output
    keys = [request["Key"].rpartition("/")[2] for request in score.requests("PutObject")]
    assert keys == ["new.csv", "folder.tar"]


def test_dry_run_starts_and_uploads_nothing(score: ScriptedAws, tmp_path: Path) -> None:
    score.on(
        "DescribePipelineDefinitionForExecution",
        {"PipelineDefinition": definition(), "CreationTime": START},
    )
    (tmp_path / "new.csv").write_text("text\nfine\n")
    result = invoke("start", "--scoring", "--dataset", str(tmp_path / "new.csv"), "--dry-run")
    lines = forecast_lines(result)
    assert lines["Join"] == "runs (never cached)"
    assert lines["DriftGate"].startswith("runs if DriftKnown")
    assert not {"StartPipelineExecution", "PutObject"} & {*score.names()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--dataset"),
        (
            ("--dataset", "s3://b/k", "--preset", "accurate"),
            "--preset",
        ),
        (("--dataset", "https://host/new.csv"), "https://host/new.csv: "),
        (("--parameter", "DatasetUri=https://host/new.csv"), "https://host/new.csv: "),
    ],
)
def test_invalid_start_is_refused(
    score: ScriptedAws, arguments: tuple[str, ...], message: str
) -> None:
    assert_refused(invoke("start", "--scoring", *arguments), 2, message)
    assert score.requests("StartPipelineExecution") == []


def test_a_local_table_without_the_id_column_is_refused_before_it_is_uploaded(
    score: ScriptedAws, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text("text\nfine\n")
    given = ("--dataset", str(tmp_path / "new.csv"), "--parameter", "IdColumn=nope")
    assert_refused(invoke("start", "--scoring", *given), 2, "new.csv: ", "'nope'", "'text'")
    assert "PutObject" not in score.names()


def test_watch_shows_the_scores_of_an_execution_that_failed_for_drift(
    score: ScriptedAws,
) -> None:
    result = invoke("watch", "--scoring")
    assert result.exit_code == 1
    assert f"Failed: execution {ID}, step Drifted\n" in result.stdout
    assert result.output.count("drift 0.3") == 1
    assert f"scores       {SCORES}\n" in result.stdout
    assert f"next         sentiment scores {ID} --output scores.csv {HERE}\n" in result.stdout
    assert json_output(invoke("watch", "--scoring", "--json"))["scores"] == SCORES


def test_drift_is_read_with_the_scores(score: ScriptedAws) -> None:
    document = json_output(invoke("watch", "--scoring", "--json"))
    assert document["drift"] == drift_report(0.3)
    [request] = score.requests("GetObject")
    assert request == {"Bucket": BUCKET, "Key": f"scores/{ID}/drift/drift.json"}


@pytest.mark.parametrize(("drift", "text"), [(0.3, "0.300 (score)"), (None, "unknown")])
def test_list_shows_drift(score: ScriptedAws, drift: float | None, text: str) -> None:
    score.on("GetObject", stored(drift_report(drift)))
    header, line = invoke("list", "--scoring").stdout.splitlines()
    assert line[header.index("drift") :].startswith(f"{text}  ")
    assert "accuracy" not in header


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}"])
def test_damaged_drift_report_leaves_drift_null(score: ScriptedAws, content: bytes) -> None:
    score.on("GetObject", stored(content))
    document = json_output(invoke("watch", "--scoring", "--json"))
    assert (document["drift"], document["scores"]) == (None, SCORES)


@pytest.mark.parametrize("verb", [("list",), ("cost",)])
def test_commands_use_the_scoring_pipeline(score: ScriptedAws, verb: tuple[str, ...]) -> None:
    assert invoke(*verb, "--scoring").exit_code == 0
    assert {request["PipelineName"] for request in score.requests("DescribePipeline")} == {NAME}
    assert {item["PipelineName"] for item in score.requests("ListPipelineExecutions")} == {NAME}


def test_environment_without_a_scoring_pipeline_is_refused(score: ScriptedAws) -> None:
    score.on("DescribePipeline", error("ResourceNotFound", "no", "DescribePipeline"))
    score.pages("ListPipelines", "PipelineSummaries", [])
    result = invoke("list", "--scoring")
    assert result.exit_code == 1
    assert NAME in result.stderr


@pytest.mark.parametrize("isolated", [True, False])
def test_scoring_without_network_is_refused_with_the_setting_and_local_scoring(
    score: ScriptedAws, isolated: bool
) -> None:
    training = json.loads(aws_samples.definition())
    for job in training["Steps"]:
        if job["Type"] == "Processing":
            job["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"] = isolated
    answers = {
        NAME: error("ResourceNotFound", "no", "DescribePipeline"),
        "sentiment-dev": aws_samples.pipeline(json.dumps(training)),
    }
    score.on("DescribePipeline", lambda asked: answers[asked["PipelineName"]])
    score.pages("ListPipelines", "PipelineSummaries", [{"PipelineName": "sentiment-dev"}])
    result = invoke("start", "--scoring", "--dataset", "s3://b/new.csv")
    assert_refused(result, 1, *(("no_network", "`sentiment score`") if isolated else (NAME,)))
    assert ("no_network" in result.stderr) is isolated


def test_requirements_of_the_scoring_pipeline_come_from_its_definition() -> None:
    quotas = [(found.quota, found.count) for found in resource_requirements.instances(definition())]
    assert quotas == [
        ("ml.m5.large for processing job usage", 1),
        ("ml.m5.large for transform job usage", 1),
    ]
    assert [image.repository for image in resource_requirements.images(definition())] == [
        "sagemaker-scikit-learn"
    ]
