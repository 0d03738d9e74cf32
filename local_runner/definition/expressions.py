"""Expressions inside arguments: ``Get``, ``Std:Join``, ``Std:JsonGet``.

`call` distinguishes an expression from a plain value; `references` and `strings` read a value
before anything runs; `resolve` replaces each expression by its value when a step starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from local_runner.definition.model import Json
from local_runner.errors import DefinitionError

_OPERANDS: dict[str, tuple[dict[str, tuple[type, ...]], ...]] = {
    "Std:Join": ({"On": (str,), "Values": (list,)},),
    "Std:JsonGet": (
        {"PropertyFile": (dict,), "Path": (str,)},
        {"S3Uri": (str, dict), "Path": (str,)},
    ),
}
"""The operands of each function, and their types; Std:JsonGet reads a property file or an object.
"""
_FUNCTIONS = ", ".join(("Get", *_OPERANDS))
_ITEM_NAMES = ("OutputName", "MetricName", "InputName", "ChannelName")
_KEY_OR_INDEX = re.compile(r"""\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]""")


@dataclass(frozen=True)
class Reference:
    """A ``Get``: its root (Parameters, Execution or Steps), the name that follows, and the rest.

    ``rest`` holds keys (str) and indices (int): for
    ``Steps.Train.ModelArtifacts.S3ModelArtifacts``, ("ModelArtifacts", "S3ModelArtifacts").
    """

    root: str
    name: str
    rest: tuple[str | int, ...]


class Scope(Protocol):
    """The values of references."""

    def value(self, reference: Reference) -> Json:
        """Return the value of a reference. Raise DefinitionError if it has none."""

    def document(self, uri: str) -> Json:
        """Return the JSON of an S3 object. Raise DefinitionError or JobFailed if it has none."""


def parse_reference(path: Json) -> Reference:
    """Split the path of a ``Get``.

    >>> parse_reference("Steps.Prepare.ProcessingOutputConfig.Outputs['a-b'].S3Output").rest
    ('ProcessingOutputConfig', 'Outputs', 'a-b', 'S3Output')
    """
    parts = _keys(path, "Get")
    if len(parts) < 2 or parts[0] not in ("Parameters", "Execution", "Steps"):
        raise DefinitionError(f"Get {path!r}: must start with Parameters., Execution. or Steps.")
    return Reference(str(parts[0]), str(parts[1]), tuple(parts[2:]))


def call(value: Json) -> tuple[str, Json]:
    """Return (function, operand) if ``value`` is an expression, else ("", value).

    Raise DefinitionError for an unknown function.
    """
    if isinstance(value, Mapping) and len(value) == 1:
        (function, operand), *_ = value.items()
        if function == "Get" or function in _OPERANDS:
            return function, operand
        if function.startswith("Std:"):
            raise DefinitionError(f"unknown function {function!r}; use one of {_FUNCTIONS}")
    return "", value


def references(value: Json) -> Iterator[Reference]:
    """Yield every reference in ``value``. Raise DefinitionError for a malformed expression."""
    function, operand = call(value)
    if function == "Get":
        yield parse_reference(operand)
        return
    if function:
        _validate_operands(function, operand)
    if isinstance(operand, Mapping):
        for item in operand.values():
            yield from references(item)
    elif _is_list(operand):
        for item in operand:
            yield from references(item)


def strings(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (key, string) for every string in ``value``; the parts of a Std:Join have its key.

    References have no value yet and are left out. Raise DefinitionError for a malformed expression.

    >>> list(strings({"Uri": {"Std:Join": {"On": "/", "Values": ["s3://b", "k"]}}, "Size": 1}))
    [('Uri', 's3://b'), ('Uri', 'k')]
    """
    function, operand = call(value)
    if function == "Std:Join":
        _validate_operands(function, operand)
        operand = operand["Values"]
    elif function:
        return
    if isinstance(operand, str):
        yield key, operand
    elif isinstance(operand, Mapping):
        for name, item in operand.items():
            yield from strings(item, name)
    elif _is_list(operand):
        for item in operand:
            yield from strings(item, key)


def _validate_operands(function: str, operand: Json) -> None:
    forms = _OPERANDS[function]
    given = set(operand) if isinstance(operand, Mapping) else set()
    operands = next((form for form in forms if given == set(form)), None)
    if operands is None:
        known = ", or ".join(" and ".join(form) for form in forms)
        raise DefinitionError(f"{function} must have {known}, got {operand!r:.60}")
    for name, kinds in operands.items():
        if not isinstance(operand[name], kinds):
            raise DefinitionError(f"{function}: {name} can't be {operand[name]!r:.60}")
    if function == "Std:JsonGet":
        _keys(operand["Path"], function)


def resolve(value: Json, scope: Scope) -> Json:
    """Return ``value`` with every expression replaced by its value in ``scope``."""
    function, operand = call(value)
    if function == "Get":
        return scope.value(parse_reference(operand))
    if function == "Std:Join":
        return operand["On"].join(as_text(resolve(item, scope)) for item in operand["Values"])
    if function == "Std:JsonGet":
        if "S3Uri" in operand:
            document = scope.document(as_text(resolve(operand["S3Uri"], scope)))
        else:
            document = resolve(operand["PropertyFile"], scope)
        return _json_get(document, operand["Path"])
    if isinstance(operand, Mapping):
        return {key: resolve(item, scope) for key, item in operand.items()}
    if _is_list(operand):
        return [resolve(item, scope) for item in operand]
    return operand


def as_text(value: Json) -> str:
    """Format a value as the service does in Std:Join.

    >>> [as_text(value) for value in (5, 0.2, 4.0, True, "x")]
    ['5', '0.2', '4.0', 'true', 'x']
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def follow(value: Json, keys: Sequence[str | int], where: str) -> Json:
    """Return the value at the path ``keys`` in ``value``.

    As in the service, a key of a list is the name of an item: the OutputName in
    ProcessingOutputConfig.Outputs, the MetricName in FinalMetricDataList. Raise DefinitionError,
    naming ``where``, for a key that doesn't exist.
    """
    for key in keys:
        try:
            value = _enter(value, key)
        except (KeyError, IndexError, TypeError):
            raise DefinitionError(f"{where}: there is no {key!r}") from None
    return value


def _enter(value: Json, key: str | int) -> Json:
    if isinstance(value, str):
        raise TypeError
    if isinstance(key, str) and _is_list(value):
        return {item_name(item): item for item in value}[key]
    return value[key]


def item_name(item: Json) -> str:
    """Return the name by which properties refer to an item of a list; empty if it has none."""
    names = map(item.get, _ITEM_NAMES) if isinstance(item, Mapping) else ()
    return next((name for name in names if isinstance(name, str)), "")


def _json_get(document: Json, path: str) -> Json:
    return follow(document, _keys(path, "Std:JsonGet"), f"Std:JsonGet {path!r}")


def _keys(path: Json, function: str) -> list[str | int]:
    """Split a path into keys and indices."""
    if not isinstance(path, str):
        raise DefinitionError(f"{function} must have a path, got {path!r:.60}")
    keys: list[str | int] = []
    position = 0
    while position < len(path):
        match = _KEY_OR_INDEX.match(path, position)
        if not match:
            raise DefinitionError(f"{function} {path!r}: syntax error at {path[position:]!r}")
        key, index, single, double = match.groups()
        keys.append(int(index) if index else key or single or double)
        position = match.end()
    return keys


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
