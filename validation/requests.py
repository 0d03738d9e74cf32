"""Arguments of each step against botocore's model of its API call.

Expressions are replaced by dummies of the expected type. botocore doesn't check enumeration values,
empty image URIs, and the types of parameters; this module does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from local_runner.definition.expressions import parse_reference
from local_runner.definition.model import (
    Json,
    Parameter,
    PipelineDefinition,
    Step,
)
from local_runner.definition.requests import CALLS
from validation.service import input_of

_SERVICE_NAMES = (
    *("ProcessingJobName", "TrainingJobName", "ModelName", "TransformJobName"),
    "HyperParameterTuningJobName",
)
_PARAMETER_TYPES = {
    "string": ("String",),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Float", "Integer"),
    "double": ("Float", "Integer"),
    "boolean": ("Boolean",),
}
_DUMMIES: dict[str, Json] = {
    "string": "s3://dummy/dummy/dummy/dummy",
    "integer": 1,
    "long": 1,
    "float": 1.0,
    "double": 1.0,
    "boolean": True,
}
_MAX_TRANSFORM_MB = 100
_TRANSFORM_FACTORS = ("MaxConcurrentTransforms", "MaxPayloadInMB")


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Yield what the API would reject."""
    parameters = {parameter.name: parameter for parameter in definition.parameters}
    for step in definition.all_steps():
        if step.type in CALLS:
            for problem in _Request(step, parameters).problems():
                yield f"step {step.name}: {problem}"


class _Request:
    """The arguments of a step, checked against the shape of its call."""

    def __init__(self, step: Step, parameters: Mapping[str, Parameter]) -> None:
        self._step = step
        self._parameters = parameters
        self._problems: list[str] = []

    def problems(self) -> list[str]:
        shape = input_of(CALLS[self._step.type])
        request = self._filled(self._step.arguments, shape, "Arguments")
        for name in _SERVICE_NAMES:
            if name in shape.members:
                request.setdefault(name, "dummy")
        report = ParamValidator().validate(request, shape)
        invalid = report.generate_report().splitlines() if report.has_errors() else []
        return [*self._problems, *invalid, *self._payload_problems()]

    def _filled(self, value: Json, shape: Shape, where: str) -> Json:
        """Return ``value`` without expressions, and record what botocore doesn't check."""
        if (
            isinstance(value, Mapping)
            and set(value) <= {"Get", "Std:Join", "Std:JsonGet"}
            and value
        ):
            return self._dummy(value, shape, where)
        if isinstance(shape, StructureShape) and isinstance(value, Mapping):
            members = shape.members
            return {
                key: self._filled(item, members[key], f"{where}.{key}") if key in members else item
                for key, item in value.items()
            }
        if isinstance(shape, MapShape) and isinstance(value, Mapping):
            return {
                key: self._filled(item, shape.value, f"{where}.{key}")
                for key, item in value.items()
            }
        if isinstance(shape, ListShape) and isinstance(value, list):
            return [self._filled(item, shape.member, f"{where}[]") for item in value]
        self._check_value(value, shape, where)
        return value

    def _dummy(self, expression: Mapping[str, Json], shape: Shape, where: str) -> Json:
        if shape.type_name not in _DUMMIES:
            self._problems.append(f"{where}: an expression can't be a {shape.type_name}")
            return None
        if "Std:Join" in expression and shape.type_name != "string":
            self._problems.append(
                f"{where}: must be a {shape.type_name}, got a string from Std:Join"
            )
        parameter = self._parameter(expression)
        if parameter and parameter.type not in _PARAMETER_TYPES[shape.type_name]:
            self._problems.append(
                f"{where}: must be a {shape.type_name}, got parameter {parameter.name} of type "
                f"{parameter.type}"
            )
        elif parameter and parameter.default is not None:
            self._check_value(parameter.default, shape, f"{where} (default of {parameter.name})")
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else _DUMMIES[shape.type_name]

    def _parameter(self, expression: Mapping[str, Json]) -> Parameter | None:
        if "Get" not in expression:
            return None
        reference = parse_reference(expression["Get"])
        return self._parameters[reference.name] if reference.root == "Parameters" else None

    def _check_value(self, value: Json, shape: Shape, where: str) -> None:
        enum = getattr(shape, "enum", None)
        if enum and value not in enum:
            self._problems.append(f"{where}: unknown value {value!r}")
        if value == "" and where.endswith(("ImageUri", "TrainingImage", "Image", "S3Uri")):
            self._problems.append(f"{where} is empty")

    def _payload_problems(self) -> Iterator[str]:
        factors = [self._step.arguments.get(name, 0) for name in _TRANSFORM_FACTORS]
        if not all(isinstance(factor, int) for factor in factors):
            yield f"{' and '.join(_TRANSFORM_FACTORS)} must be numbers"
        elif math.prod(factors) > _MAX_TRANSFORM_MB:
            product = " x ".join(_TRANSFORM_FACTORS)
            yield f"{product} must be at most {_MAX_TRANSFORM_MB}, got {math.prod(factors)}"
