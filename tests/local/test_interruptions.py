"""Runs that are killed, stopped, or meet each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_runs import (
    ROOT,
    Run,
    command,
    run,
)
from tests.support.programs import killed_if_failing

Record = dict[str, Any]

SLOW = ("NumRound=2000", "EarlyStoppingRounds=2000")
"""So that Train takes seconds, and a signal meant for it finds it."""


def record_of(workdir: Path, name: str = "local-0001") -> Record:
    try:
        text = (workdir / "executions" / name / "execution.json").read_text()
    except FileNotFoundError:
        return {"status": "", "steps": {}}
    record: Record = json.loads(text)
    return record


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def started(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end_during(step: str, number: signal.Signals, workdir: Path, archive: Path) -> tuple[int, str]:
    """Starts a run, sends the signal while the step runs; the exit code and what it said."""
    with killed_if_failing(started(command(workdir, archive, *SLOW))) as process:
        wait_for(lambda: record_of(workdir)["steps"].get(step, {}).get("status") == "Executing")
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> tuple[Path, Record]:
    """A work folder whose execution was killed in the middle of Train, and its record then."""
    workdir = tmp_path_factory.mktemp("killed") / "runs"
    code, _ = end_during("Train", signal.SIGKILL, workdir, archive)
    assert code == -signal.SIGKILL
    return workdir, record_of(workdir)


@pytest.fixture(scope="module")
def continued(killed: tuple[Path, Record], archive: Path) -> Run:
    return run(killed[0], archive, *SLOW)


def test_a_killed_run_leaves_a_record_of_how_far_it_was(killed: tuple[Path, Record]) -> None:
    _, record = killed
    assert record["status"] == "Executing"
    assert {name: step["status"] for name, step in record["steps"].items()} == {
        "Download": "Succeeded",
        "Preprocess": "Succeeded",
        "Train": "Executing",
    }


def test_a_killed_run_is_continued_and_its_finished_steps_are_kept(
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


def test_a_continued_run_leaves_no_sandbox(continued: Run) -> None:
    assert list(continued.workdir.glob("executions/*/sandboxes")) == []


def test_a_continued_run_gives_the_same_bytes_as_one_in_one_go(
    continued: Run, archive: Path, tmp_path: Path
) -> None:
    whole = run(tmp_path / "runs", archive, *SLOW)
    assert continued.artifact("model").read_bytes() == whole.artifact("model").read_bytes()
    assert continued.lines("predictions") == whole.lines("predictions")
    assert continued.versions() == ["1.json"]


def test_a_stopped_run_says_so_and_the_next_starts_from_the_cache(
    archive: Path, tmp_path: Path
) -> None:
    workdir = tmp_path / "runs"
    code, said = end_during("Train", signal.SIGINT, workdir, archive)
    expected = "error: stopped; the same command starts anew from what the cache holds\n"
    assert (code, said) == (130, expected)
    record = record_of(workdir)
    assert (record["status"], record["steps"]["Train"]["status"]) == ("Stopped", "Stopped")
    assert list(workdir.glob("executions/*/sandboxes")) == []
    again = run(workdir, archive, *SLOW)
    assert again.code == 0
    assert again.summary["execution_id"] == "local-0002"
    assert again.cached == ["Download", "Preprocess"]


def waiting_step(name: str, folder: Path, seconds: float, hosts: int = 1) -> Record:
    """Each of its programs tells its process id in a file's name and waits without a word."""
    code = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], str(os.getpid())).touch();"
    code += f"time.sleep({seconds})"
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "AppSpecification": {
                "ImageUri": "sagemaker-scikit-learn:1",
                "ContainerEntrypoint": ["python3", "-c", code, str(folder)],
            },
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": hosts}},
        },
    }


def waiting_definition(root: Path, seconds: float, several: bool = False) -> Path:
    """One step that waits; or, if several programs are asked for, two with three of them."""
    folder = root / "pids"
    folder.mkdir()
    steps = [waiting_step("Wait", folder, seconds)]
    if several:
        steps.append(waiting_step("WaitToo", folder, seconds, hosts=2))
    path = root / "definition.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    return path


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def start_waiting(root: Path, archive: Path, seconds: float) -> subprocess.Popen[str]:
    """Starts two steps with three programs in all, and returns when all of them wait."""
    definition = waiting_definition(root, seconds, several=True)
    options = ("--definition", str(definition), "--max-parallel-steps", "2")
    process = started([*command(root / "runs", archive), *options])
    wait_for(lambda: len(list((root / "pids").iterdir())) == 3)
    return process


def left_behind(root: Path, seconds: float = 0) -> list[int]:
    """The programs that still run after so many seconds though they shouldn't; they are ended."""
    pids = [int(path.name) for path in (root / "pids").iterdir()]
    end = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_running(pid)]) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def test_a_second_run_of_the_same_is_refused_while_the_first_one_runs(
    archive: Path, tmp_path: Path
) -> None:
    with killed_if_failing(start_waiting(tmp_path, archive, seconds=60)) as process:
        second = subprocess.run(
            [
                *command(tmp_path / "runs", archive),
                *("--definition", str(tmp_path / "definition.json")),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    message = (
        "error: execution local-0001 is running in another process; wait for it, or choose "
        "another --workdir\n"
    )
    assert (second.returncode, second.stdout, second.stderr) == (1, "", message)


def test_a_stopped_run_stops_every_step_and_leaves_no_program_behind(
    archive: Path, tmp_path: Path
) -> None:
    with killed_if_failing(start_waiting(tmp_path, archive, seconds=60)) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert left_behind(tmp_path) == []
    record = record_of(tmp_path / "runs")
    statuses = {name: step["status"] for name, step in record["steps"].items()}
    assert (record["status"], statuses) == (
        "Stopped",
        {"Wait": "Stopped", "WaitToo": "Stopped"},
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_a_killed_run_leaves_no_program_behind(
    archive: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with killed_if_failing(start_waiting(tmp_path, archive, seconds=60)) as process:
        process.send_signal(number)
        process.communicate(timeout=60)
    assert left_behind(tmp_path, seconds=5) == []  # the kernel's to end


def test_runs_at_the_same_time_in_one_work_folder_do_not_disturb_each_other(
    archive: Path, tmp_path: Path
) -> None:
    definition = waiting_definition(tmp_path, seconds=0.1)
    document = json.loads(definition.read_text())
    document["Parameters"] = [{"Name": "Number", "Type": "Integer"}]
    definition.write_text(json.dumps(document))
    processes = [
        started(
            [
                *command(tmp_path / "runs", archive, f"Number={number}"),
                *("--definition", str(definition)),
            ]
        )
        for number in range(8)
    ]
    codes = []
    for process in processes:
        with killed_if_failing(process):
            process.communicate(timeout=60)
            codes.append(process.returncode)
    assert codes == [0] * 8
    executions = sorted(path.name for path in (tmp_path / "runs/executions").iterdir())
    assert executions == [f"local-{number:04}" for number in range(1, 9)]


def test_the_command_is_there_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "operations", "run", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith("Usage: sentiment run [OPTIONS]")
