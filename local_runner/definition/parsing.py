"""JSON in, `PipelineDefinition` out.

Everything unknown is refused by name, before anything runs: an unknown key might change what the
definition means.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from local_runner.definition.durations import seconds
from local_runner.definition.expressions import call
from local_runner.definition.model import (
    COMPLETED,
    CONDITION,
    FAIL,
    FUNCTION_TYPES,
    OTHER_TYPES,
    PARAMETER_TYPES,
    RUN_TYPES,
    TRIGGERS,
    VERSION,
    Json,
    OutputParameter,
    Parameter,
    PipelineDefinition,
    PropertyFile,
    RetryPolicy,
    Step,
)
from local_runner.errors import DefinitionError
from local_runner.s3_uri import s3_uri

_Item = TypeVar("_Item")
_REQUIRED: Any = object()

_DEFINITION_KEYS = {
    "Version",
    "Metadata",
    "MlflowConfig",
    "Parameters",
    "PipelineExperimentConfig",
    "Steps",
}
_MLFLOW_KEYS = {"MlflowExperimentName", "MlflowResourceArn", "MlflowRunName"}
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
_OUTPUT_PARAMETER_KEYS = {"OutputName", "OutputType"}
_DEPENDENCY_KEYS = {"Step", "Trigger"}
_FUNCTION_KEYS = {"FunctionArn", "OutputParameters", "SqsQueueUrl"}
_URIS = ("ModelDataUrl", "S3OutputPath", "S3Uri")
"""Arguments that the API takes as S3 URIs or as web addresses of objects."""
_CONDITION_ARGUMENTS = {"Conditions", "IfSteps", "ElseSteps"}
_CACHE_KEYS = {"Enabled", "ExpireAfter"}
_PROPERTY_FILE_KEYS = {"PropertyFileName", "OutputName", "FilePath"}
_RETRY_KEYS = {"ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin"}


def parse(text: str) -> PipelineDefinition:
    """Parse the JSON of a definition. Raise DefinitionError, naming the step and the field.

    A key whose value is null is absent: the SDK writes null for every option that isn't given.
    The response of DescribePipeline is read, too; it contains the definition as text.
    """
    try:
        document = json.loads(text, object_hook=_normalized)
    except json.JSONDecodeError as error:
        raise DefinitionError(
            f"the definition isn't JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    match document:
        case {"PipelineDefinition": str(definition)}:
            return parse(definition)
    reader = _Object(document, "the definition", _DEFINITION_KEYS)
    if document.get("Version", VERSION) != VERSION:
        raise DefinitionError(
            f"the definition's Version must be {VERSION!r}, got {document['Version']!r}"
        )
    return PipelineDefinition(
        parameters=tuple(map(_parameter, _array(document.get("Parameters", []), "Parameters"))),
        steps=tuple(map(parse_step, _array(reader.get("Steps"), "Steps"))),
        tracking_server=reader.object("MlflowConfig", _MLFLOW_KEYS).get("MlflowResourceArn"),
    )


def _normalized(item: dict[str, Json]) -> dict[str, Json]:
    return {
        key: s3_uri(value) if key in _URIS and isinstance(value, str) else value
        for key, value in item.items()
        if value is not None
    }


def _parameter(item: Json) -> Parameter:
    name = _name(item, "parameter")
    reader = _Object(item, f"parameter {name}", _PARAMETER_KEYS)
    kind = reader.text("Type", "String")
    if kind not in PARAMETER_TYPES:
        raise DefinitionError(
            f"parameter {name}: unknown type {kind!r}; use one of {', '.join(PARAMETER_TYPES)}"
        )
    default = reader.get("DefaultValue")
    if default is not None and not _is_of(default, kind):
        raise DefinitionError(f"parameter {name}: the default {default!r} isn't of type {kind}")
    return Parameter(name, kind, default, tuple(map(str, reader.array("EnumValues"))))


def _is_of(value: Json, kind: str) -> bool:
    """Return whether a JSON value can be a default of the type; true isn't a number."""
    if isinstance(value, bool) or kind == "Boolean":
        return isinstance(value, bool) and kind == "Boolean"
    if kind == "String":
        return isinstance(value, str)
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return is_number and (kind == "Float" or value == int(value))


def parse_step(item: Json) -> Step:
    """Parse the JSON of a step. Raise DefinitionError, naming the step and the field."""
    name = _name(item, "step")
    kind = _Object(item, f"step {name}").text("Type")
    if kind not in (*RUN_TYPES, *OTHER_TYPES):
        raise DefinitionError(
            f"step {name}: unknown step type {kind!r}; use one of {', '.join(RUN_TYPES)}"
        )
    reader = _Object(item, f"step {name}", _known_keys(kind))
    arguments = _object(item.get("Arguments", {}), f"step {name}: Arguments")
    if call(arguments)[0]:
        raise DefinitionError(f"step {name}: Arguments must be a JSON object, got an expression")
    branches = _Object({}, "")
    if kind == CONDITION:
        branches = _Object(arguments, f"step {name}: Arguments", _CONDITION_ARGUMENTS)
        branches.array("Conditions")
    if kind == FAIL and "ErrorMessage" not in arguments:
        raise DefinitionError(f"step {name}: Arguments must have ErrorMessage")
    cache = reader.object("CacheConfig", _CACHE_KEYS)
    dependencies = dict(_dependency(it, name) for it in reader.array("DependsOn"))
    return Step(
        name=name,
        type=kind,
        arguments=arguments,
        display_name=reader.text("DisplayName", name),
        description=reader.text("Description", ""),
        depends_on=tuple(dependencies),
        cache_enabled=cache.boolean("Enabled", False),
        cache_seconds=cache.converted("ExpireAfter", seconds, math.inf),
        retry_policies=tuple(reader.each("RetryPolicies", _RETRY_KEYS, _retry_policy)),
        property_files=tuple(reader.each("PropertyFiles", _PROPERTY_FILE_KEYS, _property_file)),
        if_steps=tuple(map(parse_step, branches.array("IfSteps"))),
        else_steps=tuple(map(parse_step, branches.array("ElseSteps"))),
        triggers=tuple((it, on) for it, on in dependencies.items() if on != COMPLETED),
        output_parameters=tuple(
            reader.each("OutputParameters", _OUTPUT_PARAMETER_KEYS, _output_parameter)
        ),
        target=reader.get("FunctionArn") or reader.get("SqsQueueUrl"),
    )


