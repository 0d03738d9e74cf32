"""The schedule: functions of the plan and the execution's record.

SageMaker doesn't document what a failure stops. Here no step starts after a failure, unless a step
has a run condition for it (Trigger Failed or Any): then the others continue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from local_runner.definition.model import ANY, COMPLETED, FAIL
from local_runner.execution.record import (
    COMPLETED_WITH_FAILURES,
    EXECUTING,
    FAILED,
    SUCCEEDED,
    PipelineExecution,
)
from local_runner.plan import Plan, PlannedStep


def ready_steps(plan: Plan, execution: PipelineExecution) -> Iterator[PlannedStep]:
    """Yield the steps that haven't started and may start now, in plan order.

    Steps in a branch that wasn't taken, steps whose dependencies have another outcome than they
    run on, and steps that depend on those, never run.
    """
    excluded: set[str] = set()
    running = Counter(
        it.step.iteration.for_each
        for it in plan.steps
        if it.step.iteration and _status(it.step.name, execution) == EXECUTING
    )
    for planned in plan.steps:
        if planned.step.name in execution.steps:
            continue
        met = [_is_met(planned, name, execution) for name in planned.depends_on]
        is_excluded = not excluded.isdisjoint(planned.depends_on) or False in met
        if is_excluded or _is_in_other_branch(planned, execution):
            excluded.add(planned.step.name)
        elif all(met):
            if iteration := planned.step.iteration:
                if running[iteration.for_each] >= iteration.max_concurrency:
                    continue
                running[iteration.for_each] += 1
            yield planned


def outcome(plan: Plan, execution: PipelineExecution) -> str:
    """Return the status of an execution whose steps have ended.

    Failed as soon as a step has failed that no other step has a run condition for.
    """
    handled = {
        name
        for planned in plan.steps
        for name, trigger in planned.step.triggers
        if trigger in (FAILED, ANY)
    }
    failed = [step for step in execution.steps.values() if step.status == FAILED]
    if any(step.type == FAIL or step.name not in handled for step in failed):
        return FAILED
    return COMPLETED_WITH_FAILURES if failed else SUCCEEDED


def _status(name: str, execution: PipelineExecution) -> str | None:
    return execution.steps[name].status if name in execution.steps else None


def _is_met(planned: PlannedStep, name: str, execution: PipelineExecution) -> bool | None:
    """Return whether a dependency had the outcome that the step runs on; None before its end."""
    status = _status(name, execution)
    if status in (None, EXECUTING):
        return None
    trigger = dict(planned.step.triggers).get(name, COMPLETED)
    return trigger in (ANY, COMPLETED if status == SUCCEEDED else status)


def _is_in_other_branch(planned: PlannedStep, execution: PipelineExecution) -> bool:
    """Return whether the condition around the step was evaluated and selected the other branch."""
    if planned.branch is None or planned.branch[0] not in execution.steps:
        return False
    condition = execution.steps[planned.branch[0]]
    return condition.status == SUCCEEDED and condition.outcome is not planned.branch[1]
