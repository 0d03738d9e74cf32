"""`sentiment scores` on AWS: scores of new reviews, predictions of a test set."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import IncompleteReadError

from tests.support.aws_samples import (
    BUCKET,
    HERE,
    ID,
    REPORT,
    SUCCEEDED,
    Body,
    deploy,
    evaluate_job,
    execution_arn,
    processing_jobs,
    step,
    summary,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

SCORES = f"s3://{BUCKET}/scores/{ID}/scores/scores.csv"
CONTENT = b'id,label,probability\n1,pos,0.9\n"a ""b"",\nc",neg,0.1\n3,,\n'
PARTS = {
    "predictions/part-00000.libsvm.out": b"0.75\n0.5\n\n",
    "predictions/part-00001.libsvm.out": b"0.123456789\n",
    "rows/part-00000.csv": b'1,5,4\n"a, ""b""",3,3\n',
    "rows/part-00001.csv": b"caf\xc3\xa9,0,0\n",
    "labels/part-00000.csv": b"1\n1\n",
    "labels/part-00001.csv": b"0\n",
}


@pytest.fixture
def scored(aws: ScriptedAws) -> ScriptedAws:
    """An execution of the scoring pipeline with scores."""
    deploy(aws, "Failed", steps=[step("Join"), step("Drifted", "Fail", "Failed")])
    aws.on("DescribeProcessingJob", processing_jobs(scores="scores", drift="scores"))
    aws.on("GetObject", lambda _: {"Body": Body(CONTENT)})
    return aws


@pytest.fixture
def trained(aws: ScriptedAws) -> ScriptedAws:
    """An execution of the training pipeline, with the part files in S3."""
    deploy(aws)
    objects = {f"executions/{ID}/{name}": content for name, content in PARTS.items()}
    evaluation = {**REPORT, "labels": {"negative": "neg", "positive": "pos, really"}}
    objects[f"models/{ID}/evaluation/evaluation.json"] = json.dumps(evaluation).encode()
    aws.on("DescribeProcessingJob", evaluate_job)
    aws.on(
        "ListObjectsV2",
        lambda asked: {
            "Contents": [{"Key": key} for key in objects if key.startswith(asked["Prefix"])]
        },
    )
    aws.on("GetObject", lambda asked: {"Body": Body(objects[asked["Key"]])})
    return aws


def test_scores_are_saved_and_their_rows_counted(scored: ScriptedAws, tmp_path: Path) -> None:
    output = tmp_path / "scores.csv"
    output.write_text("old")
    assert json_output(invoke("scores", ID, "--output", str(output), "--json")) == {
        "execution_id": ID,
        "path": str(output),
        "rows": 3,
        "uri": SCORES,
    }
    assert output.read_bytes() == CONTENT
    assert scored.requests("DescribePipeline") == [{"PipelineName": "sentiment-dev-score"}]


def test_path_and_source_are_printed(scored: ScriptedAws, tmp_path: Path) -> None:
    result = invoke("scores", "--output", str(tmp_path / "scores.csv"))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"saved 3 rows of execution {ID}",
        f"path         {tmp_path}/scores.csv",
        f"source       {SCORES}",
    ]


def test_scores_are_written_to_stdout_alone(scored: ScriptedAws) -> None:
    result = invoke("scores", "--output", "-")
    assert (result.exit_code, result.stdout_bytes) == (0, CONTENT)


def test_default_is_the_newest_execution_with_scores(scored: ScriptedAws, tmp_path: Path) -> None:
    steps = {"running": [step("Join", status="Executing")], "failed": [], ID: [step("Join")]}
    scored.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [*map(summary, steps)])
    scored.on(
        "ListPipelineExecutionSteps",
        lambda asked: {
            "PipelineExecutionSteps": steps[asked["PipelineExecutionArn"].rpartition("/")[2]]
        },
    )
    saved = json_output(invoke("scores", "--output", str(tmp_path / "s.csv"), "--json"))
    assert saved["execution_id"] == ID


@pytest.mark.parametrize("dataset", ["incoming/b.csv", "b.csv", f"s3://{BUCKET}/incoming/b.csv"])
def test_newest_execution_that_scored_a_dataset_is_found(
    scored: ScriptedAws, tmp_path: Path, dataset: str
) -> None:
    datasets = {"newest": "incoming/a.csv", ID: "incoming/b.csv", "oldest": "incoming/b.csv"}
    scored.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [*map(summary, datasets)])
    scored.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Join")])
    scored.on(
        "ListPipelineParametersForExecution",
        lambda asked: {
            "PipelineParameters": [
                {
                    "Name": "DatasetUri",
                    "Value": f"s3://{BUCKET}/"
                    + datasets[asked["PipelineExecutionArn"].rpartition("/")[2]],
                }
            ]
        },
    )
    options = ("--dataset", dataset, "--output", str(tmp_path / "s.csv"))
    assert json_output(invoke("scores", *options, "--json"))["execution_id"] == ID
    options = ("--dataset", "coming/b.csv", "--output", str(tmp_path / "s.csv"))
    assert_refused(invoke("scores", *options), 1, "coming/b.csv", f"list {HERE} --scoring")


