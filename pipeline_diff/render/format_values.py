"""Values as short text: expressions, and what the parameters' defaults make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import (
    Reference,
    as_text,
    call,
    parse_reference,
)
from local_runner.definition.model import Json

LIMIT = 100
"""The longest text that is shown whole."""

_BEFORE_DIFFERENCE = 20
_HASH_SHOWN = 12
_HASH = re.compile(r"[0-9a-f]{32,}")
_OUTPUT = re.compile(r"ProcessingOutputConfig\.Outputs\['?([\w-]+)'?\]\.S3Output\.S3Uri")
_REGISTRY = re.compile(r"^\d{12}\.dkr\.ecr\.[\w.-]+/")


@dataclass(frozen=True)
class Shown:
    """A value of a definition, and how it is shown.

    resolved: what the parameters' defaults make of an expression; None where there is nothing more
    to say.
    """

    value: Json
    text: str
    resolved: str | None = None


def canonical(value: Json) -> str:
    """A text that is equal for equal values: 4.0 is 4, true isn't 1, keys have no order."""
    return json.dumps(_canonical(value), sort_keys=True, ensure_ascii=False)


def _canonical(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(one: Json, other: Json) -> bool:
    """Whether two values of JSON are equal."""
    return canonical(one) == canonical(other)


def text(value: Json) -> str:
    """A value as text; what is filled in later stands in braces: ``{ArtifactsUri}/models``."""
    function, operand = call(value)
    if function == "Get":
        return f"{{{_name(operand)}}}"
    if function == "Std:Join":
        return str(operand["On"]).join(map(text, operand["Values"]))
    if function == "Std:JsonGet":
        return f"{text(operand['PropertyFile'])[:-1]}: {operand['Path']}}}"
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
    """``value`` with the parameters' defaults put in; what isn't known stays an expression."""
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
    """Whether a value is no expression, and no list."""
    return not isinstance(value, Mapping | list)


def shown(value: Json, defaults: Mapping[str, Json]) -> Shown:
    """A value on its own."""
    plain = resolved(value, defaults)
    is_told = is_plain(plain) and not is_plain(value)
    return Shown(value, _short(text(value)), _short(as_text(plain)) if is_told else None)


def shown_pair(
    old: Json, new: Json, old_defaults: Mapping[str, Json], new_defaults: Mapping[str, Json]
) -> tuple[Shown, Shown]:
    """Two values that differ, shown so that the difference is seen."""
    if (registry := _registry(old)) and registry == _registry(new):
        old_name, new_name = old.removeprefix(registry), new.removeprefix(registry)
        if old_name != new_name:
            return Shown(old, _short(old_name)), Shown(new, _short(new_name))
    one, other = shown(old, old_defaults), shown(new, new_defaults)
    if (one.text, one.resolved) != (other.text, other.resolved):
        return one, other
    texts = text(old), text(new)
    if texts[0] == texts[1]:  # of different types, or built in different ways
        texts = canonical(old), canonical(new)
    pairs = enumerate(zip(*texts, strict=False))
    alike = next((place for place, (a, b) in pairs if a != b), min(map(len, texts)))
    start = max(0, alike - _BEFORE_DIFFERENCE)
    return Shown(old, _cut(texts[0], start)), Shown(new, _cut(texts[1], start))


def _registry(value: Json) -> str:
    """The part of an image's name that says little: account and region."""
    found = _REGISTRY.match(value) if isinstance(value, str) else None
    return found[0] if found else ""


def _short(whole: str) -> str:
    """The beginning of a text, with hashes cut to what tells them apart."""
    return _cut(_HASH.sub(lambda found: f"{found[0][:_HASH_SHOWN]}…", whole), 0)


def _cut(whole: str, start: int) -> str:
    end = start + LIMIT
    return f"{'…' if start else ''}{whole[start:end]}{'…' if len(whole) > end else ''}"
