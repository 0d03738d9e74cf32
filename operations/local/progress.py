"""What a local run tells, handed on to those who watch."""

from __future__ import annotations

from local_runner.execution.record import (
    EXECUTING,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.plan import Plan
from local_runner.run import Observer
from operations.progress import Progress


def observer(progress: Progress) -> Observer:
    """What the runner is handed, to be told of everything."""
    running: dict[str, str] = {}

    def on_start(plan: Plan, execution: PipelineExecution) -> None:
        progress.width = max(len(planned.step.name) for planned in plan.steps)
        kept = [step.name for step in execution.steps.values() if step.status == SUCCEEDED]
        progress.say(f"execution {execution.execution_id}")
        if execution.steps:
            progress.say(f"  continued; already done: {', '.join(kept) or 'nothing'}")

    def on_step(record: StepExecution) -> None:
        if record.status == EXECUTING:
            again = f" (attempt {record.attempts})" if record.attempts > 1 else ""
            running[record.name] = f"{record.name}{again} {record.failure_reason}".rstrip()
        else:
            running.pop(record.name)
            progress.over(record.name, record.status == SUCCEEDED, record.seconds, _note(record))
        progress.now(", ".join(running.values()))

    return Observer(on_start=on_start, on_step=on_step, on_line=progress.detail)


def _note(record: StepExecution) -> str:
    if record.outcome is not None:
        return "passed" if record.outcome else "not passed"
    return "cached" if record.cached else record.failure_reason
