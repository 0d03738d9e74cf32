"""Cached steps that run again after a change, and why.

AWS documents what SageMaker's step cache compares for each step type ("Default cache key
attributes by pipeline step type"). It compares after parameters and properties are filled in, and
only with executions of the same pipeline and a step of the same name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from local_runner.definition.expressions import references
from local_runner.definition.model import Json, Step
from pipeline_diff.pipeline import Pipeline, PlacedStep, steps_by_name
from pipeline_diff.values import resolved, same

CACHE_KEY_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition"),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
}
"""Arguments that the cache compares, by step type. Other types are never cached."""

_OF_TUNING = "TrainingJobDefinition"
_COMPARED_OF_TUNING = (
    *("AlgorithmSpecification", "HyperParameterRanges", "InputDataConfig"),
    *("StaticHyperParameters", "TuningObjective"),
)


Reason = Literal[
    "argument_changed",
    "cache_disabled",
    "input_runs_again",
    "input_runs_every_time",
    "parameter_default_changed",
    "renamed",
    "type_changed",
]


@dataclass(frozen=True)
class Cause:
    """Why a step runs again. name: of the argument, parameter or step that causes it."""

    reason: Reason
    name: str = ""


@dataclass(frozen=True)
class InvalidatedStep:
    """A cached step that runs again. every_time: in every future execution, not just the next."""

    step: str
    causes: tuple[Cause, ...]
    every_time: bool


def key_arguments(step: Step) -> dict[str, Json]:
    """Return the arguments of a step that the cache compares, as written."""
    keys = CACHE_KEY_ARGUMENTS.get(step.type, ())
    found = {key: step.arguments[key] for key in keys if key in step.arguments}
    match found.get(_OF_TUNING):
        case {**request}:
            compared = {key: request[key] for key in _COMPARED_OF_TUNING if key in request}
            return {**found, _OF_TUNING: compared}
    return found


@dataclass(frozen=True)
class CacheState:
    """A pipeline as the step cache sees it.

    inputs: by step, the steps whose results are part of its cache key.
    every_time: the steps that run in every execution, whatever the cache holds.
    """

    pipeline: Pipeline
    steps: Mapping[str, PlacedStep]
    inputs: Mapping[str, tuple[str, ...]]
    every_time: frozenset[str]

    @classmethod
    def of(cls, pipeline: Pipeline) -> CacheState:
        """Build the state of one side."""
        steps = steps_by_name(pipeline.definition)
        inputs = {name: _inputs(step) for name, step in steps.items()}
        every_time = {name for name, step in steps.items() if not _is_cached(step)}
        while downstream := {
            name for name in steps.keys() - every_time if every_time.intersection(inputs[name])
        }:
            every_time |= downstream
        return cls(pipeline, steps, inputs, frozenset(every_time))

    def cache_key(self, name: str) -> dict[str, Json]:
        """Return the arguments that the cache compares, with parameter defaults filled in."""
        defaults = self.pipeline.defaults
        arguments = key_arguments(self.steps[name].step)
        return {key: resolved(value, defaults) for key, value in arguments.items()}

    def parameters_of(self, name: str) -> dict[str, Json]:
        """Return the parameters in a step's cache key, with their defaults."""
        names = [
            reference.name
            for reference in references(key_arguments(self.steps[name].step))
            if reference.root == "Parameters"
        ]
        return {parameter: self.pipeline.defaults.get(parameter) for parameter in names}


def invalidated_steps(
    old: CacheState, new: CacheState, renamed: Mapping[str, str]
) -> tuple[InvalidatedStep, ...]:
    """Return the steps whose cached results can't be used any more, in the definition's order.

    old: with the new step names. renamed: old name by new name.
    """
    cached = [name for name in new.steps if name in old.steps and name not in old.every_time]
    causes = {name: tuple(_own_causes(name, old, new, renamed)) for name in cached}
    again = {name for name in cached if causes[name]}
    while downstream := {
        name
        for name in set(cached) - again
        if any(upstream in again or upstream in new.every_time for upstream in new.inputs[name])
    }:
        again |= downstream
    return tuple(
        InvalidatedStep(
            name,
            (*causes[name], *_causes_upstream(name, new, again)),
            every_time=name in new.every_time,
        )
        for name in cached
        if name in again
    )


def unset_parameters(new: CacheState) -> tuple[str, ...]:
    """Return the parameters without a default in cache keys, in the definition's order."""
    used = {
        parameter
        for name, step in new.steps.items()
        if _is_cached(step)
        for parameter, default in new.parameters_of(name).items()
        if default is None
    }
    return tuple(
        parameter.name for parameter in new.pipeline.definition.parameters if parameter.name in used
    )


def _own_causes(
    name: str, old: CacheState, new: CacheState, renamed: Mapping[str, str]
) -> Iterator[Cause]:
    if not _is_cached(new.steps[name]):
        yield Cause("cache_disabled")
        return
    if name in renamed:
        yield Cause("renamed", renamed[name])
    if old.steps[name].step.type != new.steps[name].step.type:
        yield Cause("type_changed")
        return
    yield from _changed_arguments(name, old, new)


def _causes_upstream(name: str, new: CacheState, again: Collection[str]) -> Iterator[Cause]:
    if not _is_cached(new.steps[name]):
        return
    for upstream in new.inputs[name]:
        if upstream in new.every_time:
            yield Cause("input_runs_every_time", upstream)
        elif upstream in again:
            yield Cause("input_runs_again", upstream)


def _changed_arguments(name: str, old: CacheState, new: CacheState) -> Iterator[Cause]:
    before, after = old.cache_key(name), new.cache_key(name)
    if same(before, after):
        return
    written_before, written_after = (
        key_arguments(old.steps[name].step),
        key_arguments(new.steps[name].step),
    )
    for key in CACHE_KEY_ARGUMENTS[new.steps[name].step.type]:
        is_as_written = same(written_before.get(key), written_after.get(key))
        if not is_as_written and not same(before.get(key), after.get(key)):
            yield Cause("argument_changed", key)
    earlier, later = old.parameters_of(name), new.parameters_of(name)
    for parameter in later:
        if parameter in earlier and not same(earlier[parameter], later[parameter]):
            yield Cause("parameter_default_changed", parameter)


def _is_cached(placed: PlacedStep) -> bool:
    return placed.step.cache_enabled and placed.step.type in CACHE_KEY_ARGUMENTS


def _inputs(placed: PlacedStep) -> tuple[str, ...]:
    """The steps whose results are part of the cache key, each once."""
    found = [item.name for item in references(key_arguments(placed.step)) if item.root == "Steps"]
    return tuple(dict.fromkeys(found))
