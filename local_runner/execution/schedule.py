"""Which steps may start now: a function of the plan and of what has happened so far."""

from __future__ import annotations

from collections.abc import Iterator

from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.plan import Plan, PlannedStep


def due(plan: Plan, execution: PipelineExecution) -> Iterator[PlannedStep]:
    """The steps that haven't begun and wait for nothing more, in the plan's order.

    A step on a branch that wasn't taken never runs, and nothing that depends on it does.
    """
    never: set[str] = set()
    for planned in plan.steps:
        if planned.step.name in execution.steps:
            continue
        if not never.isdisjoint(planned.depends_on) or _is_passed_over(planned, execution):
            never.add(planned.step.name)
        elif all(_is_over(name, execution) for name in planned.depends_on):
            yield planned


def _is_over(name: str, execution: PipelineExecution) -> bool:
    return name in execution.steps and execution.steps[name].status == SUCCEEDED


def _is_passed_over(planned: PlannedStep, execution: PipelineExecution) -> bool:
    """Whether the condition around the step has been judged, and the other way."""
    if planned.branch is None:
        return False
    condition, outcome = planned.branch
    return _is_over(condition, execution) and execution.steps[condition].outcome is not outcome
