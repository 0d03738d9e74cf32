"""What Condition steps ask, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from local_runner.definition.expressions import as_text, call
from local_runner.definition.model import CONDITION, Json
from pipeline_diff.cache_invalidation import CacheState
from pipeline_diff.render.format_values import (
    canonical,
    is_plain,
    resolved,
    same,
    text,
)

_SIGNS = {
    "Equals": "=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}


class _Detail(Enum):
    """How a condition is written: a measured value by its last name, by its path, all as JSON."""

    BRIEF = 1
    PATH = 2
    RAW = 3


@dataclass(frozen=True)
class GateChange:
    """What a Condition step asks, in words; None where there is none."""

    name: str
    old: str | None
    new: str | None


def gate_changes(old: CacheState, new: CacheState) -> Iterator[GateChange]:
    """The gates whose words differ, new ones and defaults of their parameters included."""
    for name in dict.fromkeys(chain(new.steps, old.steps)):
        before, after = _conditions(old, name), _conditions(new, name)
        if before is None and after is None:
            continue
        words = _told_apart(old, before, new, after)
        if words[0] != words[1]:
            yield GateChange(name, *words)


def _conditions(state: CacheState, name: str) -> list[Json] | None:
    it = state.steps.get(name)
    if it is None or it.step.type != CONDITION:
        return None
    return list(it.step.arguments.get("Conditions", []))


def _told_apart(
    old: CacheState, before: list[Json] | None, new: CacheState, after: list[Json] | None
) -> tuple[str | None, str | None]:
    """Both in words, as brief as the difference allows."""
    is_raw_equal = same(before, after)
    names = _measured([before or [], after or []])
    are_clear = len(set(names.values())) == len(names)
    for detail in list(_Detail) if are_clear else [_Detail.PATH, _Detail.RAW]:
        words = _asked(old, before, detail), _asked(new, after, detail)
        if words[0] != words[1] or is_raw_equal:
            break
    return words


def _asked(state: CacheState, conditions: list[Json] | None, detail: _Detail) -> str | None:
    if conditions is None:
        return None
    found = [_condition(item, state.pipeline.defaults, detail) for item in conditions]
    return " and ".join(found) or "nothing"


def _measured(value: Json) -> dict[str, str]:
    """The measured values inside conditions: their JSON, and their last names."""
    function, operand = call(value)
    if function == "Std:JsonGet":
        return {canonical(operand): _last_name(operand["Path"])}
    items = list(operand.values()) if isinstance(operand, Mapping) else operand
    found: dict[str, str] = {}
    for item in items if isinstance(items, list) else []:
        found |= _measured(item)
    return found


def _last_name(path: str) -> str:
    names = [name for name in path.split(".") if name != "value"]
    return names[-1] if names else path


def _condition(value: Mapping[str, Json], defaults: Mapping[str, Json], detail: _Detail) -> str:
    """A condition in words: ``accuracy >= GateThreshold (0.8)``."""

    def side(name: str) -> str:
        return _operand(value[name], defaults, detail)

    kind = value["Type"]
    if kind == "Not":
        return f"not ({_condition(value['Expression'], defaults, detail)})"
    if kind == "Or":
        inner = [_condition(item, defaults, detail) for item in value["Conditions"]]
        return f"({' or '.join(inner)})"
    if kind == "In":
        choices = [_operand(item, defaults, detail) for item in value["Values"]]
        return f"{side('QueryValue')} is one of {', '.join(choices)}"
    return f"{side('LeftValue')} {_SIGNS[kind]} {side('RightValue')}"


def _operand(value: Json, defaults: Mapping[str, Json], detail: _Detail) -> str:
    function, operand = call(value)
    if detail is _Detail.RAW:
        return canonical(value)
    if function == "Std:JsonGet" and detail is _Detail.BRIEF:
        return _last_name(operand["Path"])
    plain = resolved(value, defaults)
    if function == "Get" and is_plain(plain):
        return f"{text(value)[1:-1]} ({as_text(plain)})"
    return text(value)
