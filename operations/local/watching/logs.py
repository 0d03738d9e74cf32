"""Logs of local steps: one file for each host or training job.

The output of programs is stored without times, so lines of several files aren't merged.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_runner.execution.record import EXECUTING, PipelineExecution, StepExecution
from local_runner.workdir import Workdir
from operations.errors import CliError, Interrupted, UsageError
from operations.execution_summary import LogLine, step_to_read
from operations.local.errors import translated_errors
from operations.local.executions import find_execution
from operations.local.results import load_execution, log_files
from operations.program import local_command
from operations.progress import Progress

_POLLING_SECONDS = 0.2


@dataclass(frozen=True)
class LogRequest:
    """The step whose log is read. workdir: as the user gave it.

    step: its name, in any case; None for the step that failed, else the one that runs.
    execution: its ID or ARN; None for the newest of the pipeline, with ``scoring`` of the scoring
    pipeline. last: the number of newest lines of each file; None for all.
    """

    workdir: Path
    execution: str | None
    step: str | None
    last: int | None
    scoring: bool


def read(request: LogRequest) -> tuple[str, Sequence[LogLine]]:
    """Return the step's name and the lines of its log, one file after the other.

    Raise UsageError for an unknown step, CliError if it hasn't started, or has no log.
    """
    with translated_errors(request.workdir):
        workdir, execution, name = _found(request)
        step = _step_named(execution, name)
        if step is None:
            raise _not_started(execution, name)
        files = log_files(workdir, *_performed(workdir, execution, step))
        if not files:
            raise _no_log(step)
        return step.name, [line for file in files for line in _lines(file, request.last)]


def follow(request: LogRequest, show: Callable[[LogLine], None], *, quiet: bool) -> None:
    """Call ``show`` for each line of a step's log until the step ends.

    Waits for the step's start, and says so on stderr unless ``quiet``. Raise Interrupted for
    Ctrl-C, after which the step continues; UsageError for an unknown step, CliError if it doesn't
    start, or has no log.
    """
    with translated_errors(request.workdir):
        workdir, execution, name = _found(request)
        try:
            with Progress(quiet=quiet) as progress:  # only until the first line
                progress.set_status(f"waiting for a program of step {name}")
                execution, step = _started(workdir, execution, name)
            if not _show_until_it_ends(workdir, execution, step, request.last, show):
                raise _no_log(step)
        except KeyboardInterrupt:
            words = ("logs", name, "--execution", execution.execution_id, "--follow")
            command = local_command(request.workdir, *words)
            raise Interrupted(f"the step continues; {command} follows its log again") from None


def _found(request: LogRequest) -> tuple[Workdir, PipelineExecution, str]:
    """Return the execution, and the name of the step. Raise UsageError for an unknown one."""
    workdir = Workdir(request.workdir.resolve())
    execution = find_execution(workdir, request.execution, scoring=request.scoring)
    if request.step is None:
        steps = sorted(execution.steps.values(), key=lambda step: step.started)
        ours = (it for it in steps if log_files(workdir, execution.execution_id, it.name))
        return workdir, execution, step_to_read({step.name: step.status for step in ours})
    if request.step.lower() not in map(str.lower, (*execution.planned, *execution.steps)):
        raise UsageError(
            f"execution {execution.execution_id} has no step {request.step!r}; its steps: "
            f"{', '.join(execution.planned)}"
        )
    return workdir, execution, request.step


def _step_named(execution: PipelineExecution, name: str) -> StepExecution | None:
    """Return the step with this name, in any case; None if it hasn't started."""
    return next((it for it in execution.steps.values() if it.name.lower() == name.lower()), None)


def _not_started(execution: PipelineExecution, name: str) -> CliError:
    started = sorted(execution.steps.values(), key=lambda step: step.started)
    return CliError(
        f"execution {execution.execution_id} has not started a step {name!r}; "
        f"started steps: {', '.join(step.name for step in started) or 'none'}"
    )


def _no_log(step: StepExecution) -> CliError:
    return CliError(f"step {step.name} has no log, because it started no program")


def _performed(
    workdir: Workdir, execution: PipelineExecution, step: StepExecution
) -> tuple[str, str]:
    """Return the ID of the execution that performed the step, and the step's name.

    That is another one for a reused step, and for a cached step. Raise CliError if it's deleted.
    """
    origin = step.reused_from or step.cached_from
    if not origin:
        return execution.execution_id, step.name
    earlier = workdir.executions.load(origin)
    if earlier is None:
        verb = "reused" if step.reused_from else "cached"
        raise CliError(f"step {step.name} was {verb} from {origin}, which is deleted")
    return _performed(workdir, earlier, earlier.steps[step.name])


def _lines(file: Path, last: int | None) -> Iterator[LogLine]:
    with file.open(encoding="utf-8", errors="replace") as source:
        for line in source if last is None else deque(source, last):
            yield LogLine(file.stem, line.rstrip("\n"))


def _started(
    workdir: Workdir, execution: PipelineExecution, name: str
) -> tuple[PipelineExecution, StepExecution]:
    """Return the execution and the step when it has started."""
    while True:
        is_running = workdir.executions.is_running(execution.execution_id)
        execution = load_execution(workdir, execution.execution_id)
        if step := _step_named(execution, name):
            return execution, step
        if not is_running:
            raise _not_started(execution, name)
        time.sleep(_POLLING_SECONDS)


def _show_until_it_ends(
    workdir: Workdir,
    execution: PipelineExecution,
    step: StepExecution,
    last: int | None,
    show: Callable[[LogLine], None],
) -> bool:
    """Show the lines; after the end of the step, once more. Return whether there is a log."""
    followed: dict[Path, _Tail] = {}
    while True:
        is_running = step.status == EXECUTING and workdir.executions.is_running(
            execution.execution_id
        )
        for file in log_files(workdir, *_performed(workdir, execution, step)):
            if file not in followed:
                followed[file] = _Tail(file, last)
            for text in followed[file].new_lines(is_last=not is_running):
                show(LogLine(file.stem, text))
        if not is_running:
            return bool(followed)
        time.sleep(_POLLING_SECONDS)
        execution = load_execution(workdir, execution.execution_id)
        step = execution.steps.get(step.name, step)


class _Tail:
    """The lines of a growing file. last: the number of older lines; None for all."""

    def __init__(self, file: Path, last: int | None) -> None:
        self._file = file
        self._last = last
        self._position = 0
        self._rest = b""

    def new_lines(self, *, is_last: bool) -> list[str]:
        """Return the lines since the last call; with ``is_last``, also one that isn't complete."""
        with self._file.open("rb") as source:
            source.seek(self._position)
            content = self._rest + source.read()
            self._position = source.tell()
        *complete, self._rest = content.split(b"\n")
        if is_last and self._rest:
            complete.append(self._rest)
        found = deque((line.decode("utf-8", "replace") for line in complete), self._last)
        self._last = None
        return list(found)
