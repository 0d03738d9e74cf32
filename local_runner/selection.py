"""Part of a plan: the selected steps, and results of an earlier execution in place of the others.

A pure function on the plan: the executor knows nothing of it. Steps that are neither selected nor
needed aren't in the selected plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from local_runner.definition.model import Json, Step
from local_runner.definition.suggestions import known_names
from local_runner.errors import SelectionError
from local_runner.execution.record import SUCCEEDED, PipelineExecution, StepExecution
from local_runner.execution.step_cache import outputs_exist
from local_runner.plan import Plan, PlannedStep, body_name
from local_runner.platform.object_store import ObjectStore


@dataclass(frozen=True)
class Selection:
    """Names of steps; that of a ForEach step, or of a step of its body, means all of its copies.

    only: these steps. first: these and all that depend on them. last: these and all that they
    depend on. A step is selected if all of those given include it.
    forced: selected steps whose cached results don't count. no_cache: those of all steps.
    """

    only: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    no_cache: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether it may exclude steps."""
        return bool(self.only or self.first or self.last)


@dataclass(frozen=True)
class ChangedParameter:
    """A parameter that had other values when the reused steps ran, and its value now."""

    name: str
    before: tuple[Json, ...]
    now: Json
    steps: tuple[str, ...]


def select(plan: Plan, selection: Selection, previous: PipelineExecution | None = None) -> Plan:
    """Return the plan of the selected steps; those that they need have their results in ``reused``.

    previous: an execution with the results that are needed. Raise SelectionError for an unknown
    name, a result that the execution doesn't have, or a step that a reused condition excludes.
    """
    chosen = _chosen(plan, selection)
    forced = _forced(plan, selection, chosen)
    reused = {name: _reused(name, previous) for name in _needed(plan, chosen)}
    _require_branches(plan, _named(plan, selection.only + selection.first) & chosen, reused)
    kept = chosen | reused.keys()
    steps = (_kept(it, kept, forced) for it in plan.steps if it.step.name in kept)
    return replace(plan, steps=tuple(steps), reused=reused)


def selected_steps(plan: Plan, selection: Selection) -> tuple[str, ...]:
    """Return the names of the selected steps, in the plan's order. Raise SelectionError."""
    chosen = _chosen(plan, selection)
    return tuple(it.step.name for it in plan.steps if it.step.name in chosen)


def steps_between(plan: Plan, names: Iterable[str]) -> tuple[str, ...]:
    """Return the other steps on paths between two of these steps, in the plan's order."""
    given = set(names)
    between = (_following(plan, given) & _preceding(plan, given)) - given
    return tuple(it.step.name for it in plan.steps if it.step.name in between)


def direct_dependencies(plan: Plan, names: Iterable[str]) -> tuple[str, ...]:
    """Return the other steps that one of these steps directly depends on, in the plan's order."""
    given = set(names)
    found = {name for it in plan.steps if it.step.name in given for name in it.depends_on}
    return tuple(it.step.name for it in plan.steps if it.step.name in found - given)


def needed_results(plan: Plan, selection: Selection) -> tuple[str, ...]:
    """Return the steps that aren't selected and whose results are needed, in the plan's order."""
    return _needed(plan, _chosen(plan, selection))


def missing_results(
    execution: PipelineExecution, plan: Plan, names: Iterable[str], store: ObjectStore
) -> list[str]:
    """Return those of the steps whose results the execution doesn't have, or not any more."""
    types = {it.step.name: it.step.type for it in plan.steps}
    return [name for name in names if not _has_result(execution, name, types[name], store)]


def changed_parameters(plan: Plan) -> list[ChangedParameter]:
    """Return the parameters whose values in the reused results aren't those of the plan."""
    found: dict[str, ChangedParameter] = {}
    for step, record in plan.reused.items():
        for name, values in record.parameters.items():
            now = plan.parameters.get(name)
            if name not in plan.parameters or list(values) == [now]:
                continue
            known = found.get(name, ChangedParameter(name, (), now, ()))
            before = dict.fromkeys([*known.before, *(it for it in values if it != now)])
            found[name] = replace(known, before=tuple(before), steps=(*known.steps, step))
    return [found[name] for name in plan.parameters if name in found]


