"""The steps of a plan that run, as far as its parameters decide that."""

from __future__ import annotations

from collections.abc import Sequence

from local_runner.definition import conditions
from local_runner.definition.expressions import references
from local_runner.definition.parameters import DefaultsScope
from local_runner.errors import DefinitionError
from local_runner.forecast import CONDITIONAL, RUNS, SKIPPED, Forecaster, StepForecast
from local_runner.plan import Plan, PlannedStep


def steps_that_run(plan: Plan) -> dict[str, bool | None]:
    """Return by name whether each step runs if none fails.

    None if results decide: in a branch of a condition on results, after a failure, or after a step
    of which that isn't known.
    """
    runs = {SKIPPED: False, CONDITIONAL: None}
    return {it.name: runs.get(it.verdict, True) for it in _ByParameters(plan).forecasts()}


class _ByParameters(Forecaster):
    """Knows the outcomes of conditions that depend on parameters alone."""

    def outcome(self, planned: PlannedStep) -> bool | None:
        """Return the outcome of a Condition step; None if it isn't known."""
        compared = planned.step.arguments.get("Conditions", [])
        if any(reference.root != "Parameters" for reference in references(compared)):
            return None
        try:
            return conditions.all_hold(compared, DefaultsScope(self.plan.parameters))
        except DefinitionError:
            return None

    def unknown_steps(self, _planned: PlannedStep) -> Sequence[str]:
        """Return no steps: all results are unknown."""
        return ()

    def of_job(self, planned: PlannedStep) -> StepForecast:
        """Return that the job runs, whether or not its result is cached."""
        return StepForecast(planned.step.name, planned.step.type, RUNS)
