"""JSON values of a definition: equality, text, and parameter defaults filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from local_runner.definition.expressions import Reference, as_text, call, parse_reference
from local_runner.definition.model import Json

_OUTPUT = re.compile(r"ProcessingOutputConfig\.Outputs\['?([\w-]+)'?\]\.S3Output\.S3Uri")


def canonical(value: Json) -> str:
    """Return the same text for equal values: 4.0 is 4, true isn't 1, key order is ignored."""
    return json.dumps(_canonical(value), sort_keys=True, ensure_ascii=False)


def _canonical(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal."""
    return canonical(one) == canonical(other)


def text(value: Json) -> str:
    """Return a value as text, with expressions in braces: ``{ArtifactsUri}/models``."""
    function, operand = call(value)
    if function == "Get":
        return f"{{{_name(operand)}}}"
    if function == "Std:Join":
        return str(operand["On"]).join(map(text, operand["Values"]))
    if function == "Std:JsonGet":
        is_object = "S3Uri" in operand
        source = text(operand["S3Uri"]) if is_object else text(operand["PropertyFile"])[1:-1]
        return f"{{{source}: {operand['Path']}}}"
    if isinstance(operand, str):
        return operand
    if isinstance(operand, list | tuple):
        return " ".join(map(text, operand)) or "[]"
    return canonical(operand)


def _name(path: str) -> str:
    reference = parse_reference(path)
    if reference.root == "Parameters":
        return reference.name
    if reference.root == "Execution":
        return f"Execution.{reference.name}"
    _, is_usual, rest = path.partition(f"Steps.{reference.name}.")
    if not is_usual:
        return path
    if output := _OUTPUT.fullmatch(rest):
        return f"{reference.name} output {output[1]}"
    return f"{reference.name}.{rest.removeprefix('PropertyFiles.')}"


def resolved(value: Json, defaults: Mapping[str, Json]) -> Json:
    """Return ``value`` with parameter defaults filled in; unknown values stay expressions."""
    function, operand = call(value)
    if function == "Get":
        return _default(parse_reference(operand), defaults, value)
    if function == "Std:Join":
        items = [resolved(item, defaults) for item in operand["Values"]]
        if all(is_plain(item) for item in items):
            return str(operand["On"]).join(map(as_text, items))
        return {function: {**operand, "Values": items}}
    if function:
        return value
    if isinstance(operand, Mapping):
        return {key: resolved(item, defaults) for key, item in operand.items()}
    if isinstance(operand, list):
        return [resolved(item, defaults) for item in operand]
    return operand


def _default(reference: Reference, defaults: Mapping[str, Json], otherwise: Json) -> Json:
    return defaults.get(reference.name, otherwise) if reference.root == "Parameters" else otherwise


def is_plain(value: Json) -> bool:
    """Whether a value is neither an expression nor an object nor a list."""
    return not isinstance(value, Mapping | list)
