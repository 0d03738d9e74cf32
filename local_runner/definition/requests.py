"""The arguments of steps against the requests that they become.

`request_shapes.json` has the members of each request; ``python -m validation.request_shapes``
derives it from botocore's model of the SageMaker API.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from local_runner.definition.expressions import call
from local_runner.definition.model import Json, Step

SHAPES = Path(__file__).with_name("request_shapes.json")

CALLS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Model": "CreateModel",
    "Transform": "CreateTransformJob",
    "RegisterModel": "CreateModelPackage",
    "Tuning": "CreateHyperParameterTuningJob",
}
"""The call that a step of each type makes."""

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

    Expressions may have any value. Steps whose type has no call are not checked; nor are missing
    arguments, many of which have no meaning on this machine.
    """
    if step.type in CALLS:
        yield from _faults(step.arguments, CALLS[step.type], "")


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
                yield f"{path}: unknown argument; {_remedy(key, members)}"


def _expected(shape: Json) -> tuple[str, tuple[type, ...]]:
    if isinstance(shape, list):
        return "a JSON array", (list,)
    return _OBJECT if isinstance(shape, dict) else _SCALARS.get(shape, _OBJECT)


def _remedy(unknown: str, known: Iterable[str]) -> str:
    nearest = " or ".join(difflib.get_close_matches(unknown, known, n=2))
    return f"did you mean {nearest}?" if nearest else f"use one of {', '.join(sorted(known))}"


@cache
def _shapes() -> Mapping[str, Mapping[str, Json]]:
    shapes: dict[str, dict[str, Json]] = json.loads(SHAPES.read_text(encoding="utf-8"))
    return shapes