@pytest.mark.parametrize("options", [(ID,), ("--predictions",), ("--local",)])
def test_dataset_excludes_other_selections(
    aws: ScriptedAws, tmp_path: Path, options: tuple[str, ...]
) -> None:
    given = ("--dataset", "a.csv", "--output", str(tmp_path / "s.csv"))
    assert_refused(invoke("scores", *options, *given), 2, "--dataset")


def test_list_of_scorings_shows_the_dataset(scored: ScriptedAws) -> None:
    scored.pages(
        "ListPipelineParametersForExecution",
        "PipelineParameters",
        [{"Name": "DatasetUri", "Value": f"s3://{BUCKET}/incoming/2026-11-29/"}],
    )
    result = invoke("list", "--scoring")
    assert result.exit_code == 0, result.output
    assert "2026-11-29 " in result.stdout.splitlines()[1] + " "
    assert "DatasetUri" in result.stdout


def test_execution_without_scores_is_refused(scored: ScriptedAws, tmp_path: Path) -> None:
    scored.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Download")])
    output = ("--output", str(tmp_path / "s.csv"))
    assert_refused(invoke("scores", ID, *output), 1, ID, "Join", f"watch {ID} {HERE} --scoring")
    assert_refused(invoke("scores", *output), 1, "scores", f"list {HERE} --scoring")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("trouble", ["missing", "cut off"])
def test_failed_download_leaves_the_file_as_it_was(
    scored: ScriptedAws, tmp_path: Path, trouble: str
) -> None:
    output = tmp_path / "scores.csv"
    output.write_text("old")
    body = Body(CONTENT)
    body.broken = IncompleteReadError(actual_bytes=len(CONTENT), expected_bytes=1000)
    missing = error("NoSuchKey", "no such key", "GetObject", 404)
    scored.on("GetObject", missing if trouble == "missing" else {"Body": body})
    assert_refused(invoke("scores", "--output", str(output)), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]
    assert output.read_text() == "old"


def test_output_that_cannot_be_written_is_refused(
    scored: ScriptedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(
        invoke("scores", "--output", str(tmp_path / "no" / "s.csv")), 2, "no such folder"
    )

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("operations.output_files.CsvWriter.write", full)
    result = invoke("scores", "--output", str(tmp_path / "s.csv"))
    assert_refused(result, 1, str(tmp_path / "s.csv"), "No space left")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("arguments", [(), ("--output", "-", "--json"), ("--output", ".")])
def test_invalid_output_is_a_usage_error(scored: ScriptedAws, arguments: tuple[str, ...]) -> None:
    assert invoke("scores", *arguments).exit_code == 2
    assert scored.calls == []


def test_predictions_of_a_test_set_are_one_table(trained: ScriptedAws, tmp_path: Path) -> None:
    output = tmp_path / "predictions.csv"
    saved = json_output(invoke("scores", "--predictions", "--output", str(output), "--json"))
    assert output.read_bytes().decode().splitlines() == [
        "id,label,probability,actual",
        '1,"pos, really",0.750000,"pos, really"',
        '"a, ""b""",neg,0.500000,"pos, really"',
        "café,neg,0.123457,neg",
    ]
    assert (saved["rows"], saved["execution_id"]) == (3, ID)
    assert trained.requests("DescribePipeline") == [{"PipelineName": "sentiment-dev"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels/part-00001.csv", None, "part-00001: no labels"),
        ("labels/part-00001.csv", b"0\n1\n", "part-00001: 1 predictions and 2 labels for 1 rows"),
        ("rows/part-00000.csv", b"1,5,4\n", "part-00000: 2 predictions and 2 labels for 1 rows"),
    ],
)
def test_part_files_that_do_not_match_are_refused(
    trained: ScriptedAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes | None,
    message: str,
) -> None:
    monkeypatch.setitem(PARTS, name, content)
    listed = [f"executions/{ID}/{name}" for name in PARTS if PARTS[name] is not None]
    trained.on(
        "ListObjectsV2",
        lambda asked: {
            "Contents": [{"Key": key} for key in listed if key.startswith(asked["Prefix"])]
        },
    )
    evaluation = json.dumps(REPORT).encode()
    trained.on(
        "GetObject",
        lambda asked: {
            "Body": Body(PARTS.get(asked["Key"].removeprefix(f"executions/{ID}/"), evaluation))
        },
    )
    result = invoke("scores", "--predictions", "--output", str(tmp_path / "p.csv"))
    assert_refused(result, 1, message)
    assert [*tmp_path.iterdir()] == []


def test_expired_predictions_are_refused(trained: ScriptedAws, tmp_path: Path) -> None:
    trained.on("ListObjectsV2", {})
    result = invoke("scores", "--predictions", "--output", str(tmp_path / "p.csv"))
    assert_refused(result, 1, "don't exist any more")


def test_execution_without_an_evaluation_has_no_predictions(
    trained: ScriptedAws, tmp_path: Path
) -> None:
    trained.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", SUCCEEDED[:3])
    result = invoke("scores", execution_arn(), "--predictions", "--output", str(tmp_path / "p.csv"))
    assert_refused(result, 1, ID, "Evaluate")
