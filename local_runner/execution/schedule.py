"""The steps that may start now: a function of the plan and the execution's record."""

from __future__ import annotations

from collections.abc import Iterator

from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.plan import Plan, PlannedStep


def ready_steps(plan: Plan, execution: PipelineExecution) -> Iterator[PlannedStep]:
    """Yield the steps that haven't started and whose dependencies have succeeded, in plan order.

    Steps in a branch that wasn't taken, and steps that depend on those, never run.
    """
    excluded: set[str] = set()
    for planned in plan.steps:
        if planned.step.name in execution.steps:
            continue
        if not excluded.isdisjoint(planned.depends_on) or _is_in_other_branch(planned, execution):
            excluded.add(planned.step.name)
        elif all(_has_succeeded(name, execution) for name in planned.depends_on):
            yield planned


def _has_succeeded(name: str, execution: PipelineExecution) -> bool:
    return name in execution.steps and execution.steps[name].status == SUCCEEDED


def _is_in_other_branch(planned: PlannedStep, execution: PipelineExecution) -> bool:
    """Return whether the condition around the step was evaluated and selected the other branch."""
    if planned.branch is None:
        return False
    condition, outcome = planned.branch
    return (
        _has_succeeded(condition, execution) and execution.steps[condition].outcome is not outcome
    )
