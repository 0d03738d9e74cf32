"""`sentiment list --local`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_runner.execution.record import EXECUTING, FAILED, SUCCEEDED, StepExecution
from local_runner.workdir import Workdir
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


def test_failed_step_is_listed_with_its_reason(tmp_path: Path) -> None:
    rejected(tmp_path)
    [execution] = listed(tmp_path)
    assert (execution["status"], execution["failure_reason"]) == (
        FAILED,
        "step Reject: below GateThreshold",
    )
    table = invoke("list", "--local", "--workdir", str(tmp_path)).stdout
    assert "step Reject: below GateThreshold" in table


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