def _known_keys(step_type: str) -> set[str] | None:
    """Return the keys that a step may have; None for a type that is only parsed by name."""
    if step_type in OTHER_TYPES:
        return None
    return _STEP_KEYS | _FUNCTION_KEYS if step_type in FUNCTION_TYPES else _STEP_KEYS


def _output_parameter(reader: _Object) -> OutputParameter:
    name, kind = reader.text("OutputName"), reader.text("OutputType", "String")
    if kind not in PARAMETER_TYPES:
        raise DefinitionError(
            f"output {name}: unknown type {kind!r}; use one of {', '.join(PARAMETER_TYPES)}"
        )
    return OutputParameter(name, kind)


def _dependency(item: Json, step: str) -> tuple[str, str]:
    """Return the name of a dependency and the outcome on which the step runs."""
    if isinstance(item, str):
        return item, COMPLETED
    where = f"step {step}: DependsOn"
    reader = _Object(item, where, _DEPENDENCY_KEYS)
    trigger = reader.text("Trigger", COMPLETED)
    if trigger not in TRIGGERS:
        raise DefinitionError(
            f"{where}: Trigger must be one of {', '.join(TRIGGERS)}, got {trigger!r:.60}"
        )
    return reader.text("Step"), trigger


def _property_file(reader: _Object) -> PropertyFile:
    return PropertyFile(
        reader.text("PropertyFileName"), reader.text("OutputName"), reader.text("FilePath")
    )


def _retry_policy(reader: _Object) -> RetryPolicy:
    # Without MaxAttempts the service retries until ExpireAfterMin; here 5 times, which is the
    # service's default of MaxAttempts.
    return RetryPolicy(
        exceptions=tuple(reader.one_or_more_texts("ExceptionType")),
        interval=reader.number("IntervalSeconds", 1),
        backoff=reader.number("BackoffRate", 2),
        max_attempts=int(reader.number("MaxAttempts", 5)),
        expire_after=reader.number("ExpireAfterMin", 0) or None,
    )


class _Object:
    """Reads a JSON object key by key; errors name the object (``where``) and the key."""

    def __init__(self, value: Json, where: str, known: set[str] | None = None) -> None:
        self._value = _object(value, where)
        self._where = where
        if known is not None and (unknown := sorted(self._value.keys() - known)):
            raise DefinitionError(
                f"{where}: unknown key {unknown[0]!r}; use one of {', '.join(sorted(known))}"
            )

    def get(self, key: str) -> Json:
        return self._value.get(key)

    def text(self, key: str, default: str = _REQUIRED) -> str:
        value = self._value.get(key, default)
        if not isinstance(value, str) or (not value and default is _REQUIRED):
            self._refuse(key, "a non-empty string", self._value.get(key))
        return str(value)

    def boolean(self, key: str, default: bool) -> bool:
        value = self._value.get(key, default)
        if not isinstance(value, bool):
            self._refuse(key, "true or false", value)
        return bool(value)

    def number(self, key: str, default: float) -> float:
        value = self._value.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isinf(value):
            self._refuse(key, "a number", value)
        return float(value)

    def array(self, key: str) -> list[Json]:
        return _array(self._value.get(key, []), f"{self._where}: {key}")

    def texts(self, key: str) -> list[str]:
        items = self.array(key)
        for item in items:
            if not isinstance(item, str):
                self._refuse(key, "an array of strings", item)
        return items

    def one_or_more_texts(self, key: str) -> list[str]:
        return [self.text(key)] if isinstance(self.get(key), str) else self.texts(key)

    def object(self, key: str, known: set[str]) -> _Object:
        return _Object(self._value.get(key, {}), f"{self._where}: {key}", known)

    def each(self, key: str, known: set[str], read: Callable[[_Object], _Item]) -> Iterator[_Item]:
        for item in self.array(key):
            yield read(_Object(item, f"{self._where}: {key}", known))

    def converted(self, key: str, convert: Callable[[str], float], default: float) -> float:
        if key not in self._value:
            return default
        try:
            return convert(self._value[key])
        except (TypeError, ValueError) as error:
            raise DefinitionError(f"{self._where}: {key}: {error}") from None

    def _refuse(self, key: str, expected: str, value: Json) -> None:
        raise DefinitionError(f"{self._where}: {key} must be {expected}, got {value!r:.60}")


def _name(item: Json, kind: str) -> str:
    value = _object(item, f"a {kind}").get("Name")
    if not isinstance(value, str) or not value:
        raise DefinitionError(f"a {kind}'s Name must be a non-empty string, got {value!r:.60}")
    return value


def _object(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise DefinitionError(f"{what} must be a JSON object, got {value!r:.60}")
    return value


def _array(value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise DefinitionError(f"{what} must be a JSON array, got {value!r:.60}")
    return value
