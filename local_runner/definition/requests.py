"""The arguments of steps against the requests that they become, and references to properties.

`api_shapes.json` has the members of requests and responses; ``python -m validation.api_shapes``
derives it from botocore's model of the SageMaker API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from local_runner.definition.expressions import call, item_name
from local_runner.definition.model import Json, Step
from local_runner.definition.suggestions import known_names

SHAPES = Path(__file__).with_name("api_shapes.json")

CALLS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Model": "CreateModel",
    "Transform": "CreateTransformJob",
    "RegisterModel": "CreateModelPackage",
    "Tuning": "CreateHyperParameterTuningJob",
}
"""The call that a step of each type makes."""

DESCRIPTIONS = {
    "Processing": "DescribeProcessingJob",
    "Training": "DescribeTrainingJob",
    "Model": "DescribeModel",
    "Transform": "DescribeTransformJob",
    "RegisterModel": "DescribeModelPackage",
}
"""The call whose response has the properties of a step; those of other types aren't checked."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "CreateProcessingJob": ("AppSpecification",),
    "AppSpecification": ("ImageUri",),
    "ProcessingS3Input": ("S3Uri",),
    "ProcessingOutput": ("OutputName",),
    "ProcessingS3Output": ("S3Uri",),
    "CreateTrainingJob": ("AlgorithmSpecification", "OutputDataConfig"),
    "OutputDataConfig": ("S3OutputPath",),
    "Channel": ("ChannelName", "DataSource"),
    "S3DataSource": ("S3Uri",),
    "CreateTransformJob": ("ModelName", "TransformInput", "TransformOutput"),
    "TransformInput": ("DataSource",),
    "TransformDataSource": ("S3DataSource",),
    "TransformS3DataSource": ("S3Uri",),
    "TransformOutput": ("S3OutputPath",),
    "CreateModelPackage": ("ModelPackageGroupName", "InferenceSpecification"),
    "InferenceSpecification": ("Containers",),
}
"""The members of structures without which a job can't run on this machine."""

_OBJECT: tuple[str, tuple[type, ...]] = ("a JSON object", (dict,))
_SCALARS: dict[str, tuple[str, tuple[type, ...]]] = {
    "string": ("a string", (str,)),
    "integer": ("an integer", (int,)),
    "long": ("an integer", (int,)),
    "float": ("a number", (int, float)),
    "double": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
    "timestamp": ("a time", (str, int, float)),
}


def argument_faults(step: Step) -> Iterator[str]:
    """Yield a message for each argument that the service doesn't know, or of another type.

    Expressions may have any value. Steps whose type has no call are not checked.
    """
    if step.type in CALLS:
        yield from _faults(step.arguments, CALLS[step.type], "")


def missing_arguments(step: Step) -> Iterator[str]:
    """Yield a message for each missing argument that a job on this machine needs.

    Other arguments that the service requires, such as roles and instance types, may be missing.
    """
    if step.type in CALLS:
        yield from _missing(step.arguments, CALLS[step.type], "")


def _missing(value: Json, shape: Json, where: str) -> Iterator[str]:
    if isinstance(shape, list) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _missing(item, shape[0], f"{where}[{number}]")
    elif isinstance(shape, str) and shape not in _SCALARS and not call(value)[0]:
        prefix = f"{where}." if where else ""
        yield from (
            f"{prefix}{name} is missing" for name in _NEEDED.get(shape, ()) if name not in value
        )
        for key, item in value.items():
            yield from _missing(item, _shapes()[shape][key], f"{prefix}{key}")


def _faults(value: Json, shape: Json, where: str) -> Iterator[str]:
    function, operand = call(value)
    expected, types = _expected(shape)
    is_of_type = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if function:
        is_single = function == "Std:Join" or not str(operand).startswith("Steps.")
        if function != "Std:JsonGet" and is_single and types[0] in (dict, list):
            yield f"{where} must be {expected}, got an expression for a single value"
    elif not is_of_type:
        yield f"{where} must be {expected}, got {value!r:.60}"
    elif isinstance(shape, list):
        for number, item in enumerate(value):
            yield from _faults(item, shape[0], f"{where}[{number}]")
    elif isinstance(value, dict):
        members = None if isinstance(shape, dict) else _shapes()[shape]
        for key, item in value.items():
            path = f"{where}.{key}" if where else key
            if members is None:
                yield from _faults(item, shape["*"], path)
            elif key in members:
                yield from _faults(item, members[key], path)
            else:
                yield f"{path}: unknown argument; {known_names(key, members)}"


def _expected(shape: Json) -> tuple[str, tuple[type, ...]]:
    if isinstance(shape, list):
        return "a JSON array", (list,)
    return _OBJECT if isinstance(shape, dict) else _SCALARS.get(shape, _OBJECT)


def unknown_property(owner: Step, keys: Sequence[str | int]) -> str | None:
    """Return the remedy if a step's properties don't have the path ``keys``; None if they do."""
    shape: Json = DESCRIPTIONS.get(owner.type)
    given: Json = owner.arguments
    for key in keys if shape else ():
        members = _shapes().get(shape) if isinstance(shape, str) else None
        if isinstance(shape, list):
            names = _item_names(given)
            if isinstance(key, str) and names and key not in names:
                return known_names(key, names)
            given, shape = None, shape[0]
        elif isinstance(shape, dict):
            given, shape = None, shape["*"]
        elif members is None or key not in members:
            return known_names(str(key), members or ()) if members else "it is a single value"
        else:
            given = given.get(key) if isinstance(given, Mapping) else None
            shape = members[str(key)]
    return None


def _item_names(items: Json) -> Sequence[str]:
    """Return the names by which properties refer to the items of a list; none if not all are known.

    Lists that aren't among the arguments, such as FinalMetricDataList, have unknown names.
    """
    if not isinstance(items, list):
        return ()
    names = [item_name(item) for item in items]
    return names if all(names) else ()


@cache
def _shapes() -> Mapping[str, Mapping[str, Json]]:
    shapes: dict[str, dict[str, Json]] = json.loads(SHAPES.read_text(encoding="utf-8"))
    return shapes
