"""`sentiment list --local`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.execution.record import EXECUTING, FAILED, SUCCEEDED, StepExecution
from local_runner.workdir import Workdir
from operations.datasets import demo_path
from tests.support.aws_samples import deploy
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import executed, register, rejected, score_definition
from tests.support.scripted_aws import ScriptedAws


def listed(workdir: Path, *arguments: str) -> Any:
    result = invoke("list", "--local", "--workdir", str(workdir), "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json_output(result)["executions"]


def test_local_executions_are_listed_newest_first_and_limited(tmp_path: Path) -> None:
    executed(tmp_path, SUCCEEDED)
    rejected(tmp_path)
    executed(tmp_path, EXECUTING, StepExecution("Train", "Training"))
    ids = [execution["execution_id"] for execution in listed(tmp_path)]
    assert ids == ["local-0003", "local-0002", "local-0001"]
    assert len(listed(tmp_path, "--limit", "2")) == 2


def test_killed_execution_is_interrupted_and_not_running(tmp_path: Path) -> None:
    execution = executed(tmp_path, EXECUTING, StepExecution("Train", "Training"))
    with Workdir(tmp_path).executions.locked(execution):
        assert [found["status"] for found in listed(tmp_path)] == ["Executing"]
    assert [found["status"] for found in listed(tmp_path)] == ["Interrupted"]
    refused = invoke("report", execution, "--workdir", str(tmp_path))
    assert_refused(refused, 1, execution, "Interrupted")


def test_failed_step_is_listed_with_its_reason(tmp_path: Path) -> None:
    rejected(tmp_path)
    [execution] = listed(tmp_path)
    assert (execution["status"], execution["failure_reason"]) == (
        FAILED,
        "step Reject: below GateThreshold",
    )
    table = invoke("list", "--local", "--workdir", str(tmp_path)).stdout
    assert "step Reject: below GateThreshold" in table


def test_executions_on_the_demo_dataset_are_marked(tmp_path: Path) -> None:
    store = Workdir(tmp_path).executions
    for uri in (demo_path(tmp_path / "datasets").as_uri(), "file:///own.csv", None):
        record = store.load(executed(tmp_path, SUCCEEDED))
        assert record
        store.save(replace(record, parameters={"DatasetUri": uri} if uri else {}))
    assert [execution["demo"] for execution in listed(tmp_path)] == [None, False, True]


@pytest.mark.parametrize(("width", "lines"), [(60, 5), (200, 2)])
def test_failure_reasons_are_a_table_of_their_own_on_a_narrow_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, lines: int
) -> None:
    rejected(tmp_path)
    monkeypatch.setattr("operations.views.printing._PIPE_WIDTH", width)
    table = invoke("list", "--local", "--workdir", str(tmp_path)).stdout.splitlines()
    assert len(table) == lines
    assert table[-1].startswith("local-0001 ")
    assert table[-1].rstrip().endswith("step Reject: below GateThreshold")


def test_scoring_executions_are_listed_with_their_drift(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    executed(tmp_path / "runs", SUCCEEDED)
    (tmp_path / "new.csv").write_text("text\nfine\n")
    definition = ("--definition", score_definition(tmp_path, 0.1))
    workdir = ("--workdir", str(tmp_path / "runs"))
    scored = json_output(
        invoke("score", str(tmp_path / "new.csv"), *definition, *workdir, "--json")
    )
    [execution] = listed(tmp_path / "runs", "--scoring")
    for name in ("artifacts", "drift", "drift_threshold", "scores", "seconds", "status"):
        assert execution[name] == scored[name]
    assert execution["steps"][0]["name"] == "Join"
    assert [found["execution_id"] for found in listed(tmp_path / "runs")] == ["local-0001"]


def test_keys_are_those_of_executions_on_aws(tmp_path: Path, aws: ScriptedAws) -> None:
    rejected(tmp_path)
    deploy(aws)
    [local] = listed(tmp_path)
    [on_aws] = json_output(invoke("list", "--json"))["executions"]
    assert local.keys() == on_aws.keys()


def test_work_folder_without_executions_is_an_empty_list(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == []


def test_damaged_record_is_an_error(tmp_path: Path) -> None:
    path = Workdir(tmp_path).executions.folder(executed(tmp_path, SUCCEEDED)) / "execution.json"
    path.write_text("{")
    assert_refused(invoke("list", "--local", "--workdir", str(tmp_path)), 1, str(path))


METRICS = "s3://sentiment-local/models/{}/evaluation/evaluation.json"


def evaluated(workdir: Path, accuracy: float | None, seconds: float, **parameters: Any) -> str:
    """Add an execution with these parameters, and with an evaluation unless accuracy is None."""
    folder = Workdir(workdir)
    execution = folder.executions.load(executed(workdir, SUCCEEDED))
    assert execution
    uri = METRICS.format(execution.execution_id)
    output = {"OutputName": "evaluation", "S3Output": {"S3Uri": uri.rpartition("/")[0]}}
    step = StepExecution("Evaluate", "Processing", SUCCEEDED, "2026-01-01T00:00:00+00:00", seconds)
    if accuracy is not None:
        step.properties = {"ProcessingOutputConfig": {"Outputs": [output]}}
        path = folder.store.path(uri)
        path.parent.mkdir(parents=True)
        metrics = {
            "accuracy": {"value": accuracy},
            "auc": {"value": 1 - accuracy},
            "false_positive_rate": {"value": accuracy},
        }
        path.write_text(json.dumps({"binary_classification_metrics": metrics}))
    execution.steps = {step.name: step}
    execution.parameters = parameters
    folder.executions.save(execution)
    return execution.execution_id


@pytest.fixture
def leaderboard(tmp_path: Path) -> Path:
    """Four executions, of which the third has no evaluation, and no parameters."""
    common = {"Seed": 0, "Commit": "abc", "DatasetUri": "file:///x/datasets/demo.tar"}
    evaluated(tmp_path, 0.8, 9.0, MaxDepth=5, CodeFile="0123456789abcdef.pyz", **common)
    evaluated(tmp_path, 0.9, 7.0, MaxDepth=7, CodeFile="0123456789abcdef.pyz", **common)
    evaluated(tmp_path, None, 8.0)
    evaluated(tmp_path, 0.7, 6.0, MaxDepth=5, CodeFile="0123456789abcdef.pyz", **common)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("accuracy", [2, 1, 4, 3]),
        ("auc", [4, 1, 2, 3]),
        ("false_positive_rate", [4, 1, 2, 3]),
        ("duration", [4, 2, 3, 1]),
    ],
)
def test_executions_are_sorted_best_first_and_without_a_value_last(
    leaderboard: Path, key: str, order: list[int]
) -> None:
    found = [it["execution_id"] for it in listed(leaderboard, "--sort", key)]
    assert found == [f"local-{number:04}" for number in order]


def test_limit_applies_before_the_sorting(leaderboard: Path) -> None:
    found = listed(leaderboard, "--sort", "accuracy", "--limit", "3")
    assert [it["execution_id"] for it in found] == ["local-0002", "local-0004", "local-0003"]


def test_unknown_metric_is_refused_with_the_nearest(leaderboard: Path) -> None:
    result = invoke("list", "--sort", "acuracy", "--workdir", str(leaderboard))
    assert_refused(result, 2, "'acuracy'", "accuracy")


def test_json_has_all_parameters_and_metrics(leaderboard: Path) -> None:
    newest, without, *_ = listed(leaderboard)
    assert newest["parameters"]["Commit"] == "abc"
    assert newest["parameters"]["MaxDepth"] == 5
    assert newest["metrics"]["auc"] == pytest.approx(0.3)
    assert (without["parameters"], without["metrics"]) == ({}, None)


def test_parameters_that_vary_are_columns(leaderboard: Path) -> None:
    header, *rows = invoke("list", "--workdir", str(leaderboard)).stdout.splitlines()
    assert header.split()[-2:] == ["accuracy", "MaxDepth"]
    assert [row.split()[-1] for row in rows] == ["5", "Succeeded", "7", "5"]


def test_metric_of_the_order_and_changed_code_and_data_are_columns(tmp_path: Path) -> None:
    for number in "12":
        evaluated(
            tmp_path,
            0.8,
            1.0,
            CodeFile=f"{number}123456789abcdef.pyz",
            DatasetUri=f"file:///x/{number}.csv",
        )
    table = invoke("list", "--sort", "auc", "--workdir", str(tmp_path)).stdout.splitlines()
    assert table[0].split()[-4:] == ["accuracy", "auc", "DatasetUri", "code"]
    assert table[1].split()[-3:] == ["0.20000", "2.csv", "21234567"]


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (1, ["local-0001", "1", "5"]),
        (3, ["ALongNameOfAParameter2=1,", "MaxDepth=5"]),
    ],
    ids=["table", "pairs"],
)
def test_parameters_are_a_table_of_their_own_on_a_narrow_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, line: list[str]
) -> None:
    for depth, value in ((5, 1), (7, 2)):
        others = {f"ALongNameOfAParameter{number}": value for number in range(count)}
        evaluated(tmp_path, 0.8, 1.0, MaxDepth=depth, **others)
    monkeypatch.setattr("operations.views.printing._PIPE_WIDTH", 75)
    table = invoke("list", "--workdir", str(tmp_path)).stdout
    results, parameters = table.split("\n\n")
    assert len(results.splitlines()) == 3
    assert "MaxDepth" not in results
    assert parameters.splitlines()[-1].split() == line
    assert max(map(len, table.splitlines())) <= 75
