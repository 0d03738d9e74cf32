"""Runs: continued, locked and damaged executions, and their records."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import WorkdirError
from local_runner.execution.record import ExecutionStore, PipelineExecution, Process, StepExecution
from local_runner.run import Observer, run
from local_runner.workdir import Workdir
from tests.support.programs import killed_if_failing
from tests.support.runner_samples import (
    Document,
    document,
    parameter,
    planned,
    processing,
)

OK = ("-c", "print('fine')")


def pipeline(*programs: tuple[str, ...]) -> Document:
    """Steps A, B, C, one after the other."""
    steps = [
        processing(name, program=code, DependsOn=[before] if before else [])
        for name, before, code in zip("ABC", (None, "A", "B"), programs, strict=False)
    ]
    return document(*steps, parameters=(parameter("P", DefaultValue="p"),))


def started(root: Path, definition: Document) -> list[str]:
    """Run the definition; return the names of the steps that were started."""
    names: list[str] = []

    def on_step(record: StepExecution) -> None:
        if record.status == "Executing" and record.name not in names:
            names.append(record.name)

    run(planned(definition), Workdir(root), Observer(on_step=on_step))
    return names


def record_of(root: Path, name: str = "local-0001") -> Any:
    return json.loads((root / "executions" / name / "execution.json").read_text())


def interrupt(root: Path, definition: Document) -> None:
    """Write the record of an execution that was killed while its last step ran."""
    started(root, definition)
    record = record_of(root)
    record["status"] = "Executing"
    record["steps"]["C"]["status"] = "Executing"
    (root / "executions/local-0001/execution.json").write_text(json.dumps(record))


def executions(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "executions").iterdir())


def test_execution_that_was_killed_is_continued_under_its_id(tmp_path: Path) -> None:
    interrupt(tmp_path, pipeline(OK, OK, OK))
    assert started(tmp_path, pipeline(OK, OK, OK)) == ["C"]
    assert executions(tmp_path) == ["local-0001"]
    record = record_of(tmp_path)
    assert record["status"] == "Succeeded"
    assert [step["status"] for step in record["steps"].values()] == ["Succeeded"] * 3


def test_record_names_the_steps_that_have_not_started_too(tmp_path: Path) -> None:
    started(tmp_path, pipeline(("-c", "exit(1)"), OK))
    record = record_of(tmp_path)
    assert (list(record["steps"]), record["planned"]) == (["A"], ["A", "B"])


def test_execution_that_was_killed_is_not_continued_with_another_definition(
    tmp_path: Path,
) -> None:
    interrupt(tmp_path, pipeline(OK, OK, OK))
    other = pipeline(OK, OK, ("-c", "print('other')"))
    assert started(tmp_path, other) == ["A", "B", "C"]
    assert executions(tmp_path) == ["local-0001", "local-0002"]


def test_execution_that_was_killed_is_not_continued_with_another_parameter(
    tmp_path: Path,
) -> None:
    definition = pipeline(OK, OK, OK)
    interrupt(tmp_path, definition)
    execution = run(planned(definition, P="q"), Workdir(tmp_path), Observer())
    assert execution.execution_id == "local-0002"


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
def test_execution_that_is_over_is_never_continued(tmp_path: Path, status: str) -> None:
    definition = pipeline(OK, OK, OK)
    interrupt(tmp_path, definition)
    record = record_of(tmp_path)
    record["status"] = status
    (tmp_path / "executions/local-0001/execution.json").write_text(json.dumps(record))
    assert started(tmp_path, definition) == ["A", "B", "C"]
    assert executions(tmp_path) == ["local-0001", "local-0002"]


def test_execution_that_another_process_runs_is_refused(tmp_path: Path) -> None:
    definition = pipeline(OK, OK, OK)
    interrupt(tmp_path, definition)
    lock = tmp_path / "executions/local-0001/lock"
    code = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    started_holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with killed_if_failing(started_holder) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkdirError) as refusal:
            started(tmp_path, definition)
    assert str(refusal.value) == (
        "execution local-0001 is running in another process; wait for it, or choose "
        "another --workdir"
    )
    assert record_of(tmp_path)["steps"]["C"]["status"] == "Executing"
    assert started(tmp_path, definition) == ["C"]


def test_process_that_asks_whether_an_execution_runs_does_not_prevent_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ExecutionStore(tmp_path)
    execution = store.new_id()
    asking = (tmp_path / execution / "lock").open("a")
    fcntl.flock(asking, fcntl.LOCK_SH)
    monkeypatch.setattr("local_runner.execution.record.time.sleep", lambda _: asking.close())
    with store.locked(execution):
        assert store.process(execution) == Process(os.getpid(), socket.gethostname())
    assert store.process(execution) is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"steps": {"A": {"no": 1}}}', "\ufeff{}"],
    ids=["empty", "cut", "array", "hollow", "other-keys", "bom"],
)
def test_damaged_record_is_named_with_the_remedy(tmp_path: Path, content: str) -> None:
    path = tmp_path / "executions/local-0001/execution.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(WorkdirError) as refusal:
        ExecutionStore(tmp_path / "executions").interrupted("f")
    assert str(refusal.value).startswith(f"{path}: damaged (")
    assert str(refusal.value).endswith("); remove its folder")


def test_other_files_among_the_executions_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"x")  # as macOS leaves it wherever Finder looked
    assert ExecutionStore(tmp_path).interrupted("f") is None


def test_only_the_newest_execution_is_continued(tmp_path: Path) -> None:
    store = ExecutionStore(tmp_path)
    store.save(PipelineExecution("local-9999", "f", {}, "2026", status="Executing"))
    store.save(PipelineExecution("local-10000", "f", {}, "2026", status="Succeeded"))
    assert store.interrupted("f") is None


def test_execution_ids_skip_gaps_and_other_folders(tmp_path: Path) -> None:
    store = ExecutionStore(tmp_path / "executions")
    assert store.new_id() == "local-0001"
    (tmp_path / "executions/local-0041").mkdir()
    (tmp_path / "executions/local-copy").mkdir()
    assert [store.new_id(), store.new_id()] == ["local-0042", "local-0043"]


def test_record_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    step = StepExecution(
        "A", "Condition", "Succeeded", "2026", 1.25, 2, outcome=True, properties={"Outcome": True}
    )
    execution = PipelineExecution("local-0001", "f", {"P": 5}, "2026", steps={"A": step})
    ExecutionStore(tmp_path).save(execution)
    assert ExecutionStore(tmp_path).interrupted("f") == execution


def test_programs_lines_and_failure_reach_the_observer_and_the_record(tmp_path: Path) -> None:
    lines: list[str] = []
    definition = pipeline(OK, ("-c", "print('error: bad'); exit(1)"), OK)
    execution = run(planned(definition), Workdir(tmp_path), Observer(on_line=lines.append))
    assert lines == ["fine", "error: bad"]
    assert execution.status == "Failed"
    assert record_of(tmp_path)["steps"]["B"]["failure_reason"] == (
        "AlgorithmError: bad, exit code: 1"
    )
    assert (tmp_path / "executions/local-0001/logs/B.log").read_text() == "error: bad\n"


def test_step_that_runs_longer_than_its_maximum_fails(tmp_path: Path) -> None:
    seconds = {"Get": "Parameters.Seconds"}
    step = processing("A", program=("-c", "import time; time.sleep(60)"), max_runtime=seconds)
    limit = parameter("Seconds", "Float", DefaultValue=0.3)
    execution = run(planned(document(step, parameters=(limit,))), Workdir(tmp_path), Observer())
    assert execution.steps["A"].failure_reason == "MaxRuntimeExceeded: after 0.3 s"


@pytest.mark.parametrize("isolated", [True, False])
def test_jobs_do_not_inherit_the_users_aws_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, isolated: bool
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "the user's")
    code = "import os; print(*sorted(name for name in os.environ if name.startswith('AWS_')))"
    step = processing("A", program=("-c", code))
    step["Arguments"]["NetworkConfig"] = {"EnableNetworkIsolation": isolated}
    lines: list[str] = []
    run(planned(document(step)), Workdir(tmp_path), Observer(on_line=lines.append))
    [line] = lines
    assert "AWS_PROFILE" not in line
    assert "AWS_SESSION_TOKEN" not in line
    assert ("AWS_ENDPOINT_URL" in line) is not isolated
    assert ("AWS_ACCESS_KEY_ID" in line) is not isolated
