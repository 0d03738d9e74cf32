"""From a definition and values for its parameters to a plan: what runs, in which order, with what.

All that can be known before the first job starts is checked here: parameters by name and type,
functions, references, images, cycles. A plan that exists can be started.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition import conditions
from local_runner.definition.expressions import Reference, references
from local_runner.definition.model import (
    CONDITION,
    Json,
    PipelineDefinition,
    Step,
)
from local_runner.definition.parameters import Value, values
from local_runner.errors import DefinitionError

EXECUTION_VARIABLES = (
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "StartDateTime",
    "CurrentDateTime",
)


@dataclass(frozen=True)
class PlannedStep:
    """A step in its place.

    depends_on: the steps that have to be over before it starts, sorted.
    branch: (name of the Condition step, its outcome) that lets it run; None at the top level.
    """

    step: Step
    depends_on: tuple[str, ...]
    branch: tuple[str, bool] | None


@dataclass(frozen=True)
class Plan:
    """Every step in an order that respects all dependencies, and every parameter's value."""

    steps: tuple[PlannedStep, ...]
    parameters: Mapping[str, Value]


def plan(
    definition: PipelineDefinition, given: Mapping[str, str], deployed: Mapping[str, str]
) -> Plan:
    """The plan for one execution.

    given: what the user chose, as text. deployed: what a deployment would have set as defaults;
    here a name that the definition doesn't have is passed over.
    Raises DefinitionError or ParameterError, naming the step or parameter.
    """
    _insist_unique(definition)
    parameters = values(definition.parameters, given, deployed)
    steps = _by_name(definition)
    branches = dict(_branches(definition.steps, None))
    depends_on = {
        step.name: _depends_on(step, branches[step.name], steps, set(parameters))
        for step in steps.values()
    }
    return Plan(
        steps=tuple(
            PlannedStep(steps[name], tuple(sorted(depends_on[name])), branches[name])
            for name in _in_order(depends_on)
        ),
        parameters=parameters,
    )


def _insist_unique(definition: PipelineDefinition) -> None:
    names = [parameter.name for parameter in definition.parameters]
    for name in names:
        if names.count(name) > 1:
            raise DefinitionError(f"parameter {name} is defined twice; names must be unique")


def _by_name(definition: PipelineDefinition) -> dict[str, Step]:
    steps: dict[str, Step] = {}
    for step in definition.all_steps():
        if step.name in steps:
            raise DefinitionError(f"step {step.name} is defined twice; step names must be unique")
        steps[step.name] = step
    return steps


def _branches(
    steps: tuple[Step, ...], branch: tuple[str, bool] | None
) -> Iterator[tuple[str, tuple[str, bool] | None]]:
    for step in steps:
        yield step.name, branch
        yield from _branches(step.if_steps, (step.name, True))
        yield from _branches(step.else_steps, (step.name, False))


def _depends_on(
    step: Step, branch: tuple[str, bool] | None, steps: Mapping[str, Step], parameters: set[str]
) -> set[str]:
    names = set(step.depends_on)
    if branch:
        names.add(branch[0])
    for reference in _references(step):
        _insist_known(reference, step.name, steps, parameters)
        if reference.root == "Steps":
            names.add(reference.name)
    if missing := sorted(names - steps.keys()):
        raise DefinitionError(f"step {step.name}: depends on {missing[0]!r}, which isn't a step")
    return names


def _references(step: Step) -> list[Reference]:
    arguments = _own_arguments(step)
    try:
        return list(references(arguments))
    except DefinitionError as error:
        raise DefinitionError(f"step {step.name}: {error}") from None


def _own_arguments(step: Step) -> Json:
    """The arguments without the steps inside a condition's branches, which stand for themselves."""
    if step.type != CONDITION:
        return step.arguments
    wanted = step.arguments.get("Conditions", [])
    conditions.insist_known(wanted, step.name)
    return wanted


def _insist_known(
    reference: Reference, step: str, steps: Mapping[str, Step], parameters: set[str]
) -> None:
    known = {
        "Parameters": parameters,
        "Execution": set(EXECUTION_VARIABLES),
        "Steps": set(steps),
    }[reference.root]
    if reference.name not in known:
        raise DefinitionError(
            f"step {step}: refers to {reference.root}.{reference.name}, which doesn't exist"
        )
    if reference.root != "Steps" and reference.rest:
        raise DefinitionError(
            f"step {step}: {reference.root}.{reference.name} is one value and has no properties"
        )
    if reference.rest[:1] == ("PropertyFiles",):
        files = {file.name for file in steps[reference.name].property_files}
        if len(reference.rest) != 2 or reference.rest[1] not in files:
            raise DefinitionError(
                f"step {step}: {reference.name} has no property file "
                f"{'.'.join(map(str, reference.rest[1:]))!r}"
            )


def _in_order(depends_on: Mapping[str, set[str]]) -> list[str]:
    """Dependencies first; steps that are ready together in the definition's order."""
    sorter = graphlib.TopologicalSorter(depends_on)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"the steps depend on each other in a circle: {circle}") from None
    position = {name: number for number, name in enumerate(depends_on)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        order += ready
        sorter.done(*ready)
    return order
