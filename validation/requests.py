"""Each step's arguments against botocore's model of the API call that the step stands for.

Expressions are replaced by dummies of the type that the place wants. botocore itself misses wrong
enumeration values, empty strings in place of images, and parameters whose type doesn't fit the
place; those are looked for here.
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
from validation.service import input_of

_CALLS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Model": "CreateModel",
    "Transform": "CreateTransformJob",
    "RegisterModel": "CreateModelPackage",
}
_NAMED_BY_SERVICE = ("ProcessingJobName", "TrainingJobName", "ModelName", "TransformJobName")
_FITTING = {
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
_MOST_TRANSFORM_MEGABYTES = 100
_TRANSFORM_FACTORS = ("MaxConcurrentTransforms", "MaxPayloadInMB")


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """What the API would refuse, step by step."""
    parameters = {parameter.name: parameter for parameter in definition.parameters}
    for step in definition.all_steps():
        if step.type in _CALLS:
            for problem in _Request(step, parameters).problems():
                yield f"step {step.name}: {problem}"


class _Request:
    """One step's arguments on their way through the shape of its call."""

    def __init__(self, step: Step, parameters: Mapping[str, Parameter]) -> None:
        self._step = step
        self._parameters = parameters
        self._problems: list[str] = []

    def problems(self) -> list[str]:
        shape = input_of(_CALLS[self._step.type])
        request = self._filled(self._step.arguments, shape, "Arguments")
        for name in _NAMED_BY_SERVICE:
            if name in shape.members:
                request.setdefault(name, "dummy")
        report = ParamValidator().validate(request, shape)
        said = report.generate_report().splitlines() if report.has_errors() else []
        return [*self._problems, *said, *self._too_much_at_once()]

    def _filled(self, value: Json, shape: Shape, where: str) -> Json:
        """``value`` without expressions; notes what botocore doesn't."""
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
        self._insist_value(value, shape, where)
        return value

    def _dummy(self, expression: Mapping[str, Json], shape: Shape, where: str) -> Json:
        if shape.type_name not in _DUMMIES:
            self._problems.append(f"{where}: an expression can't stand for a {shape.type_name}")
            return None
        if "Std:Join" in expression and shape.type_name != "string":
            self._problems.append(f"{where}: Std:Join gives a string, not a {shape.type_name}")
        parameter = self._parameter(expression)
        if parameter and parameter.type not in _FITTING[shape.type_name]:
            self._problems.append(
                f"{where}: parameter {parameter.name} is of type {parameter.type}, "
                f"the place wants a {shape.type_name}"
            )
        elif parameter and parameter.default is not None:
            self._insist_value(parameter.default, shape, f"{where} (default of {parameter.name})")
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else _DUMMIES[shape.type_name]

    def _parameter(self, expression: Mapping[str, Json]) -> Parameter | None:
        if "Get" not in expression:
            return None
        reference = parse_reference(expression["Get"])
        return self._parameters[reference.name] if reference.root == "Parameters" else None

    def _insist_value(self, value: Json, shape: Shape, where: str) -> None:
        enum = getattr(shape, "enum", None)
        if enum and value not in enum:
            self._problems.append(f"{where}: {value!r} is none of the values the service knows")
        if value == "" and where.endswith(("ImageUri", "TrainingImage", "Image", "S3Uri")):
            self._problems.append(f"{where} is empty")

    def _too_much_at_once(self) -> Iterator[str]:
        factors = [self._step.arguments.get(name, 0) for name in _TRANSFORM_FACTORS]
        if not all(isinstance(factor, int) for factor in factors):
            yield f"{' and '.join(_TRANSFORM_FACTORS)} must be numbers, or nobody can multiply them"
            return
        at_once = math.prod(factors)
        if at_once > _MOST_TRANSFORM_MEGABYTES:
            yield f"MaxConcurrentTransforms x MaxPayloadInMB is {at_once}, above 100"
