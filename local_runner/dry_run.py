"""A dry run: for each step of a plan whether it would run or be cached, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from local_runner.definition import conditions
from local_runner.definition.expressions import references, resolve
from local_runner.definition.model import ANY, COMPLETED, CONDITION, FAIL, Json, Step
from local_runner.errors import DefinitionError, JobFailed
from local_runner.execution.reasons import (
    NEVER_CACHED,
    History,
    Reason,
    is_cacheable,
    reasons_to_run,
)
from local_runner.execution.record import SUCCEEDED, PipelineExecution, StepExecution
from local_runner.execution.scope import ExecutionScope
from local_runner.execution.step_cache import CachedResult, StepCache
from local_runner.execution.step_inputs import UNKNOWN, step_inputs
from local_runner.inputs import UNKNOWN_PART, overlaps, written_uris
from local_runner.plan import Plan, PlannedStep
from local_runner.platform.identity import LOCAL
from local_runner.workdir import Workdir

REUSED = "reused"
CACHED = "cached"
RUNS = "runs"
DEPENDS = "depends"
CONDITIONAL = "conditional"
SKIPPED = "skipped"

_NEW = "new-execution"
"""In place of the execution's id and times, and of the names of its jobs."""


@dataclass(frozen=True)
class StepForecast:
    """What a step would do.

    verdict: REUSED, CACHED, RUNS, DEPENDS (it runs, or is cached if the steps that it reads have
    the same results as before), CONDITIONAL (it may not run), SKIPPED (it doesn't run).
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


def dry_run(plan: Plan, workdir: Workdir, pipeline: str) -> list[StepForecast]:
    """Return the forecasts of a plan's steps, in its order. Nothing is written.

    pipeline: the name that its executions share. workdir: has the objects that the steps read.
    """
    forecast = _Forecast(plan, workdir, pipeline)
    for planned in plan.steps:
        forecast.add(planned)
    return list(forecast.steps.values())


class _Forecast:
    """The forecasts of the steps so far, and an execution with the results that they'd have."""

    def __init__(self, plan: Plan, workdir: Workdir, pipeline: str) -> None:
        self.steps: dict[str, StepForecast] = {}
        self._plan = plan
        self._store = workdir.store
        self._cache = StepCache(workdir.cache, workdir.store)
        self._history = History(workdir.executions, pipeline)
        self._execution = PipelineExecution(_NEW, "", plan.parameters, _NEW)
        self._scope = ExecutionScope(
            self._execution,
            {it.step.name: it.step for it in plan.steps},
            workdir.store,
            LOCAL,
            _NEW,
        )
        self._written: list[str] = []

    def add(self, planned: PlannedStep) -> None:
        """Add the forecast of a step, whose dependencies have been added."""
        found = self._of(planned)
        self.steps[found.name] = found
        if found.verdict not in (REUSED, CACHED, SKIPPED):
            uris = written_uris(planned.step.arguments, self._plan)
            self._written += (uri.replace(UNKNOWN_PART, _NEW) for uri in uris)

    def _of(self, planned: PlannedStep) -> StepForecast:
        step = planned.step
        if reused := self._plan.reused.get(step.name):
            self._execution.steps[step.name] = reused
            origin = reused.reused_from
            return StepForecast(step.name, step.type, REUSED, origin, reused.outcome)
        if blocked := self._blocked(planned):
            return blocked
        if step.type == CONDITION:
            return self._of_condition(planned)
        if step.type == FAIL:
            return StepForecast(step.name, step.type, RUNS)
        if not is_cacheable(step):
            reasons = [Reason(NEVER_CACHED)]
            return StepForecast(step.name, step.type, RUNS, reasons=reasons)
        return self._of_job(planned)

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
            elif not _is_certain(planned, other):
                uncertain.append(other.name)
        if not uncertain:
            return None
        is_branch = planned.branch is not None and uncertain == [planned.branch[0]]
        only = planned.branch[1] if planned.branch and is_branch else None
        conditions_of = list(dict.fromkeys(uncertain))
        return StepForecast(name, kind, CONDITIONAL, outcome=only, steps=conditions_of)

    def _of_condition(self, planned: PlannedStep) -> StepForecast:
        step = planned.step
        compared = step.arguments.get("Conditions", [])
        unknown = self._unknown_steps(compared)
        if unknown:
            return StepForecast(step.name, step.type, RUNS, steps=unknown)
        try:
            outcome = conditions.all_hold(compared, self._scope)
        except (DefinitionError, JobFailed):  # it fails when it runs
            return StepForecast(step.name, step.type, RUNS)
        self._add_result(step, {"Outcome": outcome})
        return StepForecast(step.name, step.type, RUNS, outcome=outcome)

    def _of_job(self, planned: PlannedStep) -> StepForecast:
        step = planned.step
        inputs = step_inputs(step, planned.handler, self._value, self._digest)
        known = inputs.known
        is_known = len(known) == len(inputs.values)
        found = [it for it in self._cached if it.inputs.items() >= known.items()]
        if is_known:
            found = [it for it in found if it.inputs.keys() == known.keys()]
        usable = [it for it in found if it.age < step.cache_seconds and self._cache.exists(it)]
        if usable and is_known:
            self._add_result(step, usable[0].properties)
            return StepForecast(step.name, step.type, CACHED, usable[0].execution_id)
        if usable:
            unknown = self._unknown_steps(step.arguments) or planned.depends_on
            return StepForecast(step.name, step.type, DEPENDS, steps=unknown)
        earlier = self._history.newest(step.name)
        result = next(iter(found), None)
        reasons = reasons_to_run(step, inputs, self._plan.parameters, result, earlier)
        return StepForecast(step.name, step.type, RUNS, reasons=reasons)

    @cached_property
    def _cached(self) -> list[CachedResult]:
        return list(self._cache.all())

    def _add_result(self, step: Step, properties: Mapping[str, Json]) -> None:
        record = StepExecution(step.name, step.type, SUCCEEDED, properties=properties)
        self._execution.steps[step.name] = record

    def _unknown_steps(self, value: Json) -> list[str]:
        """Return the steps that a value refers to and whose results aren't known."""
        names = dict.fromkeys(it.name for it in references(value) if it.root == "Steps")
        return [name for name in names if name not in self._execution.steps]

    def _value(self, expression: Json) -> Json:
        """Return the value of an expression, or UNKNOWN."""
        if self._unknown_steps(expression):
            return UNKNOWN
        try:
            return resolve(expression, self._scope)
        except (DefinitionError, JobFailed):  # such as a property file that was deleted
            return UNKNOWN

    def _digest(self, uri: str) -> Json:
        is_written = any(overlaps(uri, it) for it in self._written)
        return UNKNOWN if is_written else self._store.digest(uri)


def _is_excluded(planned: PlannedStep, other: StepForecast) -> bool:
    """Return whether the other step is a condition that selects the other branch."""
    condition, outcome = planned.branch or ("", None)
    return other.name == condition and other.outcome is not None and other.outcome is not outcome


def _is_certain(planned: PlannedStep, other: StepForecast) -> bool:
    """Return whether the step runs after the other one has succeeded, as far as that decides."""
    if planned.branch and other.name == planned.branch[0] and other.outcome is None:
        return False
    return dict(planned.step.triggers).get(other.name, COMPLETED) in (COMPLETED, ANY)
