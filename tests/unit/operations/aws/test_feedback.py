"""`sentiment feedback` on AWS: labels are stored beside the scores, and a metric is published."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_samples import (
    BUCKET,
    ID,
    START,
    deploy,
    processing_job,
    processing_jobs,
    step,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.feedback_samples import ACCURACY, scored_objects, serve_objects
from tests.support.scripted_aws import ScriptedAws

LABELS = f"scores/{ID}/feedback/labels.csv"
E = ("-e", "dev")


@pytest.fixture
def objects(aws: ScriptedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The bucket of an environment with one scoring execution."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    deploy(aws)
    found = scored_objects(tmp_path / "scored")
    serve_objects(aws, found)
    return found


def labels(folder: Path, text: str) -> str:
    path = folder / "labels.csv"
    path.write_text(f"id,label\n{text}")
    return str(path)


def given(folder: Path, text: str, *options: str) -> Any:
    return json_output(invoke("feedback", labels(folder, text), *E, "--json", *options))


def published(aws: ScriptedAws) -> list[dict[str, float]]:
    """The metrics of each call, by name."""
    return [
        {metric["MetricName"]: metric["Value"] for metric in request["MetricData"]}
        for request in aws.requests("PutMetricData")
    ]


def test_labels_are_stored_with_the_execution_and_add_up(
    objects: dict[str, bytes], tmp_path: Path
) -> None:
    [first] = given(tmp_path, "1,pos\n2,neg\n")["executions"]
    assert (first["labeled"], first["added"], first["accuracy"]["value"]) == (2, 2, 0.5)
    [second] = given(tmp_path, "3,neg\nnobody,pos\n")["executions"]
    assert (second["labeled"], second["added"], second["test_accuracy"]) == (3, 1, ACCURACY)
    assert objects[LABELS] == b"id,label\n1,pos\n2,neg\n3,neg\n"
    assert f"scores/{ID}/feedback/feedback.json" in objects


def test_metric_has_the_accuracy_of_all_labels_and_its_upper_bound(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path
) -> None:
    total = given(tmp_path, "1,pos\n2,neg\n")["total"]["accuracy"]
    assert published(aws) == [
        {"FeedbackAccuracy": 0.5, "FeedbackAccuracyUpperBound": total["high"]}
    ]
    [request] = aws.requests("PutMetricData")
    assert request["Namespace"] == "Sentiment"
    assert request["MetricData"][0]["Dimensions"] == [
        {"Name": "PipelineName", "Value": "sentiment-dev-score"}
    ]


def test_same_labels_again_write_and_publish_nothing(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path
) -> None:
    given(tmp_path, "1,pos\n")
    before, calls = dict(objects), len(aws.requests("PutMetricData"))
    [again] = given(tmp_path, "1,pos\n")["executions"]
    assert (again["added"], again["corrected"], objects) == (0, 0, before)
    assert len(aws.requests("PutMetricData")) == calls


def test_labels_that_another_command_has_stored_meanwhile_are_kept(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path
) -> None:
    other = b"id,label\n3,pos\n"
    serve_objects(aws, objects, before_put=lambda: objects.setdefault(LABELS, other))
    refused = invoke("feedback", labels(tmp_path, "1,pos\n"), *E)
    assert_refused(refused, 1, ID, "again")
    assert objects[LABELS] == other
    assert aws.requests("PutMetricData") == []


def prepared(aws: ScriptedAws, key: str, created: datetime = START) -> None:
    """The execution has read the reviews at this key of the bucket."""
    given = {"S3Uri": f"s3://{BUCKET}/{key}", "S3DataType": "S3Prefix"}
    source = {"InputName": "raw", "S3Input": given}
    job = processing_job("pipelines-x-Prepare-y") | {"CreationTime": created}
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Prepare")])
    aws.on("DescribeProcessingJob", job | {"ProcessingInputs": [source]})


@pytest.mark.parametrize("key", ["incoming/new.csv", "incoming/new/"])
def test_export_has_the_texts_that_the_execution_has_read(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path, key: str
) -> None:
    is_folder = key.endswith("/")
    objects[f"{key}2026/a.csv" if is_folder else key] = b"id,text\n1,Fine.\n2,Bad.\n"
    objects[f"{key}sub/" if is_folder else f"{key}.bak"] = b""
    prepared(aws, key)
    output = tmp_path / "export.csv"
    document = given(tmp_path, "1,pos\n3,neg\n", "--export", str(output))
    with output.open(newline="") as file:
        assert list(csv.reader(file)) == [["id", "text", "label"], ["1", "Fine.", "pos"]]
    assert (document["exported"], document["without_text"]) == (1, {ID: 1})
    assert objects[LABELS] == b"id,label\n1,pos\n3,neg\n"


def test_export_has_no_text_of_a_review_that_has_changed_since_it_was_scored(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path
) -> None:
    objects["incoming/new.csv"] = b"id,text\n1,Another review.\n"
    prepared(aws, "incoming/new.csv", START - timedelta(seconds=1))
    output = tmp_path / "export.csv"
    result = invoke("feedback", labels(tmp_path, "1,pos\n"), *E, "--export", str(output))
    assert "incoming/new.csv has changed since" in result.stderr
    assert output.read_text() == "id,text,label\n"


def test_only_the_chosen_execution_gets_labels(objects: dict[str, bytes], tmp_path: Path) -> None:
    objects |= scored_objects(tmp_path / "other", "bbbbbbbbbbbb")
    document = given(tmp_path, "1,pos\n", "--execution", ID)
    assert [it["name"] for it in document["executions"]] == [ID]
    assert len(given(tmp_path, "1,pos\n")["executions"]) == 2


def test_execution_that_older_code_scored_is_named_and_not_used(
    objects: dict[str, bytes], tmp_path: Path
) -> None:
    old = scored_objects(tmp_path / "other", "bbbbbbbbbbbb")
    drift = "scores/bbbbbbbbbbbb/drift/drift.json"
    objects |= {**old, drift: b"{}"}
    result = invoke("feedback", labels(tmp_path, "1,pos\n"), *E, "--json")
    assert [it["name"] for it in json_output(result)["executions"]] == [ID]
    assert "bbbbbbbbbbbb" in result.stderr


def test_keys_that_are_no_execution_are_ignored(objects: dict[str, bytes], tmp_path: Path) -> None:
    objects |= scored_objects(tmp_path / "other", "..")
    assert [it["name"] for it in given(tmp_path, "1,pos\n")["executions"]] == [ID]


def test_bucket_without_scores_is_refused(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    serve_objects(aws, {})
    assert_refused(invoke("feedback", *E), 1, "scores")


def test_page_about_drift_is_saved(
    aws: ScriptedAws, objects: dict[str, bytes], tmp_path: Path
) -> None:
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Join")])
    aws.on("DescribeProcessingJob", processing_jobs(scores="scores", drift="scores"))
    page = tmp_path / "drift.html"
    saved = json_output(invoke("scores", ID, "--drift", str(page), "--json"))
    assert saved["uri"] == f"s3://{BUCKET}/scores/{ID}/drift/drift.html"
    assert page.read_bytes() == objects[f"scores/{ID}/drift/drift.html"]
