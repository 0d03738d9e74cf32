"""Changes of Condition steps: their conditions as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from local_runner.definition.conditions import MEMBERSHIPS, operands
from local_runner.definition.expressions import as_text, call
from local_runner.definition.model import CONDITION, Json
from pipeline_diff.cache_invalidation import CacheState
from pipeline_diff.values import (
    canonical,
    is_plain,
    resolved,
    same,
    text,
)

_SIGNS = {
    "Equals": "=",
    "NotEquals": "!=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}


class _Detail(Enum):
    """Forms of property files in a condition: the last key, the whole path, or as JSON."""

    BRIEF = 1
    PATH = 2
    JSON = 3


@dataclass(frozen=True)
class ConditionChange:
    """The conditions of a Condition step as text; None on the side that doesn't have the step."""

    step: str
    old: str | None
    new: str | None


def condition_changes(old: CacheState, new: CacheState) -> Iterator[ConditionChange]:
    """Yield Condition steps whose text differs; parameter defaults are part of the text."""
    for name in dict.fromkeys(chain(new.steps, old.steps)):
        before, after = _conditions(old, name), _conditions(new, name)
        if before is None and after is None:
            continue
        texts = _texts(old, before, new, after)
        if texts[0] != texts[1]:
            yield ConditionChange(name, *texts)


def _conditions(state: CacheState, name: str) -> list[Json] | None:
    placed = state.steps.get(name)
    if placed is None or placed.step.type != CONDITION:
        return None
    return list(placed.step.arguments.get("Conditions", []))


def _texts(
    old: CacheState, before: list[Json] | None, new: CacheState, after: list[Json] | None
) -> tuple[str | None, str | None]:
    """Both sides as text, as brief as the difference allows."""
    is_unchanged = same(before, after)
    names = _property_files([before or [], after or []])
    are_unique = len(set(names.values())) == len(names)
    for detail in list(_Detail) if are_unique else [_Detail.PATH, _Detail.JSON]:
        texts = _text(old, before, detail), _text(new, after, detail)
        if texts[0] != texts[1] or is_unchanged:
            break
    return texts


def _text(state: CacheState, conditions: list[Json] | None, detail: _Detail) -> str | None:
    if conditions is None:
        return None
    found = [_condition(item, state.pipeline.defaults, detail) for item in conditions]
    return " and ".join(found) or "no condition"


def _property_files(value: Json) -> dict[str, str]:
    """Return the values that conditions read from property files: JSON to last key."""
    function, operand = call(value)
    if function == "Std:JsonGet":
        return {canonical(operand): _last_key(operand["Path"])}
    items = list(operand.values()) if isinstance(operand, Mapping) else operand
    found: dict[str, str] = {}
    for item in items if isinstance(items, list) else []:
        found |= _property_files(item)
    return found


def _last_key(path: str) -> str:
    names = [name for name in path.split(".") if name != "value"]
    return names[-1] if names else path


def _condition(value: Mapping[str, Json], defaults: Mapping[str, Json], detail: _Detail) -> str:
    """Return a condition as text: ``accuracy >= GateThreshold (0.8)``."""

    def side(name: str) -> str:
        return _operand(value[name], defaults, detail)

    kind = value["Type"]
    if kind == "Not":
        return f"not ({_condition(value['Condition'], defaults, detail)})"
    if kind == "Or":
        inner = [_condition(item, defaults, detail) for item in value["Conditions"]]
        return f"({' or '.join(inner)})"
    if kind in MEMBERSHIPS:
        query, values = operands(value)
        choices = [_operand(item, defaults, detail) for item in value[values]]
        return f"{side(query)} is {'' if kind == 'In' else 'not '}one of {', '.join(choices)}"
    return f"{side('LeftValue')} {_SIGNS[kind]} {side('RightValue')}"


def _operand(value: Json, defaults: Mapping[str, Json], detail: _Detail) -> str:
    function, operand = call(value)
    if detail is _Detail.JSON:
        return canonical(value)
    if function == "Std:JsonGet" and detail is _Detail.BRIEF:
        return _last_key(operand["Path"])
    plain = resolved(value, defaults)
    if function == "Get" and is_plain(plain):
        return f"{text(value)[1:-1]} ({as_text(plain)})"
    return text(value)
