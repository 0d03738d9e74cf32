"""Which steps of a plan run, as far as its parameters decide that."""

from __future__ import annotations

from local_runner.definition import conditions
from local_runner.definition.expressions import references
from local_runner.definition.model import ANY, COMPLETED, CONDITION, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.errors import DefinitionError
from local_runner.plan import Plan, PlannedStep


def steps_that_run(plan: Plan) -> dict[str, bool | None]:
    """Return by name whether each step runs if none fails.

    None if results decide: in a branch of a condition on results, after a failure, or after a step
    of which that isn't known.
    """
    found: dict[str, bool | None] = {}
    outcomes: dict[str, bool | None] = {}
    for planned in plan.steps:  # dependencies come first
        name, reused = planned.step.name, plan.reused.get(planned.step.name)
        found[name] = True if reused else _runs(planned, found, outcomes)
        if planned.step.type == CONDITION:
            outcomes[name] = reused.outcome if reused else _outcome(planned.step, plan)
    return found


def _runs(
    planned: PlannedStep, found: dict[str, bool | None], outcomes: dict[str, bool | None]
) -> bool | None:
    before = [found[name] for name in planned.depends_on]
    is_taken: bool | None = True
    if planned.branch and planned.branch[0] in outcomes:
        condition, outcome = planned.branch
        known = outcomes[condition]
        is_taken = None if known is None else known is outcome
    if is_taken is False or False in before:
        return False
    triggers = dict(planned.step.triggers)
    follows = all(triggers.get(it, COMPLETED) in (ANY, COMPLETED) for it in planned.depends_on)
    return True if is_taken and follows and all(before) else None


def _outcome(condition: Step, plan: Plan) -> bool | None:
    """Return the outcome of a condition that depends on parameters alone, else None."""
    compared = condition.arguments.get("Conditions", [])
    if any(reference.root != "Parameters" for reference in references(compared)):
        return None
    try:
        return conditions.all_hold(compared, DefaultsScope(plan.parameters))
    except DefinitionError:
        return None
