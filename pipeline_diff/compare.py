"""Compare two pipelines into plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from local_runner.definition.model import Json
from pipeline_diff.cache_invalidation import (
    CacheState,
    InvalidatedStep,
    invalidated_steps,
    unset_parameters,
)
from pipeline_diff.conditions import ConditionChange, condition_changes
from pipeline_diff.cost import Cost, estimated_cost
from pipeline_diff.endpoint.capacity import EndpointCapacity
from pipeline_diff.iam_permissions import PermissionChange, permission_changes
from pipeline_diff.parameters import ParameterChange, parameter_changes
from pipeline_diff.pipeline import Branch, Pipeline, steps_by_name, with_defaults_of
from pipeline_diff.renames import renamed_steps, with_new_names
from pipeline_diff.step_attributes import AttributeChange, attribute_changes, step_attributes


@dataclass(frozen=True)
class StepChange:
    """A changed step.

    name_before: None for a new step. name_after: None for a removed one.
    added_dependencies: of a new step, all of its dependencies.
    """

    name_before: str | None
    name_after: str | None
    type: str
    added_dependencies: tuple[str, ...] = ()
    removed_dependencies: tuple[str, ...] = ()
    branch_before: Branch | None = None
    branch_after: Branch | None = None
    attributes: tuple[AttributeChange, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether it is on both sides."""
        return self.name_before is not None and self.name_after is not None

    @property
    def is_moved(self) -> bool:
        """Whether it is on both sides, in different branches."""
        return self.is_changed and self.branch_before != self.branch_after

    @property
    def is_rewired(self) -> bool:
        """Whether it is on both sides and starts after other steps, or in another branch."""
        has_other_inputs = bool(self.added_dependencies or self.removed_dependencies)
        return self.is_changed and (has_other_inputs or self.is_moved)


@dataclass(frozen=True)
class Comparison:
    """All changes of one pipeline.

    stack: its name, if a side has one; both names, if they differ.
    is_scoring: whether it is the scoring pipeline, not the training pipeline.
    permissions: None if a side is a definition without a template.
    unset_parameters: parameters of cached steps without a default, which a definition leaves to the
        deployment or to each execution. A template has all defaults that its deployment sets.
    parameters_not_compared: parameters to which only a side's deployment gives a default.
    region: of the images. endpoint_before, endpoint_after: capacity of the stack's endpoint, which
        is compared with the training pipeline; None without one, or if a side has no template.
    """

    stack: str | None
    is_scoring: bool
    old_exists: bool
    new_exists: bool
    old_defaults: Mapping[str, Json]
    new_defaults: Mapping[str, Json]
    tracking_server_before: Json
    tracking_server_after: Json
    steps: tuple[StepChange, ...]
    conditions: tuple[ConditionChange, ...]
    parameters: tuple[ParameterChange, ...]
    permissions: tuple[PermissionChange, ...] | None
    invalidated_steps: tuple[InvalidatedStep, ...]
    cost_before: Cost
    cost_after: Cost
    unset_parameters: tuple[str, ...]
    parameters_not_compared: tuple[str, ...]
    region: str
    endpoint_before: EndpointCapacity | None
    endpoint_after: EndpointCapacity | None

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return bool(
            self.old_exists != self.new_exists
            or self.tracking_server_before != self.tracking_server_after
            or self.steps
            or self.conditions
            or self.parameters
            or self.permissions
            or self.endpoint_before != self.endpoint_after
        )


def compare(old: Pipeline, new: Pipeline) -> Comparison:
    """Compare two pipelines.

    Raise DefinitionError for a duplicate step name or an unknown expression.
    """
    is_mixed = (old.grants is None) != (new.grants is None)
    not_compared = tuple(_defaults_of_template(old, new)) if is_mixed else ()
    in_templates = {
        parameter.name
        for side in (old, new)
        if side.grants is not None
        for parameter in side.definition.parameters
    }
    if is_mixed:
        old, new = _filled(old, new), _filled(new, old)
    after = CacheState.of(new)
    renamed = renamed_steps(steps_by_name(old.definition), after.steps)
    old_names = {later: earlier for earlier, later in renamed.items()}
    before = CacheState.of(replace(old, definition=with_new_names(old.definition, renamed)))
    invalidated = invalidated_steps(before, after, old_names)
    reused = before.steps.keys() - before.every_time - {found.step for found in invalidated}
    return Comparison(
        stack=" → ".join(dict.fromkeys(filter(None, (old.stack, new.stack)))) or None,
        is_scoring=new.is_scoring,
        old_exists=True,
        new_exists=True,
        old_defaults=old.defaults,
        new_defaults=new.defaults,
        tracking_server_before=old.definition.tracking_server,
        tracking_server_after=new.definition.tracking_server,
        steps=tuple(_step_changes(before, after, old_names)),
        conditions=tuple(condition_changes(before, after)),
        parameters=tuple(parameter_changes(before, after)),
        permissions=(
            None
            if old.grants is None or new.grants is None
            else permission_changes(old.grants, new.grants)
        ),
        invalidated_steps=invalidated,
        cost_before=estimated_cost(before, before.every_time, old_names),
        cost_after=estimated_cost(
            after, after.every_time | (after.steps.keys() - reused), old_names
        ),
        unset_parameters=tuple(
            name for name in unset_parameters(after) if name not in in_templates
        ),
        parameters_not_compared=not_compared,
        region=new.region or old.region or "an unknown region",
        endpoint_before=None if is_mixed else old.endpoint,
        endpoint_after=None if is_mixed else new.endpoint,
    )


def _defaults_of_template(one: Pipeline, other: Pipeline) -> Iterator[str]:
    """Yield parameters on both sides that have a default only in the template."""
    template, definition = (one, other) if other.grants is None else (other, one)
    for parameter in definition.definition.parameters:
        if parameter.default is None and parameter.name in template.defaults:
            yield parameter.name


def _filled(pipeline: Pipeline, other: Pipeline) -> Pipeline:
    if pipeline.grants is not None:
        return pipeline
    return replace(pipeline, definition=with_defaults_of(other.definition, pipeline.definition))


def _step_changes(
    old: CacheState, new: CacheState, old_names: Mapping[str, str]
) -> Iterator[StepChange]:
    """Yield new and changed steps in the new order, then removed ones."""
    for name, step in new.steps.items():
        earlier = old.steps.get(name)
        dependencies = earlier.dependencies if earlier else frozenset()
        change = StepChange(
            name_before=old_names.get(name, name) if earlier else None,
            name_after=name,
            type=step.step.type,
            added_dependencies=_in_order(step.dependencies - dependencies, new),
            removed_dependencies=_in_order(dependencies - step.dependencies, old),
            branch_before=earlier.branch if earlier else None,
            branch_after=step.branch,
            attributes=attribute_changes(
                step_attributes(earlier.step) if earlier else {}, step_attributes(step.step)
            ),
        )
        if change.attributes or change.is_rewired or change.name_before != change.name_after:
            yield change
    for name, step in old.steps.items():
        if name not in new.steps:
            yield StepChange(name, None, step.step.type, branch_before=step.branch)


def _in_order(names: frozenset[str], state: CacheState) -> tuple[str, ...]:
    return tuple(sorted(names, key=[*state.steps, *sorted(names)].index))
