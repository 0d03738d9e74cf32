"""A dry run: for each step of a plan whether it would run or be cached here, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

from local_runner.definition import conditions
from local_runner.definition.expressions import references, resolve
from local_runner.definition.model import CONDITION, Json, Step
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
from local_runner.execution.step_inputs import UNKNOWN, StepInputs, step_inputs
from local_runner.forecast import (
    CACHED,
    DEPENDS,
    REPEATS,
    REUSED,
    RUNS,
    SKIPPED,
    Forecaster,
    StepForecast,
)
from local_runner.inputs import UNKNOWN_PART, overlaps, written_uris
from local_runner.plan import Plan, PlannedStep
from local_runner.platform.identity import LOCAL
from local_runner.workdir import Workdir

_NEW = "new-execution"
"""In place of the execution's id and times, and of the names of its jobs."""


def dry_run(plan: Plan, workdir: Workdir, pipeline: str) -> list[StepForecast]:
    """Return the forecasts of a plan's steps, in its order. Nothing is written.

    pipeline: the name that its executions share. workdir: has the objects that the steps read.
    """
    return _LocalForecaster(plan, workdir, pipeline).forecasts()


class _LocalForecaster(Forecaster):
    """Resolves arguments with the results that an execution would have, as far as they're known."""

    def __init__(self, plan: Plan, workdir: Workdir, pipeline: str) -> None:
        super().__init__(plan)
        self._store = workdir.store
        self._cache = StepCache(workdir.cache, workdir.store)
        self._history = History(workdir.executions, pipeline)
        self._execution = PipelineExecution(
            _NEW, "", plan.parameters, _NEW, steps=dict(plan.reused)
        )
        steps = {it.step.name: it.step for it in plan.steps}
        self._scope = ExecutionScope(self._execution, steps, workdir.store, LOCAL, _NEW)
        self._written: list[str] = []
        self._running: dict[str, str] = {}

    def add(self, planned: PlannedStep) -> None:
        """Add the forecast of a step, and the URIs that it may write to."""
        super().add(planned)
        if self.steps[planned.step.name].verdict not in (REUSED, CACHED, SKIPPED):
            uris = written_uris(planned.step.arguments, self.plan)
            self._written += (uri.replace(UNKNOWN_PART, _NEW) for uri in uris)

    def outcome(self, planned: PlannedStep) -> bool | None:
        """Return the outcome of a Condition step; None if it isn't known, or if it would fail."""
        if self.unknown_steps(planned):
            return None
        try:
            outcome = conditions.all_hold(planned.step.arguments.get("Conditions", []), self._scope)
        except (DefinitionError, JobFailed):
            return None
        self._add_result(planned.step, {"Outcome": outcome})
        return outcome

    def unknown_steps(self, planned: PlannedStep) -> Sequence[str]:
        """Return the steps that a step refers to and whose results aren't known."""
        arguments = planned.step.arguments
        is_condition = planned.step.type == CONDITION
        return self._unknown(arguments.get("Conditions", []) if is_condition else arguments)

    def of_job(self, planned: PlannedStep) -> StepForecast:
        """Return the forecast of a job by the local cache."""
        step = planned.step
        if not is_cacheable(step):
            return StepForecast(step.name, step.type, RUNS, reasons=[Reason(NEVER_CACHED)])
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
            unknown = self.unknown_steps(planned) or planned.depends_on
            return StepForecast(step.name, step.type, DEPENDS, steps=unknown)
        other = self._running.setdefault(_key(inputs), step.name)
        if other != step.name and step.cache_seconds:
            return StepForecast(step.name, step.type, REPEATS, steps=[other])
        earlier = self._history.newest(step.name)
        result = next(iter(found), None)
        reasons = reasons_to_run(step, inputs, self.plan.parameters, result, earlier)
        return StepForecast(step.name, step.type, RUNS, reasons=reasons)

    @cached_property
    def _cached(self) -> list[CachedResult]:
        return list(self._cache.all())

    def _add_result(self, step: Step, properties: Mapping[str, Json]) -> None:
        record = StepExecution(step.name, step.type, SUCCEEDED, properties=properties)
        self._execution.steps[step.name] = record

    def _unknown(self, value: Json) -> list[str]:
        names = dict.fromkeys(it.name for it in references(value) if it.root == "Steps")
        return [name for name in names if name not in self._execution.steps]

    def _value(self, expression: Json) -> Json:
        """Return the value of an expression, or UNKNOWN."""
        if self._unknown(expression):
            return UNKNOWN
        try:
            return resolve(expression, self._scope)
        except (DefinitionError, JobFailed):  # such as a property file that was deleted
            return UNKNOWN

    def _digest(self, uri: str) -> Json:
        is_written = any(overlaps(uri, it) for it in self._written)
        return UNKNOWN if is_written else self._store.digest(uri)


def _key(inputs: StepInputs) -> str:
    """Return the inputs as text; those that aren't known yet as expressions."""
    return json.dumps(
        {
            path: [inputs.expressions[path]] if value is UNKNOWN else value
            for path, value in inputs.values.items()
        },
        sort_keys=True,
    )
