"""Expressions inside arguments: ``Get``, ``Std:Join``, ``Std:JsonGet``.

`call` tells an expression from a plain value; `references` reads what a value refers to, before
anything runs; `resolve` replaces each expression by its value, when a step starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from local_runner.definition.model import Json
from local_runner.errors import DefinitionError

_OPERANDS: dict[str, dict[str, type[object]]] = {
    "Std:Join": {"On": str, "Values": list},
    "Std:JsonGet": {"PropertyFile": dict, "Path": str},
}
_KEY_OR_INDEX = re.compile(r"""\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]""")


@dataclass(frozen=True)
class Reference:
    """A ``Get``: the root (Parameters, Execution or Steps), the name behind it, and the rest.

    ``rest`` holds keys (str) and indices (int): for
    ``Steps.Train.ModelArtifacts.S3ModelArtifacts``, ("ModelArtifacts", "S3ModelArtifacts").
    """

    root: str
    name: str
    rest: tuple[str | int, ...]


class Scope(Protocol):
    """Where references find their values."""

    def value(self, reference: Reference) -> Json:
        """What the reference stands for; raises DefinitionError if there's no such thing."""


def parse_reference(path: Json) -> Reference:
    """The parts of a ``Get``.

    >>> parse_reference("Steps.Prepare.ProcessingOutputConfig.Outputs['a-b'].S3Output").rest
    ('ProcessingOutputConfig', 'Outputs', 'a-b', 'S3Output')
    """
    parts = _keys(path, "Get")
    if len(parts) < 2 or parts[0] not in ("Parameters", "Execution", "Steps"):
        raise DefinitionError(f"Get {path!r}: must begin with Parameters., Execution. or Steps.")
    return Reference(str(parts[0]), str(parts[1]), tuple(parts[2:]))


def call(value: Json) -> tuple[str, Json]:
    """(function, operand) if ``value`` is an expression, else ("", value).

    Raises DefinitionError for a function that isn't known.
    """
    if isinstance(value, Mapping) and len(value) == 1:
        (function, operand), *_ = value.items()
        if function in ("Get", "Std:Join", "Std:JsonGet"):
            return function, operand
        if function.startswith("Std:"):
            raise DefinitionError(f"this runner has no function {function!r}")
    return "", value


def references(value: Json) -> Iterator[Reference]:
    """Every reference inside ``value``. Raises DefinitionError for a function it can't call."""
    function, operand = call(value)
    if function == "Get":
        yield parse_reference(operand)
        return
    if function:
        _insist_operands(function, operand)
    if isinstance(operand, Mapping):
        for item in operand.values():
            yield from references(item)
    elif _is_list(operand):
        for item in operand:
            yield from references(item)


def _insist_operands(function: str, operand: Json) -> None:
    wanted = _OPERANDS[function]
    if not isinstance(operand, Mapping) or set(operand) != set(wanted):
        raise DefinitionError(f"{function} must have {' and '.join(wanted)}, not {operand!r:.60}")
    for name, kind in wanted.items():
        if not isinstance(operand[name], kind):
            raise DefinitionError(f"{function}: {name} can't be {operand[name]!r:.60}")
    if function == "Std:JsonGet":
        _keys(operand["Path"], function)


def resolve(value: Json, scope: Scope) -> Json:
    """``value`` with every expression replaced by what it stands for in ``scope``."""
    function, operand = call(value)
    if function == "Get":
        return scope.value(parse_reference(operand))
    if function == "Std:Join":
        return operand["On"].join(as_text(resolve(item, scope)) for item in operand["Values"])
    if function == "Std:JsonGet":
        return _json_get(resolve(operand["PropertyFile"], scope), operand["Path"])
    if isinstance(operand, Mapping):
        return {key: resolve(item, scope) for key, item in operand.items()}
    if _is_list(operand):
        return [resolve(item, scope) for item in operand]
    return operand


def as_text(value: Json) -> str:
    """How the service writes a value into a string.

    >>> [as_text(value) for value in (5, 0.2, 4.0, True, "x")]
    ['5', '0.2', '4.0', 'true', 'x']
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def follow(value: Json, keys: Sequence[str | int], where: str) -> Json:
    """The value at ``keys``, one after the other, inside ``value``.

    A list of named things (ProcessingOutputConfig.Outputs) is entered by OutputName, as the service
    does. Raises DefinitionError, naming ``where``, if a key leads nowhere.
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
        return {item["OutputName"]: item for item in value}[key]
    return value[key]


def _json_get(document: Json, path: str) -> Json:
    return follow(document, _keys(path, "Std:JsonGet"), f"Std:JsonGet {path!r}")


def _keys(path: Json, function: str) -> list[str | int]:
    """The keys and indices that a path names, one after the other."""
    if not isinstance(path, str):
        raise DefinitionError(f"{function} wants a path, not {path!r:.60}")
    keys: list[str | int] = []
    position = 0
    while position < len(path):
        match = _KEY_OR_INDEX.match(path, position)
        if not match:
            raise DefinitionError(f"{function} {path!r}: unreadable at {path[position:]!r}")
        key, index, single, double = match.groups()
        keys.append(int(index) if index else key or single or double)
        position = match.end()
    return keys


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
