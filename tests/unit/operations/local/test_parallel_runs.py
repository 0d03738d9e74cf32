"""Parallel steps of `sentiment run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local_runner.execution.record import StepExecution
from local_runner.workdir import Workdir
from operations.cli import sentiment
from operations.execution_summary import busy_seconds
from operations.local.results import summarize_step
from operations.local.running.progress import observer
from operations.progress import Progress
from tests.support.command_line import json_output

# Touches a file, and succeeds if the other step touches its own in time.
MEET = (
    "import pathlib, sys, time\n"
    "here, own, other, seconds = sys.argv[1:]\n"
    "pathlib.Path(here, own).touch()\n"
    "end = time.monotonic() + float(seconds)\n"
    "while not pathlib.Path(here, other).exists():\n"
    "    time.sleep(0.01)\n"
    "    assert time.monotonic() < end, 'alone'\n"
)


def step(root: Path, own: str, other: str, seconds: float) -> dict[str, Any]:
    entry = ["python3", "-c", MEET, str(root), own, other, str(seconds)]
    application = {"ImageUri": "sagemaker-scikit-learn:1.4-2", "ContainerEntrypoint": entry}
    return {"Name": own, "Type": "Processing", "Arguments": {"AppSpecification": application}}


def run(root: Path, seconds: float, *arguments: str) -> Result:
    """Run two steps that wait for each other."""
    steps = [step(root, "A", "B", seconds), step(root, "B", "A", seconds)]
    path = root / "definition.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    given = ("--definition", str(path), "--workdir", str(root / "runs"))
    return CliRunner().invoke(sentiment, ["run", "--json", *given, *arguments])


def test_two_steps_run_in_parallel_if_two_are_allowed(tmp_path: Path) -> None:
    result = run(tmp_path, 30, "--max-parallel-steps", "2")
    summary = json.loads(result.stdout)
    assert (result.exit_code, summary["status"]) == (0, "Succeeded")
    assert [step["name"] for step in summary["steps"]] == ["A", "B"]


def test_steps_run_one_after_the_other_if_one_is_allowed(tmp_path: Path) -> None:
    result = run(tmp_path, 0.1, "--max-parallel-steps", "1")
    summary = json.loads(result.stdout)
    assert (result.exit_code, summary["status"]) == (1, "Failed")
    assert [step["name"] for step in summary["steps"]] == ["A"]
    assert "alone" in summary["failure_reason"]


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_invalid_number_of_parallel_steps_is_a_usage_error(tmp_path: Path, number: str) -> None:
    result = run(tmp_path, 0.1, "--max-parallel-steps", number)
    assert json_output(result)["error"]["exit_code"] == result.exit_code == 2
    assert "'--max-parallel-steps'" in result.stderr
    assert not (tmp_path / "runs").exists()


def record(name: str, start: int, seconds: float) -> StepExecution:
    started = f"2026-01-01T00:00:{start:02}.000+00:00"
    return StepExecution(name, "Processing", "Succeeded", started, seconds)


def test_seconds_of_parallel_steps_count_once() -> None:
    steps = [record("A", 0, 10), record("B", 2, 3), record("C", 8, 4), record("D", 30, 1)]
    assert busy_seconds([summarize_step(step) for step in steps]) == 13


def test_status_line_names_every_running_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    progress = Progress(quiet=True)
    monkeypatch.setattr(progress, "set_status", shown.append)
    on_step = observer(progress, Workdir(tmp_path)).on_step
    one, two = (StepExecution(name, "Processing") for name in ("One", "Two"))
    on_step(one)
    on_step(two)
    two.attempts, two.failure_reason = 2, "killed; tried again in 1 s"
    on_step(two)
    one.status = "Succeeded"
    on_step(one)
    again = "Two (attempt 2) killed; tried again in 1 s"
    assert shown == ["One", "One, Two", f"One, {again}", again]
