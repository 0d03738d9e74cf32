"""`sentiment stop` of local executions; tests/local stops one that runs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from socket import gethostname

import pytest

from local_runner.execution.record import EXECUTING, STOPPED, SUCCEEDED, StepExecution
from local_runner.workdir import Workdir
from tests.support.command_line import assert_refused, invoke
from tests.support.local_samples import executed


def test_nothing_that_runs_is_refused(tmp_path: Path) -> None:
    executed(tmp_path, EXECUTING)  # killed
    place = ("--workdir", str(tmp_path))
    assert_refused(invoke("stop", *place), 1, str(tmp_path), f"list --workdir {tmp_path}`")
    assert_refused(invoke("stop", "local-0001", *place), 1, "local-0001", "Interrupted")
    assert_refused(invoke("stop", "local-0002", *place), 2, "local-0002")


def test_several_that_run_are_refused_with_their_commands(tmp_path: Path) -> None:
    executions = [executed(tmp_path, EXECUTING) for _ in range(2)]
    with ExitStack() as locks:
        for execution in executions:
            locks.enter_context(Workdir(tmp_path).executions.locked(execution))
        refused = invoke("stop", "--workdir", str(tmp_path))
    assert_refused(refused, 2, *(f"sentiment stop {it} --workdir" for it in executions))


class Ending:
    """The process of an execution, which ends as soon as it gets a signal."""

    def __init__(self, workdir: Path, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._store = Workdir(workdir).executions
        self._execution = executed(workdir, EXECUTING, StepExecution("Train", "Training"))
        self._status = status
        self._locks = ExitStack()
        self._locks.enter_context(self._store.locked(self._execution))
        self.signals: list[tuple[int, int]] = []
        monkeypatch.setattr("operations.local.executions.os.kill", self._kill)

    def _kill(self, process: int, number: int) -> None:
        self.signals.append((process, number))
        record = self._store.load(self._execution)
        assert record
        record.status = self._status
        self._store.save(record)
        self._locks.close()


def test_execution_that_ends_otherwise_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ending(tmp_path, SUCCEEDED, monkeypatch)
    result = invoke("stop", "local-0001", "--workdir", str(tmp_path))
    assert_refused(result, 1, "local-0001", SUCCEEDED)


@pytest.mark.parametrize(("status", "printed"), [(STOPPED, "Stopped"), (EXECUTING, "Interrupted")])
def test_stopped_execution_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, printed: str
) -> None:
    ending = Ending(tmp_path, status, monkeypatch)
    result = invoke("stop", "--workdir", str(tmp_path))
    assert result.stdout.startswith(f"{printed}: execution local-0001\n")
    assert f"sentiment retry local-0001 --workdir {tmp_path}\n" in result.stdout
    assert ending.signals


def test_execution_on_another_host_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A work folder may be shared, and the process id means another process on this host."""
    ending = Ending(tmp_path, STOPPED, monkeypatch)
    monkeypatch.setattr("operations.local.executions.socket.gethostname", lambda: "elsewhere")
    assert_refused(invoke("stop", "--workdir", str(tmp_path)), 1, "local-0001", gethostname())
    assert ending.signals == []
