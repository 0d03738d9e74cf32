"""The pipeline definition as frozen data: JSON in, `PipelineDefinition` out.

Whatever this runner doesn't know is refused by name here, before anything runs: an unknown key
might change what the definition means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_runner.errors import DefinitionError

VERSION = "2020-12-01"

Json = Any
"""A value of JSON: mappings, sequences, strings, numbers, booleans, None."""

PARAMETER_TYPES: dict[str, type[str] | type[int] | type[float] | type[bool]] = {
    "String": str,
    "Integer": int,
    "Float": float,
    "Boolean": bool,
}

CONDITION = "Condition"
FAIL = "Fail"
JOB_TYPES = ("Processing", "Training", "Model", "Transform", "RegisterModel")

_DEFINITION_KEYS = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "Steps"}
_PARAMETER_KEYS = {"Name", "Type", "DefaultValue", "Description", "EnumValues"}
_STEP_KEYS = {
    "Arguments",
    "CacheConfig",
    "DependsOn",
    "Description",
    "DisplayName",
    "Name",
    "PropertyFiles",
    "RetryPolicies",
    "Type",
}
_CONDITION_ARGUMENTS = {"Conditions", "IfSteps", "ElseSteps"}


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter; ``default`` is None where an execution has to give a value."""

    name: str
    type: str
    default: str | int | float | bool | None
    enum_values: tuple[str, ...]


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file that a processing step leaves in one of its outputs, for JsonGet."""

    name: str
    output_name: str
    path: str


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after which pauses in seconds, a step is tried again for which exceptions."""

    exceptions: tuple[str, ...]
    interval: float
    backoff: float
    max_attempts: int


@dataclass(frozen=True)
class Step:
    """A step. ``arguments`` still holds expressions; only a Condition has branches."""

    name: str
    type: str
    arguments: Mapping[str, Json]
    display_name: str
    description: str
    depends_on: tuple[str, ...]
    cached: bool
    cache_expires_after: str | None
    retry_policies: tuple[RetryPolicy, ...]
    property_files: tuple[PropertyFile, ...]
    if_steps: tuple[Step, ...] = ()
    else_steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class PipelineDefinition:
    """A whole definition: parameters and top-level steps in the order of the document."""

    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]

    def all_steps(self) -> Iterator[Step]:
        """Every step, those inside conditions included, outer before inner."""
        return _with_branches(self.steps)


def parse(text: str) -> PipelineDefinition:
    """The definition that ``text`` holds. Raises DefinitionError for what it doesn't know."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise DefinitionError(
            f"the definition is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    document = _mapping(document, "the definition")
    _refuse_unknown(document, _DEFINITION_KEYS, "the definition")
    if document.get("Version") != VERSION:
        raise DefinitionError(
            f"the definition has version {document.get('Version')!r}; this runner knows {VERSION}"
        )
    return PipelineDefinition(
        parameters=tuple(map(_parameter, _sequence(document.get("Parameters", []), "Parameters"))),
        steps=tuple(map(_step, _sequence(document.get("Steps"), "Steps"))),
    )


def _parameter(item: Json) -> Parameter:
    name = _text(_mapping(item, "a parameter").get("Name"), "a parameter's Name")
    _refuse_unknown(item, _PARAMETER_KEYS, f"parameter {name}")
    if item.get("Type") not in PARAMETER_TYPES:
        raise DefinitionError(
            f"parameter {name}: unknown type {item.get('Type')!r}; "
            f"use one of {', '.join(PARAMETER_TYPES)}"
        )
    enum_values = _sequence(item.get("EnumValues", []), f"parameter {name}: EnumValues")
    return Parameter(name, item["Type"], item.get("DefaultValue"), tuple(map(str, enum_values)))


def _step(item: Json) -> Step:
    name = _text(_mapping(item, "a step").get("Name"), "a step's Name")
    _refuse_unknown(item, _STEP_KEYS, f"step {name}")
    kind = _text(item.get("Type"), f"step {name}: Type")
    if kind not in (*JOB_TYPES, CONDITION, FAIL):
        raise DefinitionError(
            f"step {name}: this runner has no step type {kind!r}; "
            f"it knows {', '.join((*JOB_TYPES, CONDITION, FAIL))}"
        )
    arguments = _mapping(item.get("Arguments", {}), f"step {name}: Arguments")
    if kind == CONDITION:
        _refuse_unknown(arguments, _CONDITION_ARGUMENTS, f"step {name}: Arguments")
    cache = item.get("CacheConfig", {})
    return Step(
        name=name,
        type=kind,
        arguments=arguments,
        display_name=item.get("DisplayName", name),
        description=item.get("Description", ""),
        depends_on=tuple(item.get("DependsOn", ())),
        cached=bool(cache.get("Enabled")),
        cache_expires_after=cache.get("ExpireAfter"),
        retry_policies=tuple(map(_retry_policy, item.get("RetryPolicies", ()))),
        property_files=tuple(map(_property_file, item.get("PropertyFiles", ()))),
        if_steps=tuple(map(_step, arguments.get("IfSteps", ()) if kind == CONDITION else ())),
        else_steps=tuple(map(_step, arguments.get("ElseSteps", ()) if kind == CONDITION else ())),
    )


def _property_file(item: Mapping[str, Json]) -> PropertyFile:
    return PropertyFile(item["PropertyFileName"], item["OutputName"], item["FilePath"])


def _retry_policy(item: Mapping[str, Json]) -> RetryPolicy:
    # Without MaxAttempts the service bounds the retrying by ExpireAfterMin; here five tries stand
    # for that, the service's own default.
    return RetryPolicy(
        exceptions=tuple(item.get("ExceptionType", ())),
        interval=float(item.get("IntervalSeconds", 1)),
        backoff=float(item.get("BackoffRate", 2)),
        max_attempts=int(item.get("MaxAttempts", 5)),
    )


def _with_branches(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _with_branches(step.if_steps)
        yield from _with_branches(step.else_steps)


def _refuse_unknown(item: Mapping[str, Json], known: set[str], where: str) -> None:
    if unknown := sorted(item.keys() - known):
        raise DefinitionError(f"{where}: unknown key {unknown[0]!r}; it knows {sorted(known)}")


def _mapping(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise DefinitionError(f"{what} must be a JSON object, not {value!r:.60}")
    return value


def _sequence(value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise DefinitionError(f"{what} must be a JSON array, not {value!r:.60}")
    return value


def _text(value: Json, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise DefinitionError(f"{what} must be a string that isn't empty, not {value!r:.60}")
    return value
