"""Which cached steps run again, and why.

What the step cache of SageMaker compares is documented for each type of step ("Default cache key
attributes by pipeline step type"), after parameters and properties are filled in. It knows only
this pipeline's own executions, and those by the step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import references
from local_runner.definition.model import Json
from pipeline_diff.pipeline import Pipeline, Placed, placed
from pipeline_diff.render.format_values import resolved, same

COMPARED: Mapping[str, tuple[str, ...]] = {
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
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
}
"""By type of step, the arguments that the cache compares. Other types are never cached."""


@dataclass(frozen=True)
class Reason:
    """Why a step runs again: half a sentence, in which {} stands for the name of something."""

    words: str
    name: str = ""


@dataclass(frozen=True)
class Rerun:
    """A cached step that runs again. always: in every execution from now on, not just once."""

    step: str
    reasons: tuple[Reason, ...]
    always: bool


@dataclass(frozen=True)
class CacheState:
    """A pipeline in the eyes of the cache.

    inputs: by step, those whose results stand in what the cache compares.
    every_time: the steps that run in every execution, however full the cache is.
    """

    pipeline: Pipeline
    steps: Mapping[str, Placed]
    inputs: Mapping[str, tuple[str, ...]]
    every_time: frozenset[str]

    @classmethod
    def of(cls, pipeline: Pipeline) -> CacheState:
        """The state of a side."""
        steps = placed(pipeline.definition)
        inputs = {name: _inputs_from(it) for name, it in steps.items()}
        every_time = {name for name, it in steps.items() if not _is_cached(it)}
        while behind := {
            name for name in steps.keys() - every_time if every_time.intersection(inputs[name])
        }:
            every_time |= behind
        return cls(pipeline, steps, inputs, frozenset(every_time))

    def compared(self, name: str) -> dict[str, Json]:
        """What the cache compares of a step, the parameters' defaults filled in."""
        defaults = self.pipeline.defaults
        return {
            key: resolved(value, defaults) for key, value in _compared(self.steps[name]).items()
        }

    def parameters_of(self, name: str) -> dict[str, Json]:
        """The parameters in what the cache compares of a step, with their defaults."""
        names = [
            reference.name
            for reference in references(_compared(self.steps[name]))
            if reference.root == "Parameters"
        ]
        return {parameter: self.pipeline.defaults.get(parameter) for parameter in names}


def reruns(old: CacheState, new: CacheState, renamed: Mapping[str, str]) -> tuple[Rerun, ...]:
    """The steps whose results the cache held and holds no more, in the definition's order.

    old: with the new names already. renamed: old name by new name.
    """
    held = [name for name in new.steps if name in old.steps and name not in old.every_time]
    reasons = {name: tuple(_own_reasons(name, old, new, renamed)) for name in held}
    again = {name for name in held if reasons[name]}
    while behind := {
        name
        for name in set(held) - again
        if any(upstream in again or upstream in new.every_time for upstream in new.inputs[name])
    }:
        again |= behind
    return tuple(
        Rerun(
            name,
            (*reasons[name], *_reasons_of_inputs(name, new, again)),
            always=name in new.every_time,
        )
        for name in held
        if name in again
    )


def open_parameters(new: CacheState) -> tuple[str, ...]:
    """Parameters without a default that cached steps depend on, in the definition's order."""
    used = {
        parameter
        for name, it in new.steps.items()
        if _is_cached(it)
        for parameter, default in new.parameters_of(name).items()
        if default is None
    }
    return tuple(
        parameter.name for parameter in new.pipeline.definition.parameters if parameter.name in used
    )


def _own_reasons(
    name: str, old: CacheState, new: CacheState, renamed: Mapping[str, str]
) -> Iterator[Reason]:
    if not _is_cached(new.steps[name]):
        yield Reason("it is no longer cached")
        return
    if name in renamed:
        yield Reason("it was called {}", renamed[name])
    if old.steps[name].step.type != new.steps[name].step.type:
        yield Reason("its type changes")
        return
    yield from _changed_arguments(name, old, new)


def _reasons_of_inputs(name: str, new: CacheState, again: Collection[str]) -> Iterator[Reason]:
    if not _is_cached(new.steps[name]):
        return
    for upstream in new.inputs[name]:
        if upstream in new.every_time:
            yield Reason("it takes inputs from {}, which runs every time", upstream)
        elif upstream in again:
            yield Reason("it takes inputs from {}, which runs again", upstream)


def _changed_arguments(name: str, old: CacheState, new: CacheState) -> Iterator[Reason]:
    before, after = old.compared(name), new.compared(name)
    if same(before, after):
        return
    plain_before, plain_after = _compared(old.steps[name]), _compared(new.steps[name])
    for key in COMPARED[new.steps[name].step.type]:
        is_as_written = same(plain_before.get(key), plain_after.get(key))
        if not is_as_written and not same(before.get(key), after.get(key)):
            yield Reason("a change in its {}", key)
    earlier, later = old.parameters_of(name), new.parameters_of(name)
    for parameter in later:
        if parameter in earlier and not same(earlier[parameter], later[parameter]):
            yield Reason("the default of {} changes", parameter)


def _is_cached(it: Placed) -> bool:
    return it.step.cached and it.step.type in COMPARED


def _compared(it: Placed) -> dict[str, Json]:
    keys = COMPARED.get(it.step.type, ())
    return {key: it.step.arguments[key] for key in keys if key in it.step.arguments}


def _inputs_from(it: Placed) -> tuple[str, ...]:
    """The steps whose results stand in what the cache compares, each once."""
    found = [item.name for item in references(_compared(it)) if item.root == "Steps"]
    return tuple(dict.fromkeys(found))
