"""Two sides of a pipeline become one comparison, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline_diff.cache_invalidation import (
    CacheState,
    Rerun,
    open_parameters,
    reruns,
)
from pipeline_diff.conditions import GateChange, gate_changes
from pipeline_diff.cost import Cost, cost
from pipeline_diff.iam_permissions import PermissionChange, permission_changes
from pipeline_diff.parameters import ParameterChange, parameter_changes
from pipeline_diff.pipeline import (
    Pipeline,
    Placed,
    filled,
    placed,
)
from pipeline_diff.renames import renamed_steps, with_new_names
from pipeline_diff.step_attributes import Change, changes, facts


@dataclass(frozen=True)
class StepChange:
    """What became of one step that differs.

    before: its old name; None for a new step. after: its new name; None for one that is gone.
    waits_for, waits_no_more: dependencies that came and went. moved: its place is in another branch
    of a condition, or out of one.
    """

    before: str | None
    after: str | None
    old: Placed | None
    new: Placed | None
    waits_for: tuple[str, ...]
    waits_no_more: tuple[str, ...]
    moved: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that a change does to one pipeline.

    stack: its name, if a side has one; both names, if they differ.
    scores: whether it is the pipeline that scores, and not the one that trains.
    old_stands, new_stands: whether the pipeline is there.
    permissions: None where a side is a definition alone, which has none.
    filled: parameters that one side leaves open for the deployment; the other's default stands in.
    """

    stack: str | None
    scores: bool
    old_stands: bool
    new_stands: bool
    steps: tuple[StepChange, ...]
    gates: tuple[GateChange, ...]
    parameters: tuple[ParameterChange, ...]
    permissions: tuple[PermissionChange, ...] | None
    reruns: tuple[Rerun, ...]
    cost_before: Cost
    cost_after: Cost
    open_parameters: tuple[str, ...]
    filled: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell."""
        return bool(
            self.old_stands != self.new_stands
            or self.steps
            or self.gates
            or self.parameters
            or self.permissions
        )


def compare(old: Pipeline, new: Pipeline) -> Comparison:
    """The comparison of two sides.

    Raises DefinitionError for a step that is defined twice, or an expression that isn't known.
    """
    is_mixed = (old.grants is None) != (new.grants is None)
    left_open = tuple(_left_open(old, new)) if is_mixed else ()
    if is_mixed:
        old, new = _filled(old, new), _filled(new, old)
    after = CacheState.of(new)
    renamed = renamed_steps(placed(old.definition), after.steps)
    old_names = {later: earlier for earlier, later in renamed.items()}
    before = CacheState.of(replace(old, definition=with_new_names(old.definition, renamed)))
    again = reruns(before, after, old_names)
    held = before.steps.keys() - before.every_time - {rerun.step for rerun in again}
    return Comparison(
        stack=" → ".join(dict.fromkeys(filter(None, (old.stack, new.stack)))) or None,
        scores=new.scores,
        old_stands=True,
        new_stands=True,
        steps=tuple(_step_changes(before, after, old_names)),
        gates=tuple(gate_changes(before, after)),
        parameters=tuple(parameter_changes(before, after)),
        permissions=(
            None
            if old.grants is None or new.grants is None
            else permission_changes(old.grants, new.grants)
        ),
        reruns=again,
        cost_before=cost(before, before.every_time, old_names),
        cost_after=cost(after, after.every_time | (after.steps.keys() - held), old_names),
        open_parameters=open_parameters(after),
        filled=left_open,
    )


def _left_open(one: Pipeline, other: Pipeline) -> Iterator[str]:
    """Parameters that have a default on one side only."""
    both = {parameter.name for parameter in one.definition.parameters}
    for parameter in other.definition.parameters:
        name = parameter.name
        if name in both and (name in one.defaults) != (name in other.defaults):
            yield name


def _filled(bare: Pipeline, other: Pipeline) -> Pipeline:
    if bare.grants is not None:
        return bare
    return replace(bare, definition=filled(bare.definition, other.definition))


def _step_changes(
    old: CacheState, new: CacheState, old_names: Mapping[str, str]
) -> Iterator[StepChange]:
    """New steps and changed ones in the new order, then those that are gone."""
    for name, it in new.steps.items():
        earlier = old.steps.get(name)
        found = changes(
            facts(earlier.step) if earlier else {},
            facts(it.step),
            old.pipeline.defaults,
            new.pipeline.defaults,
        )
        waited = earlier.waits_for if earlier else frozenset()
        change = StepChange(
            before=old_names.get(name, name) if earlier else None,
            after=name,
            old=earlier,
            new=it,
            waits_for=_in_order(it.waits_for - waited, new) if earlier else (),
            waits_no_more=_in_order(waited - it.waits_for, old),
            moved=earlier is not None and earlier.branch != it.branch,
            changes=found,
        )
        is_rewired = change.waits_for or change.waits_no_more or change.moved
        if found or is_rewired or change.before != change.after:
            yield change
    for name, it in old.steps.items():
        if name not in new.steps:
            yield StepChange(name, None, it, None, (), (), moved=False, changes=())


def _in_order(names: frozenset[str], state: CacheState) -> tuple[str, ...]:
    return tuple(sorted(names, key=[*state.steps, *sorted(names)].index))
