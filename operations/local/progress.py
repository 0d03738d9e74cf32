"""Progress of a local execution."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.plan import Plan
from local_runner.run import Observer
from local_runner.workdir import Workdir
from operations.local.results import log_files, summarize_step
from operations.progress import Progress
from operations.views.printing import location


def observer(progress: Progress, workdir: Workdir) -> Observer:
    """Return the runner's observer that shows everything on ``progress``."""
    running: dict[str, str] = {}
    execution_id = ""

    def on_start(plan: Plan, execution: PipelineExecution) -> None:
        nonlocal execution_id
        execution_id = execution.execution_id
        progress.width = max((len(planned.step.name) for planned in plan.steps), default=0)
        performed = [step for step in execution.steps.values() if not step.reused_from]
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
        else:
            running.pop(record.name)
            files = log_files(workdir, execution_id, record.name)
            more = _paths(files) if record.status == FAILED else ""
            progress.print_step(summarize_step(record), more=more)
        progress.set_status(", ".join(running.values()))

    return Observer(on_start=on_start, on_step=on_step, on_line=progress.set_detail)


def _paths(files: Sequence[Path]) -> str:
    return f"log: {', '.join(location(str(file)) for file in files)}" if files else ""
