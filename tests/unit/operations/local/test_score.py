"""`sentiment score`: which version scores, what is told, and where the scores go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local_runner.execution.record import SUCCEEDED, StepExecution
from tests.support.local_samples import (
    ARN,
    SCORES,
    drift_report,
    executed,
    insist_refused,
    invoke,
    register,
    rejected,
    score_definition,
)

BROKEN = "import sys; sys.exit('error: the version has another preprocessing')"


def score(root: Path, *arguments: str, max_drift: float | None = 0.1, **definition: Any) -> Result:
    (root / "reviews.csv").write_text("text\nfine\n")
    given = ("--definition", score_definition(root, max_drift, **definition))
    return invoke(
        "score", str(root / "reviews.csv"), "--workdir", str(root / "runs"), *given, *arguments
    )


def parameters(root: Path) -> Any:
    path = root / "runs/executions/local-0001/execution.json"
    return json.loads(path.read_text())["parameters"]


def test_scores_and_drift_are_told_and_the_steps_on_stderr(tmp_path: Path) -> None:
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
    assert lines[1:-1] == [
        "Succeeded: execution local-0001",
        f"scores       {tmp_path}/runs/s3/b/scores/scores.csv",
        "rows         2",
        "unscored     1",
        "drift        0.100 (score); the threshold is 0.25",
        "             length          0.010",
        "             positive share  0.000",
        "             score           0.300",
        "             unknown words   0.020",
    ]
    assert lines[-1].startswith("seconds ")


def test_drifted_reviews_are_scored_all_the_same_and_the_exit_code_is_1(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--output", str(tmp_path / "out.csv"), max_drift=0.3)
    assert result.exit_code == 1
    assert "Failed: execution local-0001\nstep Drifted: drifted by 0.3\n" in result.stdout
    assert f"scores       {tmp_path}/out.csv\n" in result.stdout
    assert (tmp_path / "out.csv").read_text() == SCORES


def test_unknown_drift_is_printed_as_unknown_and_the_exit_code_is_1(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--output", str(tmp_path / "out.csv"), max_drift=None)
    assert result.exit_code == 1
    assert "step DriftUnknown: unknown: no reference profile\n" in result.stdout
    assert "drift        unknown: no reference profile\n" in result.stdout
    assert (tmp_path / "out.csv").read_text() == SCORES


def test_json_is_one_object_and_nothing_stands_on_stderr(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = score(tmp_path, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told["drift"] == drift_report(0.1)
    assert told["model"] == {"approval": "Approved", "arn": f"{ARN}/1", "version": 1}
    assert told["scores"] == f"{tmp_path}/runs/s3/b/scores/scores.csv"
    assert told["status"] == "Succeeded"


def test_where_nothing_was_scored_nothing_is_copied(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    output = tmp_path / "out.csv"
    output.write_text("of yesterday")
    result = score(tmp_path, "--json", "--output", str(output), program=BROKEN)
    told = json.loads(result.stdout)
    assert (result.exit_code, told["scores"], told["drift"]) == (1, None, None)
    assert "the version has another preprocessing" in told["failure_reason"]
    assert output.read_text() == "of yesterday"


def test_columns_and_parameters_reach_the_pipeline(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    score(
        tmp_path,
        *("--text-column", "review", "--id-column", "name", "--parameter", "DriftThreshold=0.5"),
    )
    chosen = parameters(tmp_path)
    assert chosen.pop("DatasetUri").endswith("-reviews.csv")
    assert chosen == {
        "DriftThreshold": 0.5,
        "IdColumn": "name",
        "ModelVersion": "1",
        "TextColumn": "review",
    }


@pytest.mark.parametrize(
    ("approvals", "number", "why"),
    [
        (("Approved", "Approved", "PendingManualApproval"), 2, "the newest approved one"),
        (("Rejected", "PendingManualApproval", "Rejected"), 2, "the newest; none is approved"),
    ],
)
def test_without_a_choice_it_is_the_newest_that_may_be_used(
    tmp_path: Path, approvals: tuple[str, ...], number: int, why: str
) -> None:
    register(tmp_path / "runs", *approvals)
    result = score(tmp_path)
    approval = approvals[number - 1]
    assert result.stderr.startswith(f"model version {number} ({approval}), {why}\n")
    assert parameters(tmp_path)["ModelVersion"] == str(number)


@pytest.mark.parametrize("wanted", ["2", f"{ARN}/2", "local-0001"])
def test_a_version_is_chosen_by_number_arn_or_execution(tmp_path: Path, wanted: str) -> None:
    register(tmp_path / "runs", "Approved", "PendingManualApproval", "Approved")
    step = StepExecution(
        "RegisterModel", "RegisterModel", SUCCEEDED, properties={"ModelPackageArn": f"{ARN}/2"}
    )
    executed(tmp_path / "runs", SUCCEEDED, step)
    result = score(tmp_path, "--model", wanted, "--json")
    assert json.loads(result.stdout)["model"]["version"] == 2


def test_an_execution_whose_model_was_refused_says_why(tmp_path: Path) -> None:
    rejected(tmp_path / "runs")
    message = "execution local-0001 has registered no version: step Reject: below GateThreshold"
    insist_refused(score(tmp_path, "--model", "local-0001"), 2, message)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("7", "there is no version 7 in {}; there are: 2 (Rejected), 1 (Approved)"),
        ("local-0009", "there is no execution local-0009 in {}"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, wanted: str, message: str) -> None:
    register(tmp_path / "runs", "Approved", "Rejected")
    insist_refused(score(tmp_path, "--model", wanted), 2, message.format(tmp_path / "runs"))


def test_without_any_model_the_way_to_one_is_told(tmp_path: Path) -> None:
    message = f"there is no model in {tmp_path / 'runs'} yet; `sentiment run` trains one"
    insist_refused(score(tmp_path), 2, message)


def test_if_all_were_rejected_one_must_be_chosen(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Rejected")
    message = "every version was rejected; choose one with --model, by its number"
    insist_refused(score(tmp_path), 2, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--parameter", "ModelVersion=3"), "--parameter ModelVersion=...: give --model"),
        (
            ("--parameter", "DatasetUri=x"),
            "--parameter DatasetUri=...: give the reviews as argument",
        ),
        (("--output", "no/x.csv"), "--output no/x.csv: there is no folder no"),
    ],
)
def test_a_wrong_request_is_told_before_anything_runs(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    register(tmp_path / "runs", "Approved")
    insist_refused(score(tmp_path, *arguments), 2, message)
    assert not (tmp_path / "runs/executions").exists()


def test_reviews_that_are_not_there_are_named(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    result = invoke("score", "none.csv", "--workdir", str(tmp_path / "runs"))
    insist_refused(result, 1, "none.csv: no such file or folder")


def test_a_damaged_version_is_named(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    path = tmp_path / "runs/model-registry/sentiment-local/1.json"
    path.write_text("{}")
    result = score(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {path}: not a model package (")
    assert result.stderr.count("\n") == 1
