"""One side of a comparison: a pipeline's definition, and what its stack allows."""

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
from pipeline_diff.iam_permissions import Grant

_REGION = re.compile(r"\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.")


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as it is compared.

    stack: the name of its stack; None for a definition alone.
    grants: what the template's policies allow and deny; None for a definition alone. Those of a
    stack stand with the first of its pipelines.
    scores: whether it is the pipeline that scores, and not the one that trains.
    """

    stack: str | None
    definition: PipelineDefinition
    grants: frozenset[Grant] | None = None
    scores: bool = False

    @property
    def defaults(self) -> dict[str, Json]:
        """The defaults of the parameters that have one; whole numbers as such, 4.0 as 4."""
        return {
            parameter.name: _whole(parameter.default)
            for parameter in self.definition.parameters
            if parameter.default is not None
        }

    @property
    def region(self) -> str | None:
        """The region, as the registry of the first built-in image tells it."""
        for step in self.definition.all_steps():
            if found := _REGION.search(repr(step.arguments)):
                return found[1]
        return None


@dataclass(frozen=True)
class Placed:
    """A step in its place.

    branch: (name of the Condition step, its outcome) that lets it run; None at the top level.
    waits_for: the steps that have to be over before it starts, that condition left out.
    """

    step: Step
    branch: tuple[str, bool] | None
    waits_for: frozenset[str]

    @property
    def arguments(self) -> Mapping[str, Json]:
        """The arguments without the steps inside a condition's branches."""
        return own_arguments(self.step)


def placed(definition: PipelineDefinition) -> dict[str, Placed]:
    """Every step by name, in the definition's order; outer before inner.

    Raises DefinitionError for a name that is used twice, an unknown function or condition.
    """
    found: dict[str, Placed] = {}
    for step, branch in _with_branches(definition.steps, None):
        if step.name in found:
            raise DefinitionError(f"step {step.name} is defined twice; step names must be unique")
        found[step.name] = Placed(step, branch, frozenset(_waits_for(step)))
    return found


def own_arguments(step: Step) -> Mapping[str, Json]:
    """The arguments of a step; of a Condition step only its conditions."""
    if step.type == CONDITION:
        return {"Conditions": step.arguments.get("Conditions", [])}
    return step.arguments


def filled(bare: PipelineDefinition, other: PipelineDefinition) -> PipelineDefinition:
    """``bare`` with the other's defaults where it leaves a parameter open."""
    known = {parameter.name: parameter for parameter in other.parameters}
    return replace(
        bare,
        parameters=tuple(
            replace(parameter, default=known[parameter.name].default)
            if parameter.default is None and parameter.name in known
            else parameter
            for parameter in bare.parameters
        ),
    )


def _with_branches(
    steps: tuple[Step, ...], branch: tuple[str, bool] | None
) -> Iterator[tuple[Step, tuple[str, bool] | None]]:
    for step in steps:
        yield step, branch
        yield from _with_branches(step.if_steps, (step.name, True))
        yield from _with_branches(step.else_steps, (step.name, False))


def _waits_for(step: Step) -> Iterator[str]:
    yield from step.depends_on
    if step.type == CONDITION:
        conditions.insist_known(step.arguments.get("Conditions", []), step.name)
    try:
        for reference in references(own_arguments(step)):
            if reference.root == "Steps":
                yield reference.name
    except DefinitionError as error:
        raise DefinitionError(f"step {step.name}: {error}") from None


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