def outdated_results(plan: Plan) -> dict[str, list[str]]:
    """Return the steps that run and that a reused step depends on, by the reused step's name."""
    running = {it.step.name for it in plan.steps_to_run}
    found = {
        it.step.name: [name for name in it.depends_on if name in running]
        for it in plan.steps
        if it.step.name in plan.reused
    }
    return {name: steps for name, steps in found.items() if steps}


def _chosen(plan: Plan, selection: Selection) -> set[str]:
    chosen = {it.step.name for it in plan.steps}
    if selection.only:
        chosen &= _named(plan, selection.only)
    if selection.first:
        chosen &= _following(plan, _named(plan, selection.first))
    if selection.last:
        chosen &= _preceding(plan, _named(plan, selection.last))
    if plan.steps and not chosen:
        raise SelectionError("no step is selected: the given steps have no step in common")
    return chosen


def _named(plan: Plan, names: Iterable[str]) -> set[str]:
    """Return the steps with these names. Raise SelectionError for an unknown name."""
    found: set[str] = set()
    for name in names:
        matching = {it.step.name for it in plan.steps if name in _names_of(it.step)}
        if not matching:
            known = dict.fromkeys(it for planned in plan.steps for it in _names_of(planned.step))
            raise SelectionError(f"there is no step {name!r}; {known_names(name, known)}")
        found |= matching
    return found


def _names_of(step: Step) -> tuple[str, ...]:
    for_each = (step.iteration.for_each,) if step.iteration else ()
    return (step.name, body_name(step), *for_each)


def _following(plan: Plan, names: set[str]) -> set[str]:
    found = set(names)
    for planned in plan.steps:  # dependencies come first
        if not found.isdisjoint(planned.depends_on):
            found.add(planned.step.name)
    return found


def _preceding(plan: Plan, names: set[str]) -> set[str]:
    found = set(names)
    for planned in reversed(plan.steps):
        if planned.step.name in found:
            found.update(planned.depends_on)
    return found


def _forced(plan: Plan, selection: Selection, chosen: set[str]) -> set[str]:
    forced = _named(plan, selection.forced)
    if others := sorted(forced - chosen):
        raise SelectionError(f"step {others[0]} is forced but isn't selected; select it too")
    return chosen if selection.no_cache else forced


def _needed(plan: Plan, chosen: set[str]) -> tuple[str, ...]:
    """Return the steps whose properties or outcomes the chosen ones need, without these."""
    needed: set[str] = set()
    for planned in plan.steps:
        if planned.step.name in chosen:
            needed.update(planned.reads, planned.branch[:1] if planned.branch else ())
    return tuple(it.step.name for it in plan.steps if it.step.name in needed - chosen)


def _has_result(execution: PipelineExecution, name: str, kind: str, store: ObjectStore) -> bool:
    record = execution.steps.get(name)
    if record is None or (record.status, record.type) != (SUCCEEDED, kind):
        return False
    return outputs_exist(record.properties, store)


def _reused(name: str, previous: PipelineExecution | None) -> StepExecution:
    """Return the result of a step as the record of an execution that only uses it."""
    record = previous.steps.get(name) if previous else None
    if previous is None or record is None or record.status != SUCCEEDED:
        raise SelectionError(f"the selected steps need the result of step {name}")
    origin = record.reused_from or previous.execution_id
    return StepExecution(
        name,
        record.type,
        SUCCEEDED,
        outcome=record.outcome,
        properties=record.properties,
        reused_from=origin,
        parameters=record.parameters,
        inputs=record.inputs,
    )


def _require_branches(plan: Plan, named: set[str], reused: Mapping[str, StepExecution]) -> None:
    """Raise SelectionError for a step that was named and that a reused condition excludes."""
    for planned in plan.steps:
        if planned.step.name not in named or planned.branch is None:
            continue
        gate, outcome = planned.branch
        if gate in reused and reused[gate].outcome is not outcome:
            raise SelectionError(
                f"step {planned.step.name} can't run: condition {gate} was "
                f"{str(reused[gate].outcome).lower()} in execution {reused[gate].reused_from}; "
                f"select {gate} too, or results of another execution"
            )


def _kept(planned: PlannedStep, kept: set[str], forced: set[str]) -> PlannedStep:
    """Return the step without the dependencies that aren't kept; not from the cache if forced."""
    step = planned.step
    return replace(
        planned,
        step=replace(step, cache_seconds=0.0) if step.name in forced else step,
        depends_on=tuple(name for name in planned.depends_on if name in kept),
    )
