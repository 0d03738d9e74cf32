"""Runs that are killed, stopped, or run at the same time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import ROOT
from tests.support.command_line import invoke, json_output
from tests.support.local_runs import Run, command, definition_until, run
from tests.support.programs import eventually, is_running, killed_if_failing

Record = dict[str, Any]

SLOW = ("NumRound=1000", "EarlyStoppingRounds=1000")
"""Train takes long enough for a signal to arrive while it is executing."""


def record_of(workdir: Path, name: str = "local-0001") -> Record:
    """Return an execution's record."""
    try:
        text = (workdir / "executions" / name / "execution.json").read_text()
    except FileNotFoundError:
        return {"status": "", "steps": {}}
    record: Record = json.loads(text)
    return record


def started(arguments: list[str]) -> subprocess.Popen[str]:
    """Start a command in a session of its own."""
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_and_signal(
    step: str, number: signal.Signals, workdir: Path, archive: Path, *options: str
) -> tuple[int, str]:
    """Start a run, send it a signal during the step, and return exit code and stderr."""

    def is_executing() -> bool:
        status = record_of(workdir)["steps"].get(step, {}).get("status")
        return bool(status == "Executing")

    with killed_if_failing(started([*command(workdir, archive, *SLOW), *options])) as process:
        eventually(is_executing, 60)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> tuple[Path, Record]:
    """The work folder of a run that was killed during Train, and its record."""
    workdir = tmp_path_factory.mktemp("killed") / "runs"
    code, _ = run_and_signal("Train", signal.SIGKILL, workdir, archive)
    assert code == -signal.SIGKILL
    return workdir, record_of(workdir)


@pytest.fixture(scope="module")
def continued(killed: tuple[Path, Record], archive: Path) -> Run:
    """The same command after the run was killed."""
    return run(killed[0], archive, *SLOW)


@dataclass(frozen=True)
class Stopped:
    """A run that was stopped during Train, and the same command again."""

    code: int
    errors: str
    record: Record
    sandboxes: list[Path]
    again: Run


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Stopped:
    folder = tmp_path_factory.mktemp("stopped")
    workdir, definition = folder / "runs", definition_until("Transform", folder)
    options = ("--definition", str(definition))
    code, errors = run_and_signal("Train", signal.SIGINT, workdir, archive, *options)
    record, sandboxes = record_of(workdir), list(workdir.glob("executions/*/sandboxes"))
    again = run(workdir, archive, *SLOW, definition=definition)
    return Stopped(code, errors, record, sandboxes, again)


def test_killed_run_leaves_a_record_of_its_progress(killed: tuple[Path, Record]) -> None:
    _, record = killed
    assert record["status"] == "Executing"
    assert {name: step["status"] for name, step in record["steps"].items()} == {
        "Download": "Succeeded",
        "Preprocess": "Succeeded",
        "Train": "Executing",
    }


def test_killed_run_is_continued_after_its_finished_steps(
    killed: tuple[Path, Record], continued: Run
) -> None:
    workdir, before = killed
    assert (continued.code, continued.stderr) == (0, "")
    assert continued.summary["status"] == "Succeeded"
    assert continued.summary["execution_id"] == "local-0001"
    assert set(continued.statuses.values()) == {"Succeeded"}
    after = record_of(workdir)["steps"]
    for name in ("Download", "Preprocess"):
        assert after[name] == before["steps"][name]
    assert continued.cached == []
    folders = sorted(path.name for path in (workdir / "executions").iterdir())
    assert folders == ["local-0001"]


def test_continued_run_deletes_its_sandboxes(continued: Run) -> None:
    assert list(continued.workdir.glob("executions/*/sandboxes")) == []


def test_continued_run_gives_the_same_bytes_as_an_uninterrupted_one(
    continued: Run, stopped: Stopped
) -> None:
    whole = stopped.again  # trains from the start
    assert continued.artifact("model").read_bytes() == whole.artifact("model").read_bytes()
    assert continued.lines("predictions") == whole.lines("predictions")
    assert continued.versions() == ["1.json"]


def test_stopped_run_exits_with_130_and_says_how_to_continue(stopped: Stopped) -> None:
    assert stopped.code == 130
    assert stopped.errors.startswith("error: stopped; `")
    assert "retry local-0001" in stopped.errors
    assert stopped.errors.count("\n") == 1


def test_stopped_run_is_recorded_and_deletes_its_sandboxes(stopped: Stopped) -> None:
    steps = stopped.record["steps"]
    assert (stopped.record["status"], steps["Train"]["status"]) == ("Stopped", "Stopped")
    assert stopped.sandboxes == []


