"""`sentiment score`: the model version, the output, and the scores."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from click.testing import Result

from local_runner.execution.record import SUCCEEDED, StepExecution
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.files import contents
from tests.support.local_samples import (
    ARN,
    SCORES,
    drift_report,
    executed,
    register,
    rejected,
    score_definition,
)

BROKEN = "import sys; sys.exit('error: the version has another preprocessing')"


def score(
    root: Path,
    *arguments: str,
    max_drift: float | None = 0.1,
    table: str = "text\nfine\n",
    **definition: Any,
) -> Result:
    (root / "reviews.csv").write_text(table)
    given = ("--definition", score_definition(root, max_drift, **definition))
    return invoke(
        "score", str(root / "reviews.csv"), "--workdir", str(root / "runs"), *given, *arguments
    )


def parameters(root: Path) -> Any:
    path = root / "runs/executions/local-0001/execution.json"
    return json.loads(path.read_text())["parameters"]


def test_scores_and_drift_are_printed_and_steps_on_stderr(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path)
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stderr.splitlines()] == [
        ["model", "version"],
        ["execution", "local-0001"],
        ["✓", "Join"],
        ["✓", "DriftKnown"],
        ["✓", "DriftGate"],
    ]
    lines = result.stdout.splitlines()
    assert lines[:-2] == [
        "Succeeded: execution local-0001",
        f"version      {ARN}/1",
        f"scores       {tmp_path}/runs/s3/b/scores/scores.csv",
        "rows         2",
        "not scored   1",
        "drift        0.100 (score); threshold 0.25",
        "             length          0.010",
        "             positive share  0.000",
        "             score           0.300",
        "             unknown words   0.020",
    ]
    assert [line.split()[0] for line in lines[-2:]] == ["started", "duration"]


def test_reviews_that_drifted_are_scored_and_the_exit_code_is_1(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--output", str(tmp_path / "out.csv"), max_drift=0.3)
    assert result.exit_code == 1
    assert "Failed: execution local-0001, step Drifted\n" in result.stdout
    assert result.output.count("drifted by 0.3") == 1
    assert f"scores       {tmp_path}/out.csv\n" in result.stdout
    assert (tmp_path / "out.csv").read_text() == SCORES


def test_unknown_drift_is_printed_as_unknown_and_the_exit_code_is_1(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--output", str(tmp_path / "out.csv"), max_drift=None)
    assert result.exit_code == 1
    assert "Failed: execution local-0001, step DriftUnknown\n" in result.stdout
    assert "drift        unknown: no reference profile\n" in result.stdout
    assert (tmp_path / "out.csv").read_text() == SCORES


def test_json_output_is_one_object(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["drift"] == drift_report(0.1)
    assert document["model_package_arn"] == f"{ARN}/1"
    assert document["scores"] == f"{tmp_path}/runs/s3/b/scores/scores.csv"
    assert document["status"] == "Succeeded"


def test_dry_run_shows_version_and_steps_and_stores_nothing(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    before = contents(tmp_path / "runs")
    result = score(tmp_path, "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["model", "version"],
        ["Join", "runs"],
        ["DriftKnown", "runs"],
        *(["DriftGate", "runs"], ["DriftUnknown", "runs"], ["Drifted", "may"]),
    ]
    assert contents(tmp_path / "runs") == before
    document = json_output(score(tmp_path, "--dry-run", "--json", "--text-column", "text"))
    assert document["parameters"]["ModelVersion"] == "1"
    assert_refused(score(tmp_path, "--dry-run", "--text-column", "no"), 2, "--text-column")


def test_output_is_kept_if_scoring_fails(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    output = tmp_path / "out.csv"
    output.write_text("old scores")
    result = score(tmp_path, "--json", "--output", str(output), program=BROKEN)
    document = json.loads(result.stdout)
    assert (result.exit_code, document["scores"], document["drift"]) == (1, None, None)
    assert "the version has another preprocessing" in document["failure_reason"]
    assert output.read_text() == "old scores"


def test_columns_and_parameters_reach_the_pipeline(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    score(
        tmp_path,
        *("--text-column", "review", "--id-column", "name", "--parameter", "DriftThreshold=0.5"),
        table="name,review\na,fine\n",
    )
    chosen = parameters(tmp_path)
    assert chosen.pop("DatasetUri").endswith("/reviews.csv")
    assert chosen == {
        "DriftThreshold": 0.5,
        "IdColumn": "name",
        "ModelVersion": "1",
        "TextColumn": "review",
    }


def test_newest_approved_version_is_the_default(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved", "Approved", "PendingManualApproval")
    result = score(tmp_path)
    assert result.stderr.startswith("model version 2 (Approved), the newest approved version\n")
    assert parameters(tmp_path)["ModelVersion"] == "2"


def test_without_an_approved_version_a_warning_names_the_newest_and_the_remedy(
    tmp_path: Path,
) -> None:
    register(tmp_path / "runs", "Rejected", "PendingManualApproval", "Rejected")
    warning = score(tmp_path).stderr.splitlines()[0]
    assert warning.startswith("warning: no version is approved; using the newest, version 2 ")
    assert "sentiment approve 2 --workdir " in warning
    assert parameters(tmp_path)["ModelVersion"] == "2"


@pytest.mark.parametrize("wanted", ["2", f"{ARN}/2", "local-0001"])
def test_a_version_is_chosen_by_number_arn_or_execution(tmp_path: Path, wanted: str) -> None:
    register(tmp_path / "runs", "Approved", "PendingManualApproval", "Approved")
    step = StepExecution(
        "RegisterModel", "RegisterModel", SUCCEEDED, properties={"ModelPackageArn": f"{ARN}/2"}
    )
    executed(tmp_path / "runs", SUCCEEDED, step)
    result = score(tmp_path, "--model", wanted, "--json")
    assert json.loads(result.stdout)["model_package_arn"] == f"{ARN}/2"


def test_execution_that_registered_no_version_is_refused_with_the_reason(tmp_path: Path) -> None:
    rejected(tmp_path / "runs")
    result = score(tmp_path, "--model", "local-0001")
    assert_refused(result, 2, "local-0001", "step Reject: below GateThreshold")


@pytest.mark.parametrize(
    ("wanted", "available"), [("7", "2 (Rejected), 1 (Approved)"), ("local-0009", "")]
)
def test_unknown_version_is_refused_with_the_available_ones(
    tmp_path: Path, wanted: str, available: str
) -> None:
    register(tmp_path / "runs", "Approved", "Rejected")
    result = score(tmp_path, "--model", wanted)
    assert_refused(result, 2, wanted, str(tmp_path / "runs"), available)


def test_work_folder_without_models_is_refused(tmp_path: Path) -> None:
    assert_refused(score(tmp_path), 1, str(tmp_path / "runs"), "train one first")


def test_rejected_versions_must_be_chosen(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Rejected")
    assert_refused(score(tmp_path), 1, str(tmp_path / "runs"), "--model")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--parameter", "ModelVersion=3"), "--model"),
        (("--parameter", "DatasetUri=x"), "REVIEWS"),
        (("--output", "no/x.csv"), "--output no/x.csv"),
        (("--text-column", "body"), "for example with --text-column text"),
        (
            ("--id-column", "nope"),
            "reviews.csv: no column 'nope'; choose one of 'text', for example with --id-column",
        ),
    ],
)
def test_invalid_request_is_refused_before_anything_runs(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    register(tmp_path / "runs", "Approved")
    assert_refused(score(tmp_path, *arguments), 2, message)
    assert not (tmp_path / "runs/executions").exists()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_web_address_is_refused_because_no_step_downloads_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    register(tmp_path / "runs", "Approved")
    given = ("https://host/new.csv", "--workdir", str(tmp_path / "runs"), *options)
    assert_refused(invoke("score", *given), 2, "https://host/new.csv: ", "give its path")
    assert not (tmp_path / "runs/executions").exists()


def test_missing_reviews_are_a_usage_error(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = invoke("score", "none.csv", "--workdir", str(tmp_path / "runs"))
    assert_refused(result, 2, "none.csv: ")


def test_output_is_kept_if_the_scores_cannot_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(_: BinaryIO, target: BinaryIO) -> None:
        target.write(b"half of the sc")
        raise OSError(errno.ENOSPC, "No space left on device")

    register(tmp_path / "runs", "Approved")
    output = tmp_path / "out" / "scores.csv"
    output.parent.mkdir()
    output.write_text("old scores")
    monkeypatch.setattr("operations.local.scoring.score.shutil.copyfileobj", fill_disk)
    result = score(tmp_path, "--output", str(output))
    assert result.exit_code == 1
    assert f"{output}: No space left on device" in result.stderr
    assert [path.name for path in output.parent.iterdir()] == ["scores.csv"]
    assert output.read_text() == "old scores"


def test_version_of_another_pipeline_is_named(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    path = tmp_path / "runs/model-registry/sentiment-local/1.json"
    package = json.loads(path.read_text())
    del package["CustomerMetadataProperties"]
    path.write_text(json.dumps(package))
    assert_refused(score(tmp_path), 1, f"{ARN}/1: ")


def test_a_damaged_version_is_named(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    path = tmp_path / "runs/model-registry/sentiment-local/1.json"
    path.write_text("{}")
    result = score(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {path}: not a model package (")
    assert result.stderr.count("\n") == 1
