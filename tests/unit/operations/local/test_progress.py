"""Progress of a local execution on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.execution.record import FAILED, PipelineExecution, StepExecution
from local_runner.plan import Plan
from local_runner.workdir import Workdir
from operations.local.running.progress import observer
from operations.progress import Progress


@pytest.mark.parametrize(("hosts", "lines"), [(2, 10), (25, 1)])
def test_failed_step_shows_the_end_of_each_hosts_log(
    hosts: int, lines: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workdir = Workdir(tmp_path)
    shown = observer(Progress(quiet=False), workdir)
    shown.on_start(Plan((), {}), PipelineExecution("local-0001", "", {}, ""))
    shown.on_step(StepExecution("Train", "Training"))
    folder = workdir.executions.logs("local-0001")
    folder.mkdir(parents=True)
    for host in range(hosts):
        (folder / f"Train.algo-{host}.log").write_text("line\n" * 30)
    shown.on_step(StepExecution("Train", "Training", FAILED))
    assert capsys.readouterr().err.count(": line") == hosts * lines
