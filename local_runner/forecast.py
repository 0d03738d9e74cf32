"""Forecasts of a plan's steps: which run, which results are reused, and why.

Whether a job's result is cached depends on where the plan is executed: subclasses decide that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from local_runner.definition.model import ANY, COMPLETED, CONDITION, FAIL
from local_runner.execution.reasons import Reason
from local_runner.plan import Plan, PlannedStep

REUSED = "reused"
CACHED = "cached"
RUNS = "runs"
DEPENDS = "depends"
REPEATS = "repeats"
CONDITIONAL = "conditional"
SKIPPED = "skipped"


@dataclass(frozen=True)
class StepForecast:
    """The forecast of a step.

    verdict: REUSED, CACHED, RUNS, DEPENDS (it runs, or is cached if the steps that it reads have
    the same results as before), REPEATS (it is cached if another step with the same inputs ends
    before it starts), CONDITIONAL (it may not run), SKIPPED (it doesn't run).
    execution_id: that of a reused or cached result. outcome: of a Condition step, if it's known; of
    a conditional step, the outcome of the only condition with which it runs.
    reasons: why it runs. steps: those that a verdict depends on, or the condition that skips it.
    """

    name: str
    type: str
    verdict: str
    execution_id: str = ""
    outcome: bool | None = None
    reasons: Sequence[Reason] = ()
    steps: Sequence[str] = ()


class Forecaster(ABC):
    """Forecasts the steps of a plan in its order. steps: those so far, by name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps: dict[str, StepForecast] = {}

    def forecasts(self) -> list[StepForecast]:
        """Return the forecasts of all steps."""
        for planned in self.plan.steps:
            self.add(planned)
        return list(self.steps.values())

    def add(self, planned: PlannedStep) -> None:
        """Add the forecast of a step, whose dependencies have been added."""
        self.steps[planned.step.name] = self._of(planned)

    @abstractmethod
    def outcome(self, planned: PlannedStep) -> bool | None:
        """Return the outcome of a Condition step; None if it isn't known."""

    @abstractmethod
    def unknown_steps(self, planned: PlannedStep) -> Sequence[str]:
        """Return the steps that a step refers to and whose results aren't known."""

    @abstractmethod
    def of_job(self, planned: PlannedStep) -> StepForecast:
        """Return the forecast of a step that starts a job, or takes its result from the cache."""

    def _of(self, planned: PlannedStep) -> StepForecast:
        name, kind = planned.step.name, planned.step.type
        if reused := self.plan.reused.get(name):
            return StepForecast(name, kind, REUSED, reused.reused_from, reused.outcome)
        if blocked := self._blocked(planned):
            return blocked
        if kind == CONDITION:
            outcome = self.outcome(planned)
            steps = self.unknown_steps(planned) if outcome is None else ()
            return StepForecast(name, kind, RUNS, outcome=outcome, steps=steps)
        return StepForecast(name, kind, RUNS) if kind == FAIL else self.of_job(planned)

    def _blocked(self, planned: PlannedStep) -> StepForecast | None:
        """Return the forecast of a step that doesn't run, or may not; None if it starts."""
        name, kind = planned.step.name, planned.step.type
        uncertain: list[str] = []
        for other in map(self.steps.__getitem__, planned.depends_on):
            if other.verdict == SKIPPED or _is_excluded(planned, other):
                condition = other.steps if other.verdict == SKIPPED else [other.name]
                return StepForecast(name, kind, SKIPPED, steps=condition)
            if other.verdict == CONDITIONAL:
                uncertain += other.steps
                uncertain += [other.name] if _selects(other, planned) else []
            elif not _is_certain(planned, other):
                uncertain.append(other.name)
        if not uncertain:
            return None
        is_branch = planned.branch is not None and uncertain == [planned.branch[0]]
        only = planned.branch[1] if planned.branch and is_branch else None
        steps = list(dict.fromkeys(uncertain))
        return StepForecast(name, kind, CONDITIONAL, outcome=only, steps=steps)


def _selects(other: StepForecast, planned: PlannedStep) -> bool:
    """Return whether the other step is the condition in whose branch the step is."""
    return planned.branch is not None and other.name == planned.branch[0]


def _is_excluded(planned: PlannedStep, other: StepForecast) -> bool:
    """Return whether the other step is a condition that selects the other branch."""
    if planned.branch is None or not _selects(other, planned) or other.verdict == CONDITIONAL:
        return False
    return other.outcome is not None and other.outcome is not planned.branch[1]


def _is_certain(planned: PlannedStep, other: StepForecast) -> bool:
    """Return whether the step runs after the other one has succeeded, as far as that decides."""
    if _selects(other, planned) and other.outcome is None:
        return False
    return dict(planned.step.triggers).get(other.name, COMPLETED) in (COMPLETED, ANY)
