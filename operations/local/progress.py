"""Progress of a local execution."""

from __future__ import annotations

from local_runner.execution.record import (
    EXECUTING,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.plan import Plan
from local_runner.run import Observer
from operations.local.results import summarize_step
from operations.progress import Progress


def observer(progress: Progress) -> Observer:
    """Return the runner's observer that shows everything on ``progress``."""
    running: dict[str, str] = {}

    def on_start(plan: Plan, execution: PipelineExecution) -> None:
        progress.width = max(len(planned.step.name) for planned in plan.steps)
        done = [step.name for step in execution.steps.values() if step.status == SUCCEEDED]
        progress.print_line(f"execution {execution.execution_id}")
        if execution.steps:
            progress.print_line(f"  continued; steps already done: {', '.join(done) or 'none'}")

    def on_step(record: StepExecution) -> None:
        if record.status == EXECUTING:
            attempt = f" (attempt {record.attempts})" if record.attempts > 1 else ""
            running[record.name] = f"{record.name}{attempt} {record.failure_reason}".rstrip()
        else:
            running.pop(record.name)
            progress.print_step(summarize_step(record))
        progress.set_status(", ".join(running.values()))

    return Observer(on_start=on_start, on_step=on_step, on_line=progress.set_detail)
