"""Why a step runs instead of being cached: what differs from the newest execution that has it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import references
from local_runner.definition.model import CLEANUP, Json, Step
from local_runner.errors import WorkdirError
from local_runner.execution.record import (
    SUCCEEDED,
    ExecutionStore,
    PipelineExecution,
    StepExecution,
)
from local_runner.execution.step_cache import CachedResult
from local_runner.execution.step_inputs import (
    CONTENT,
    EMULATIONS,
    HANDLER,
    TYPE,
    UNKNOWN,
    StepInputs,
)

NEVER_CACHED = "never cached"
NOT_RUN_BEFORE = "not run before"
FORCED = "forced"
EXPIRED = "expired"
OUTPUTS_DELETED = "outputs deleted"
RESULT_DELETED = "result deleted"
NOT_FINISHED = "not finished"
PARAMETER = "parameter"
INPUT = "input"
RESULTS = "results"
IMAGE = "image"
ARGUMENT = "argument"
FUNCTION = "function"
EMULATION = "emulation"
VARIABLE = "variable"

_IMAGES = ("ImageUri", "TrainingImage", "Image")
_ITEM = re.compile(r"(.*)\[(\d+)\]([^\[]*)")
_LAST_NAME = re.compile(r".*\[(\D[^\]]*)\]")


@dataclass(frozen=True)
class Reason:
    """Why a step runs.

    name: of the parameter, input, argument, variable, or the step whose results have changed; of
    the execution in which the step failed or was stopped. before, now: the values, if they can be
    shown; now: of an expired result, the largest age in seconds.
    """

    kind: str
    name: str = ""
    before: Json = None
    now: Json = None


@dataclass(frozen=True)
class EarlierStep:
    """A step of an earlier execution, whose inputs are known."""

    execution: PipelineExecution
    record: StepExecution


class History:
    """The newest earlier execution of each step of a pipeline, read as far as needed."""

    def __init__(self, store: ExecutionStore, pipeline: str, without: str = "") -> None:
        self._executions = _executions(store, pipeline, without)
        self._newest: dict[str, EarlierStep] = {}
        self._lock = threading.Lock()

    def newest(self, step: str) -> EarlierStep | None:
        """Return the newest execution that ran the step, or took its result from the cache."""
        with self._lock:
            while step not in self._newest:
                execution = next(self._executions, None)
                if execution is None:
                    return None
                for name, record in execution.steps.items():
                    if record.inputs and not record.reused_from:
                        self._newest.setdefault(name, EarlierStep(execution, record))
            return self._newest[step]


def is_cacheable(step: Step) -> bool:
    """Return whether the step's result can be cached."""
    return step.cache_enabled and step.type != CLEANUP


def reasons_to_run(
    step: Step,
    inputs: StepInputs,
    parameters: Mapping[str, Json],
    result: CachedResult | None,
    earlier: EarlierStep | None,
) -> list[Reason]:
    """Return why a step that can be cached runs.

    result: in the cache for the same inputs, if any, but not reusable. earlier: the newest one.
    """
    if step.cache_seconds == 0:
        return [Reason(FORCED)]
    if result and result.age >= step.cache_seconds:
        return [Reason(EXPIRED, now=step.cache_seconds)]
    if result:
        return [Reason(OUTPUTS_DELETED)]
    if earlier is None:
        return [Reason(NOT_RUN_BEFORE)]
    if found := differences(step, inputs, parameters, earlier):
        return found
    if earlier.record.status != SUCCEEDED:
        return [Reason(NOT_FINISHED, earlier.execution.execution_id)]
    return [Reason(RESULT_DELETED)]


def differences(
    step: Step, inputs: StepInputs, parameters: Mapping[str, Json], earlier: EarlierStep
) -> list[Reason]:
    """Return what differs from an earlier execution of the step, by the names that users know."""
    before, now = earlier.record.inputs, inputs.values
    changed = {
        name: Reason(PARAMETER, name, earlier.execution.parameters.get(name), value)
        for name, value in parameters.items()
        if not _is_same(earlier.execution.parameters.get(name), value)
    }
    found: list[Reason] = []
    for path in _different_paths(before, now):
        found += _of_path(path, step, inputs, changed) or [_of_value(path, before, now)]
    return [reason for number, reason in enumerate(found) if reason not in found[:number]]


def _different_paths(before: Mapping[str, Json], now: Mapping[str, Json]) -> list[str]:
    """Return the paths of changed values, and of new and removed ones, except of whole items."""
    unknown = tuple(path for path, value in now.items() if value is UNKNOWN)
    paths = [
        it for it in now if it not in unknown and not _is_same(before.get(it, UNKNOWN), now[it])
    ]
    paths += [it for it in before if it not in now and not it.startswith(unknown)]
    items = tuple(
        f"{path[:-1]}{name}]"
        for path in paths
        if path.endswith("[]")
        for name in set(_names(before, path)) ^ set(_names(now, path))
    )
    return [path for path in paths if not path.startswith(items)]


def _names(values: Mapping[str, Json], path: str) -> list[str]:
    return str(values.get(path, "")).split(", ")


def _is_same(before: Json, now: Json) -> bool:
    return type(before) is type(now) and bool(before == now)


def _of_path(
    path: str, step: Step, inputs: StepInputs, changed: Mapping[str, Reason]
) -> list[Reason]:
    """Return the reasons that the expression of an input names; none if it is a literal."""
    used = list(references(inputs.expressions.get(path)))
    names = [it.name for it in used if it.root == "Parameters"]
    if step.iteration and not used:  # an item of a ForEach step
        names += step.iteration.parameters
    found = [changed[name] for name in names if name in changed]
    found += [Reason(RESULTS, it.name) for it in used if it.root == "Steps" and not found]
    found += [Reason(VARIABLE, it.name) for it in used if it.root == "Execution" and not found]
    return found


def _of_value(path: str, before: Mapping[str, Json], now: Mapping[str, Json]) -> Reason:
    old, new = before.get(path), now.get(path)
    if path in (EMULATIONS, HANDLER):
        return Reason(EMULATION if path == EMULATIONS else FUNCTION)
    if path == TYPE:
        return Reason(ARGUMENT, path, old, new)
    if _is_content(old) or _is_content(new):
        return Reason(INPUT, _name(path))
    if path.rpartition(".")[2] in _IMAGES:
        return Reason(IMAGE, "", old, new)
    item = _ITEM.fullmatch(path)
    if item and _length(before, item[1]) != _length(now, item[1]):
        return Reason(ARGUMENT, item[1])
    if item and not item[3]:
        option = now.get(f"{item[1]}[{int(item[2]) - 1}]")
        if isinstance(option, str) and option.startswith("--"):
            return Reason(ARGUMENT, option, old, new)
    return Reason(ARGUMENT, path.removesuffix("[]"), old, new)


def _name(path: str) -> str:
    """Return the name of the input or channel in a path; otherwise its last key."""
    named = _LAST_NAME.match(path)
    return named[1] if named else path.rpartition(".")[2]


def _is_content(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(CONTENT)


def _length(values: Mapping[str, Json], path: str) -> int:
    """Return the number of items of the list at a path."""
    start = f"{path}["
    return len({it[len(start) :].partition("]")[0] for it in values if it.startswith(start)})


def _executions(store: ExecutionStore, pipeline: str, without: str) -> Iterator[PipelineExecution]:
    for execution_id in store.ids():
        try:
            execution = store.load(execution_id)
        except WorkdirError:  # damaged; other commands report it
            continue
        if execution and execution_id != without and execution.pipeline == pipeline:
            yield execution
