"""One side of a comparison: a pipeline's definition and its stack's permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local_runner.definition import conditions
from local_runner.definition.expressions import references
from local_runner.definition.model import (
    CONDITION,
    Json,
    PipelineDefinition,
    Step,
)
from local_runner.errors import DefinitionError
from pipeline_diff.endpoint.capacity import EndpointCapacity
from pipeline_diff.iam_permissions import Grant

Branch = tuple[str, bool]
"""The name of a Condition step and the outcome under which the step runs."""

_REGION = re.compile(r"\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.")


@dataclass(frozen=True)
class Pipeline:
    """A pipeline to compare.

    stack: the name of its stack; None for a definition without a template.
    grants: the permissions in the template's policies; None for a definition without a template.
    Only the first pipeline of a stack has the stack's grants.
    is_scoring: whether it is the scoring pipeline, not the training pipeline.
    endpoint: the capacity of the stack's endpoint, of its first pipeline, too; None without one.
    """

    stack: str | None
    definition: PipelineDefinition
    grants: frozenset[Grant] | None = None
    is_scoring: bool = False
    endpoint: EndpointCapacity | None = None

    @property
    def defaults(self) -> dict[str, Json]:
        """Parameter defaults by name; whole numbers as integers, 4.0 as 4."""
        return {
            parameter.name: _whole(parameter.default)
            for parameter in self.definition.parameters
            if parameter.default is not None
        }

    @property
    def region(self) -> str | None:
        """The region in the URI of the first built-in image."""
        for step in self.definition.all_steps():
            if found := _REGION.search(repr(step.arguments)):
                return found[1]
        return None


@dataclass(frozen=True)
class PlacedStep:
    """A step with its place in the pipeline.

    branch: (name of the Condition step, its outcome) under which it runs; None at the top level.
    dependencies: the steps that must end before it starts, except that Condition step.
    """

    step: Step
    branch: Branch | None
    dependencies: frozenset[str]

    @property
    def arguments(self) -> Mapping[str, Json]:
        """The arguments, without the steps in the branches of a Condition step."""
        return own_arguments(self.step)


def steps_by_name(definition: PipelineDefinition) -> dict[str, PlacedStep]:
    """Return every step by name, in the definition's order, a condition before its branches.

    Raise DefinitionError for a duplicate name, an unknown function or condition.
    """
    found: dict[str, PlacedStep] = {}
    for step, branch in _with_branches(definition.steps, None):
        if step.name in found:
            raise DefinitionError(f"step {step.name} is defined twice; step names must be unique")
        found[step.name] = PlacedStep(step, branch, frozenset(_dependencies(step)))
    return found


def own_arguments(step: Step) -> Mapping[str, Json]:
    """Return the arguments of a step; of a Condition step, only its conditions."""
    if step.type == CONDITION:
        return {"Conditions": step.arguments.get("Conditions", [])}
    return step.arguments


def with_defaults_of(
    other: PipelineDefinition, definition: PipelineDefinition
) -> PipelineDefinition:
    """Return ``definition`` with the other's default for each parameter without one."""
    known = {parameter.name: parameter for parameter in other.parameters}
    return replace(
        definition,
        parameters=tuple(
            replace(parameter, default=known[parameter.name].default)
            if parameter.default is None and parameter.name in known
            else parameter
            for parameter in definition.parameters
        ),
    )


def _with_branches(
    steps: tuple[Step, ...], branch: Branch | None
) -> Iterator[tuple[Step, Branch | None]]:
    for step in steps:
        yield step, branch
        yield from _with_branches(step.if_steps, (step.name, True))
        yield from _with_branches(step.else_steps, (step.name, False))


def _dependencies(step: Step) -> Iterator[str]:
    yield from step.depends_on
    if step.type == CONDITION:
        conditions.validate_conditions(step.arguments.get("Conditions", []), step.name)
    try:
        for reference in references(own_arguments(step)):
            if reference.root == "Steps":
                yield reference.name
    except DefinitionError as error:
        raise DefinitionError(f"step {step.name}: {error}") from None


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
