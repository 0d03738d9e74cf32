"""The plan of an execution: steps in order, their dependencies, and parameter values.

Everything that can be known before the first job starts is checked here: parameters by name and
type, functions, references, cycles. An existing plan can be executed.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from local_runner.definition.dependencies import (
    dependencies,
    parameters_used,
    references_of,
    steps_read,
)
from local_runner.definition.for_each import expanded
from local_runner.definition.model import (
    FUNCTION_TYPES,
    PipelineDefinition,
    Step,
)
from local_runner.definition.parameters import DefaultsScope, ParameterValue, parameter_values
from local_runner.definition.suggestions import known_names
from local_runner.errors import DefinitionError
from local_runner.execution.record import StepExecution
from local_runner.handlers import Handler


@dataclass(frozen=True)
class PlannedStep:
    """A step with its dependencies.

    depends_on: the names of the steps that must succeed before it starts, sorted. reads: those of
    them whose properties it refers to. parameters: the names of the parameters in its arguments.
    branch: (name of the Condition step, the outcome that selects this branch); None at top level.
    handler: the function that runs a Lambda or Callback step.
    """

    step: Step
    depends_on: tuple[str, ...]
    branch: tuple[str, bool] | None
    handler: Handler | None = None
    reads: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Every step, dependencies first, and every parameter's value.

    reused: results of an earlier execution, by the names of the steps that don't run again.
    """

    steps: tuple[PlannedStep, ...]
    parameters: Mapping[str, ParameterValue]
    reused: Mapping[str, StepExecution] = field(default_factory=dict)

    @property
    def steps_to_run(self) -> tuple[PlannedStep, ...]:
        """The steps without a reused result."""
        return tuple(it for it in self.steps if it.step.name not in self.reused)


def make_plan(
    definition: PipelineDefinition, given: Mapping[str, str], deployed: Mapping[str, str]
) -> Plan:
    """Return the plan for one execution.

    given: the user's parameter values, as text. deployed: the defaults that a deployment would set;
    names that aren't parameters of the definition are ignored.
    Raise DefinitionError or ParameterError, naming the step or parameter.
    """
    _validate_unique_parameters(definition)
    parameters = parameter_values(definition.parameters, given, deployed)
    scope = DefaultsScope(parameters)
    definition = replace(definition, steps=expanded(definition.steps, scope))
    steps = _by_name(definition)
    branches = dict(_branches(definition.steps, None))
    found = {step.name: references_of(step) for step in steps.values()}
    depends_on = {
        name: dependencies(steps[name], branches[name], steps, set(parameters), own)
        for name, own in found.items()
    }
    return Plan(
        steps=tuple(
            PlannedStep(
                steps[name],
                tuple(sorted(depends_on[name])),
                branches[name],
                reads=steps_read(steps[name], found[name]),
                parameters=parameters_used(steps[name], found[name]),
            )
            for name in _in_order(depends_on)
        ),
        parameters=parameters,
    )


def body_name(step: Step) -> str:
    """Return the step's name in the definition; copies of a ForEach step's body share one."""
    return step.iteration.body if step.iteration else step.name


def with_handlers(plan: Plan, handlers: Mapping[str, Handler]) -> Plan:
    """Return the plan with the handlers of its Lambda and Callback steps, by the steps' names.

    Raise DefinitionError for a handler of another step.
    """
    names = [body_name(it.step) for it in plan.steps if it.step.type in FUNCTION_TYPES]
    if unknown := sorted(handlers.keys() - set(names)):
        known = known_names(unknown[0], names)
        raise DefinitionError(f"there is no Lambda or Callback step {unknown[0]!r}; {known}")
    steps = (replace(it, handler=handlers.get(body_name(it.step))) for it in plan.steps)
    return replace(plan, steps=tuple(steps))


def _validate_unique_parameters(definition: PipelineDefinition) -> None:
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


def _in_order(depends_on: Mapping[str, set[str]]) -> list[str]:
    """Return the names, dependencies first; otherwise in the definition's order."""
    sorter = graphlib.TopologicalSorter(depends_on)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"the steps depend on each other in a cycle: {cycle}") from None
    position = {name: number for number, name in enumerate(depends_on)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        order += ready
        sorter.done(*ready)
    return order
