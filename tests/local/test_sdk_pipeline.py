"""A pipeline of the SDK's documentation is planned and run as the installed SDK renders it."""

from __future__ import annotations

import json
from pathlib import Path

from local_runner.execution.record import PipelineExecution
from local_runner.run import Observer, prepare, run
from local_runner.workdir import Workdir
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.runner_samples import put_object
from tests.support.sdk_pipeline import DATA, PREPARE, SCRIPT, rendered

ROWS = "".join(f"{number % 7},{number % 7 + 0.5},{number % 3}\n" for number in range(60))


def executed(root: Path, **given: str) -> PipelineExecution:
    put_object(root, DATA, ROWS)
    put_object(root, PREPARE, SCRIPT)
    return run(prepare(rendered(), given, {}), Workdir(root), Observer())


def test_sdk_writes_null_for_options_that_are_not_given() -> None:
    assert json.loads(rendered())["MlflowConfig"] is None


def test_rendered_pipeline_runs_to_its_end(tmp_path: Path) -> None:
    execution = executed(tmp_path)
    assert {name: step.status for name, step in execution.steps.items()} == {
        "Prepare": "Succeeded",
        "Train": "Succeeded",
        "Check": "Succeeded",
    }
    assert execution.steps["Check"].outcome is True
    again = executed(tmp_path)
    assert [name for name, step in again.steps.items() if step.cached] == ["Prepare", "Train"]


def test_condition_reads_the_metric_that_the_training_logged(tmp_path: Path) -> None:
    execution = executed(tmp_path, LargestError="0.0")
    [metric] = [
        metric
        for metric in execution.steps["Train"].properties["FinalMetricDataList"]
        if metric["MetricName"] == "validation:rmse"
    ]
    assert execution.steps["TooLarge"].failure_reason == f"error {metric['Value']} of 60 rows"
    assert 0 < metric["Value"] < 1


def test_command_runs_it_on_local_files(tmp_path: Path) -> None:
    definition, rows, script = (tmp_path / name for name in ("sdk.json", "rows.csv", "prepare.py"))
    definition.write_text(rendered())
    rows.write_text(ROWS)
    script.write_text(SCRIPT)
    command = ("run", "--definition", str(definition), "--workdir", str(tmp_path / "runs"))
    assert_refused(invoke(*command), 2, f"--input {DATA}=PATH", f"--input {PREPARE}=PATH")
    inputs = ("--input", f"{DATA}={rows}", "--input", f"{PREPARE}={script}")
    summary = json_output(invoke(*command, *inputs, "--json"))
    assert summary["status"] == "Succeeded"
    assert {(output["step"], output["name"]) for output in summary["outputs"]} >= {
        ("Train", "model")
    }
    assert all(Path(output["location"]).exists() for output in summary["outputs"])
    assert (script.read_text(), rows.read_text()) == (SCRIPT, ROWS)
