"""`sentiment logs` of local executions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.workdir import Workdir
from operations.execution_summary import LogLine
from operations.local.watching.logs import LogRequest, follow
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import executed

JOB = {"ProcessingJobName": "pipelines-local-0001-Preprocess-1"}


def preprocess(**more: object) -> StepExecution:
    values = {"status": SUCCEEDED, "properties": JOB, **more}
    return StepExecution("Preprocess", "Processing", **values)  # type: ignore[arg-type]


def write_log(workdir: Path, execution: str, name: str, text: str) -> Path:
    folder = Workdir(workdir).executions.logs(execution)
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """local-0001 with logs of Preprocess, on one host, and of Train, on two."""
    train = StepExecution("Train", "Training", SUCCEEDED)
    gate = StepExecution("Gate", "Condition", SUCCEEDED)
    executed(tmp_path, SUCCEEDED, preprocess(), train, gate)
    write_log(tmp_path, "local-0001", "Preprocess.log", "one\ntwo\nthree")
    write_log(tmp_path, "local-0001", "Train.algo-1.log", "a\nb\n")
    write_log(tmp_path, "local-0001", "Train.algo-2.log", "c\nd\n")
    return tmp_path


def printed(workdir: Path, *arguments: str) -> str:
    result = invoke("logs", *arguments, "--workdir", str(workdir))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", ["Preprocess", "preprocess"])
def test_log_of_the_newest_execution_is_printed(workdir: Path, name: str) -> None:
    assert printed(workdir, name) == "one\ntwo\nthree\n"


@pytest.mark.parametrize("more", [(), ("--follow",)], ids=["all", "follow"])
def test_only_the_newest_lines_are_printed(workdir: Path, more: tuple[str, ...]) -> None:
    assert printed(workdir, "Preprocess", "--lines", "2", *more) == "two\nthree\n"


def test_logs_of_several_hosts_are_printed_one_after_the_other(workdir: Path) -> None:
    assert printed(workdir, "Train") == (
        "==> Train.algo-1 <==\na\nb\n\n==> Train.algo-2 <==\nc\nd\n"
    )
    assert [line for line in printed(workdir, "Train", "--lines", "1").split() if len(line) == 1]
    document = json_output(invoke("logs", "Train", "--json", "--workdir", str(workdir)))
    assert document["step"] == "Train"
    assert document["lines"][2] == {"message": "c", "stream": "Train.algo-2", "time": None}


@pytest.mark.parametrize(
    "step",
    [
        preprocess(cached=True, cached_from="local-0001"),
        preprocess(reused_from="local-0001"),
        preprocess(cached=True, reused_from="local-0002"),
    ],
    ids=["cached", "reused", "reused from a cached step"],
)
def test_log_of_a_result_of_another_execution_is_that_of_the_execution_that_ran_it(
    workdir: Path, step: StepExecution
) -> None:
    executed(workdir, SUCCEEDED, preprocess(cached=True, cached_from="local-0001"))
    executed(workdir, SUCCEEDED, step)
    assert printed(workdir, "Preprocess").startswith("one\n")


@pytest.mark.parametrize("more", [(), ("--follow",)], ids=["all", "follow"])
def test_step_that_failed_else_the_one_that_runs_is_the_default(
    workdir: Path, more: tuple[str, ...]
) -> None:
    place = ("--workdir", str(workdir))
    refused = invoke("logs", *more, *place)
    assert_refused(refused, 2, "Preprocess, Train")
    assert "Gate" not in refused.stderr  # it has no log
    for failed in (False, True):
        steps = [StepExecution("Train", "Training", EXECUTING, "2026-01-01T00:00:00+00:00")]
        if failed:
            steps.append(preprocess(status=FAILED, started="2026-01-01T00:00:01+00:00"))
        execution = executed(workdir, EXECUTING, *steps)
        write_log(workdir, execution, "Train.log", "trains\n")
        write_log(workdir, execution, "Preprocess.log", "failed\n")
        assert printed(workdir, *more) == ("failed\n" if failed else "trains\n")


def test_step_whose_execution_is_deleted_is_refused(workdir: Path) -> None:
    for step in (
        preprocess(cached=True, cached_from="local-0009"),
        preprocess(reused_from="local-0009"),
    ):
        executed(workdir, SUCCEEDED, step)
        result = invoke("logs", "Preprocess", "--workdir", str(workdir))
        assert_refused(result, 1, "Preprocess", "local-0009")


def test_missing_logs_are_refused(workdir: Path) -> None:
    place = ("--workdir", str(workdir))
    assert_refused(invoke("logs", "Gate", *place), 1, "Gate")
    assert_refused(invoke("logs", "Gate", "--follow", *place), 1, "Gate")
    assert_refused(invoke("logs", "Nope", *place), 2, "Nope", "Preprocess, Train")
    assert_refused(invoke("logs", "Nope", "--follow", *place), 2, "Nope")
    assert_refused(invoke("logs", "Train", "--execution", "local-0009", *place), 2, "local-0009")
    assert_refused(invoke("logs", "Train", "--timestamps", *place), 2, "--timestamps")
    empty = ("--workdir", str(workdir / "empty"))
    assert_refused(invoke("logs", "Train", *empty), 1, str(workdir / "empty"))


def test_step_that_did_not_start_is_refused_with_started_steps(workdir: Path) -> None:
    store = Workdir(workdir).executions
    execution = store.load("local-0001")
    assert execution is not None
    store.save(replace(execution, planned=[*execution.planned, "Register"]))
    place = ("--workdir", str(workdir))
    assert_refused(invoke("logs", "Register", *place), 1, "Register", "Preprocess, Train")
    assert_refused(invoke("logs", "Register", "--follow", *place), 1, "Register")


class Running:
    """An execution that another process runs: each pause of the command, a step goes on."""

    def __init__(self, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workdir = Workdir(workdir)
        self.execution = PipelineExecution(self.workdir.executions.new_id(), "", {}, "2026-01-01")
        self.execution.planned = ["Preprocess", "Train"]
        self.workdir.executions.save(self.execution)
        self._steps: Iterator[Callable[[], object]] = iter(())
        monkeypatch.setattr("operations.local.watching.logs.time.sleep", self._go_on)

    def will(self, *steps: Callable[[], object]) -> None:
        self._steps = iter(steps)

    def record(self, status: str) -> None:
        self.execution.steps = {"Preprocess": preprocess(status=status)}
        self.workdir.executions.save(self.execution)

    def write(self, text: str) -> None:
        log = self.workdir.executions.logs(self.execution.execution_id) / "Preprocess.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a") as file:
            file.write(text)

    def end(self, text: str) -> None:
        self.write(text)
        self.record(SUCCEEDED)

    def _go_on(self, _: float) -> None:
        next(self._steps)()


def followed(workdir: Path) -> list[str]:
    shown: list[LogLine] = []
    follow(LogRequest(workdir, None, "Preprocess", None, False), shown.append, quiet=True)
    return [line.message for line in shown]


def test_lines_are_followed_from_the_start_of_a_step_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(tmp_path, monkeypatch)
    running.will(
        lambda: running.record(EXECUTING),
        lambda: running.write("one\ntw"),
        lambda: running.write("o\n"),
        lambda: running.end("end"),
    )
    with running.workdir.executions.locked("local-0001"):
        assert followed(tmp_path) == ["one", "two", "end"]


def test_following_ends_when_the_execution_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(tmp_path, monkeypatch)
    running.record(EXECUTING)
    running.write("one\n")
    assert followed(tmp_path) == ["one"]


def test_ctrl_c_while_following_names_the_command_that_follows_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    running = Running(tmp_path, monkeypatch)
    running.record(EXECUTING)
    running.write("one\n")
    running.will(interrupt)
    with running.workdir.executions.locked("local-0001"):
        result = invoke("logs", "Preprocess", "-f", "--json", "--workdir", str(tmp_path))
    line, error = map(json.loads, result.stdout.splitlines())
    assert line["message"] == "one"
    assert (result.exit_code, error["error"]["exit_code"]) == (130, 130)
    assert "logs Preprocess --execution local-0001 --follow" in error["error"]["message"]