def test_run_after_a_stopped_one_takes_finished_steps_from_the_cache(stopped: Stopped) -> None:
    assert stopped.again.code == 0
    assert stopped.again.summary["execution_id"] == "local-0002"
    assert stopped.again.cached == ["Download", "Preprocess"]


def waiting_step(name: str, folder: Path, seconds: float, hosts: int = 1) -> Record:
    """A step whose programs write their process ids as file names, and wait."""
    code = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], str(os.getpid())).touch();"
    code += f"time.sleep({seconds})"
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "AppSpecification": {
                "ImageUri": "sagemaker-scikit-learn:1.4-2",
                "ContainerEntrypoint": ["python3", "-c", code, str(folder)],
            },
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": hosts}},
        },
    }


def waiting_definition(root: Path, seconds: float, *, is_parallel: bool) -> Path:
    """Write a definition of one step with one program, or of two parallel ones with three."""
    folder = root / "pids"
    folder.mkdir()
    steps = [waiting_step("Wait", folder, seconds)]
    if is_parallel:
        steps.append(waiting_step("WaitToo", folder, seconds, hosts=2))
    path = root / "definition.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    return path


def start_waiting(root: Path) -> subprocess.Popen[str]:
    """Start two parallel steps, and return when their three programs wait."""
    definition = waiting_definition(root, 60, is_parallel=True)
    options = ("--definition", str(definition), "--max-parallel-steps", "2")
    process = started([*command(root / "runs", None), *options])
    eventually(lambda: len(list((root / "pids").iterdir())) == 3, 60)
    return process


def running_programs(root: Path, seconds: float = 0) -> list[int]:
    """Return the programs that still run after ``seconds``, and kill them."""
    pids = [int(path.name) for path in (root / "pids").iterdir()]
    end = time.monotonic() + seconds
    while (running := [pid for pid in pids if is_running(pid)]) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return running


def test_execution_that_is_running_is_not_started_again(tmp_path: Path) -> None:
    with killed_if_failing(start_waiting(tmp_path)) as process:
        second = run(tmp_path / "runs", None, definition=tmp_path / "definition.json")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert second.summary["error"]["exit_code"] == second.code == 1
    assert second.stderr.startswith("error: execution local-0001 is running in another process")


def by_sigint(process: subprocess.Popen[str], _: Path) -> None:
    process.send_signal(signal.SIGINT)


def by_sigterm(process: subprocess.Popen[str], _: Path) -> None:
    process.send_signal(signal.SIGTERM)


def by_command(_: subprocess.Popen[str], workdir: Path) -> None:
    """Stop the run by `sentiment stop`, which returns when it has ended."""
    stopped = invoke("stop", "--workdir", str(workdir), "--json")
    assert json_output(stopped)["status"] == "Stopped"
    assert invoke("stop", "local-0001", "--workdir", str(workdir)).exit_code == 1


@pytest.mark.parametrize("stop", [by_sigint, by_sigterm, by_command])
def test_stopped_run_stops_every_step_and_leaves_no_program(
    tmp_path: Path, stop: Callable[[subprocess.Popen[str], Path], None]
) -> None:
    with killed_if_failing(start_waiting(tmp_path)) as process:
        stop(process, tmp_path / "runs")
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert running_programs(tmp_path) == []
    record = record_of(tmp_path / "runs")
    statuses = {name: step["status"] for name, step in record["steps"].items()}
    assert (record["status"], statuses) == ("Stopped", {"Wait": "Stopped", "WaitToo": "Stopped"})


def test_killed_run_leaves_no_program(tmp_path: Path) -> None:
    with killed_if_failing(start_waiting(tmp_path)) as process:
        process.kill()
        process.communicate(timeout=60)
    assert running_programs(tmp_path, seconds=5) == []  # the kernel ends them


def test_parallel_runs_in_one_work_folder_do_not_interfere(tmp_path: Path) -> None:
    definition = waiting_definition(tmp_path, seconds=0.1, is_parallel=False)
    document = json.loads(definition.read_text())
    document["Parameters"] = [{"Name": "Number", "Type": "Integer"}]
    definition.write_text(json.dumps(document))
    options = ("--definition", str(definition))
    processes = [
        started([*command(tmp_path / "runs", None, f"Number={number}"), *options])
        for number in range(4)
    ]
    codes = []
    for process in processes:
        with killed_if_failing(process):
            process.communicate(timeout=60)
            codes.append(process.returncode)
    assert codes == [0] * 4
    executions = sorted(path.name for path in (tmp_path / "runs/executions").iterdir())
    assert executions == [f"local-{number:04}" for number in range(1, 5)]


def test_command_runs_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "operations", "run", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout.startswith("Usage: sentiment run [OPTIONS]")
