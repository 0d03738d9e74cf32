"""Local executions: list them, find them, stop them."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from local_runner.execution.record import EXECUTING, STOPPED, PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.execution_summary import INTERRUPTED, ExecutionSummary, StepSummary
from operations.local.errors import translated_errors
from operations.local.results import load_execution, summarize
from operations.program import ELSEWHERE, local_command
from processing.names import Parameter

_POLLING_SECONDS = 0.1
_STOPPING_SECONDS = 60.0


def newest(workdir: Path, limit: int, *, scoring: bool) -> list[ExecutionSummary]:
    """Return the newest executions of the training or the scoring pipeline. Raise CliError.

    The status of one whose process was killed is Interrupted: the same command continues it.
    """
    folder = Workdir(workdir.resolve())
    with translated_errors(folder.root):
        found = islice(_newest_first(folder, scoring=scoring), limit)
        return [summary_of(execution, folder) for execution in found]


def find_execution(workdir: Workdir, wanted: str | None, *, scoring: bool) -> PipelineExecution:
    """Return the execution with this ID or ARN, None for the newest. Raise CliError."""
    if wanted is not None:
        return load_execution(workdir, wanted)
    with translated_errors(workdir.root):
        found = next(_newest_first(workdir, scoring=scoring), None)
    if found is None:
        verb = "score" if scoring else "run"
        command = local_command(workdir.root, verb)
        raise CliError(f"{workdir.root} has no executions; start one with {command}, {ELSEWHERE}")
    return found


def stop(path: Path, wanted: str | None, *, scoring: bool) -> ExecutionSummary:
    """Stop a running execution, None for the only one that is running, and wait for its end.

    path: of the work folder, as the user gave it. Its process ends as by Ctrl-C. Raise CliError if
    it isn't running, UsageError if several are.
    """
    workdir = Workdir(path.resolve())
    with translated_errors("the process"):
        execution_id = _find_running(path, workdir, wanted, scoring=scoring)
        _end_process(workdir, execution_id)
        ended = load_execution(workdir, execution_id)
    summary = summary_of(ended, workdir)
    if summary.status not in (STOPPED, INTERRUPTED):
        raise _not_running(summary)
    return summary


def _find_running(path: Path, workdir: Workdir, wanted: str | None, *, scoring: bool) -> str:
    store = workdir.executions
    if wanted is not None:
        execution = load_execution(workdir, wanted)
        if not store.is_running(execution.execution_id):
            raise _not_running(summary_of(execution, workdir))
        return execution.execution_id
    found = (it.execution_id for it in _newest_first(workdir, scoring=scoring))
    running = [execution_id for execution_id in found if store.is_running(execution_id)]
    if not running:
        command = local_command(path, "list", *(["--scoring"] if scoring else []))
        raise CliError(f"no execution in {path} is running; {command} lists executions")
    if len(running) > 1:
        commands = ", ".join(local_command(path, "stop", it) for it in running)
        raise UsageError(f"{len(running)} executions in {path} are running; choose one: {commands}")
    return running[0]


def _end_process(workdir: Workdir, execution_id: str) -> None:
    """End the process that runs the execution, and wait for it."""
    deadline = time.monotonic() + _STOPPING_SECONDS
    signalled = None
    while workdir.executions.is_running(execution_id):
        process = workdir.executions.process(execution_id)
        if process and process.host != socket.gethostname():
            raise CliError(f"execution {execution_id} runs on {process.host}; stop it there")
        if process and process != signalled:
            signalled = process
            with suppress(ProcessLookupError):
                os.kill(process.number, signal.SIGTERM)
                os.kill(process.number, signal.SIGCONT)  # a suspended process
        if time.monotonic() > deadline:
            raise CliError(
                f"execution {execution_id} hasn't stopped after {_STOPPING_SECONDS:.0f} s; "
                f"its process is {process.number if process else 'unknown'}"
            )
        time.sleep(_POLLING_SECONDS)


def _newest_first(workdir: Workdir, *, scoring: bool) -> Iterator[PipelineExecution]:
    return (it for it in workdir.executions.newest_first() if is_scoring(it) == scoring)


def summary_of(execution: PipelineExecution, workdir: Workdir) -> ExecutionSummary:
    """Summarize an execution with its results; a running step lasts until now."""
    summary = summarize(execution, workdir)
    if not summary.is_running:
        return summary
    now = datetime.now(UTC)
    return replace(summary, steps=[_until(now, step) for step in summary.steps or ()])


def _until(now: datetime, step: StepSummary) -> StepSummary:
    """Return the step with its duration so far, which isn't recorded while it runs."""
    if step.status != EXECUTING or step.started is None:
        return step
    return replace(step, seconds=round((now - step.started).total_seconds(), 3))


def is_scoring(execution: PipelineExecution) -> bool:
    """Return whether it is an execution of the scoring pipeline."""
    return Parameter.DRIFT_THRESHOLD in execution.parameters


def _not_running(execution: ExecutionSummary) -> CliError:
    return CliError(
        f"execution {execution.execution_id} isn't running: its status is {execution.status}"
    )
