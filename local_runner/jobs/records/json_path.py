"""JSONPath as Batch Transform documents it.

``$``, ``.name``, ``['a','b']``, ``[0,-1]``, ``[1:]`` and ``*``. As in JsonPath of Java, which its
documentation refers to, slices exclude their end, and a path with a slice, a ``*`` or several
indices selects a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

Json = Any

_NAME = r"""(?:'[^']*'|"[^"]*")"""
_SEGMENT = re.compile(
    rf"""\.(?P<name>[\w-]+)
    | \.?\[\s*(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)\s*\]
    | \[\s*(?P<indices>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
    | \[\s*(?P<start>-?\d*)\s*:\s*(?P<stop>-?\d*)\s*\]
    | (?:\.\*|\.?\[\s*\*\s*\])""",
    re.VERBOSE,
)
_QUOTED = re.compile(_NAME)


@dataclass(frozen=True)
class Segment:
    """A part of a path.

    items: yields what it selects of a value; raises LookupError. is_definite: whether that is one
    value.
    """

    items: Callable[[Json], Iterator[Json]]
    is_definite: bool
    is_of_lists: bool
    is_last: bool = False


@cache
def parse_path(path: str) -> tuple[Segment, ...]:
    """Return the parts of a path. Raise ValueError for one that isn't supported."""
    if not path.startswith("$"):
        raise ValueError(f"{path!r} must begin with $")
    segments: list[Segment] = []
    position = 1
    while position < len(path):
        found = _SEGMENT.match(path, position)
        if not found or (segments and segments[-1].is_last):
            raise ValueError(f"{path!r} isn't supported at {path[position:]!r}")
        segments.append(_segment(found))
        position = found.end()
    return tuple(segments)


def select(path: tuple[Segment, ...], value: Json) -> Json:
    """Return what the path selects of the value. Raise LookupError if there is no such value.

    >>> record = {"id": 7, "features": [1, 2, 3], "label": {"a": 0, "b": 1}}
    >>> [select(parse_path(path), record) for path in ("$.id", "$['id','x']", "$.label.*")]
    [7, {'id': 7}, [0, 1]]
    >>> [select(parse_path(f"$.features[{part}]"), record) for part in ("0", "0,-1", "1:")]
    [1, [1, 3], [2, 3]]
    """
    found = [value]
    for segment in path:
        found = [item for it in found for item in segment.items(it)]
    return found[0] if all(segment.is_definite for segment in path) else found


def _segment(found: re.Match[str]) -> Segment:
    if name := found["name"]:
        return Segment(lambda value: _member(value, name), True, False)
    if found["names"]:
        names = [quoted[1:-1] for quoted in _QUOTED.findall(found["names"])]
        if len(names) == 1:
            return Segment(lambda value: _member(value, names[0]), True, False)
        return Segment(lambda value: _members(value, names), True, False, is_last=True)
    if found["indices"]:
        numbers = [int(number) for number in found["indices"].split(",")]
        return Segment(lambda value: _elements(value, numbers), len(numbers) == 1, True)
    if found["start"] is not None:
        part = slice(*(int(text) if text else None for text in found.group("start", "stop")))
        return Segment(lambda value: iter(_list(value)[part]), False, True)
    return Segment(_all, False, True)


def _member(value: Json, name: str) -> Iterator[Json]:
    if not isinstance(value, dict) or name not in value:
        raise LookupError(f"there is no {name!r}")
    yield value[name]


def _members(value: Json, names: list[str]) -> Iterator[Json]:
    """Yield an object with those of the names that the value has."""
    if not isinstance(value, dict):
        raise LookupError(f"there is no {names[0]!r}")
    yield {name: value[name] for name in names if name in value}


def _elements(value: Json, numbers: list[int]) -> Iterator[Json]:
    items = _list(value)
    for number in numbers:
        if not -len(items) <= number < len(items):
            raise LookupError(f"there is no element {number}, but {len(items)} elements")
        yield items[number]


def _all(value: Json) -> Iterator[Json]:
    return iter(value.values() if isinstance(value, dict) else _list(value))


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise LookupError(f"{value!r:.30} isn't a list")
    return value
