"""Progress of a local execution."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.plan import Plan
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.containers import ignore
from local_runner.platform.foreground import ForegroundProgram
from local_runner.run import Observer
from local_runner.workdir import Workdir
from operations.errors import Interrupted
from operations.local.errors import translated_errors
from operations.local.results import log_files, summarize_step
from operations.program import local_command
from operations.progress import Progress
from operations.views.printing import location

_LOG_LINES = 20


@contextmanager
def shown(
    path: Path, workdir: Workdir, *, quiet: bool, first_lines: Sequence[str] = ()
) -> Iterator[Observer]:
    """Yield the runner's observer that shows everything on stderr, unless ``quiet``.

    path: of the work folder, as the user gave it. Errors of the runner and the file system inside
    are raised as CliError, Ctrl-C as Interrupted.
    """
    ids: list[str] = []
    try:
        with translated_errors(workdir.root), Progress(quiet=quiet) as progress:
            for line in first_lines:
                progress.print_line(line)
            yield observer(progress, workdir, ids.append)
    except KeyboardInterrupt:
        again = f"; {local_command(path, 'retry', *ids)} continues it" if ids else ""
        raise Interrupted(f"stopped{again}") from None


def observer(
    progress: Progress, workdir: Workdir, started: Callable[[str], None] = ignore
) -> Observer:
    """Return the observer that shows everything on ``progress``.

    started: called with the execution's ID when it starts.
    """
    running: dict[str, str] = {}
    execution_id = ""
    skipped: dict[Path, int] = {}

    def on_start(plan: Plan, execution: PipelineExecution) -> None:
        nonlocal execution_id
        execution_id = execution.execution_id
        started(execution_id)
        progress.width = max((len(planned.step.name) for planned in plan.steps), default=0)
        known = (execution.steps.get(planned.step.name) for planned in plan.steps)
        performed = [step for step in known if step and not step.reused_from]
        done = [step.name for step in performed if step.status == SUCCEEDED]
        progress.print_line(f"execution {execution.execution_id}")
        for step in plan.reused.values():
            progress.print_step(summarize_step(step))
        if performed:
            progress.print_line(f"  continued; steps already done: {', '.join(done) or 'none'}")

    def on_step(record: StepExecution) -> None:
        if record.status == EXECUTING:
            attempt = f" (attempt {record.attempts})" if record.attempts > 1 else ""
            running[record.name] = f"{record.name}{attempt} {record.failure_reason}".rstrip()
            for file in log_files(workdir, execution_id, record.name):  # of earlier attempts
                skipped[file] = file.stat().st_size
        else:
            running.pop(record.name)
            is_failed = record.status == FAILED
            files = log_files(workdir, execution_id, record.name) if is_failed else []
            lines = _last_lines(files, skipped)
            progress.print_step(summarize_step(record), lines, _paths(files))
        progress.set_status(", ".join(running.values()))
        if record.status == EXECUTING:
            progress.set_detail(summarize_step(record).why)

    @contextmanager
    def in_foreground(program: ForegroundProgram) -> Iterator[None]:
        with progress.paused():
            print(_introduction(program), file=sys.stderr)
            yield

    return Observer(
        on_start=on_start,
        on_step=on_step,
        on_line=progress.set_detail,
        on_progress=progress.set_detail,
        in_foreground=in_foreground,
    )


def _introduction(program: ForegroundProgram) -> str:
    """Return where a debugged program runs, and how to run it there again."""
    return (
        f"{OPT_ML} is {program.folder}, which is kept.\n"
        f"This command runs the program there again:\n\n{program.script}\n"
    )


def _last_lines(files: Sequence[Path], skipped: Mapping[Path, int]) -> list[str]:
    """Return the last lines of logs, at least one of each, without their skipped first bytes."""
    lines: list[str] = []
    for file in files:
        with file.open("rb") as log:
            log.seek(skipped.get(file, 0))
            last = deque(log, max(_LOG_LINES // len(files), 1))
        host = file.stem.rpartition(".")[2] if len(files) > 1 else ""
        texts = (line.decode("utf-8", "replace").rstrip("\r\n") for line in last)
        lines += (f"{host}: {text}" if host else text for text in texts)
    return lines


def _paths(files: Sequence[Path]) -> str:
    return f"log: {', '.join(location(str(file)) for file in files)}" if files else ""
