"""Conditions of a Condition step: comparisons, In, NotIn, Not, Or."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_runner.definition.expressions import Scope, resolve
from local_runner.definition.model import Json
from local_runner.errors import DefinitionError

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.ne,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}

MEMBERSHIPS = ("In", "NotIn")
_OPERANDS = {"Not": ("Condition",), "Or": ("Conditions",)}
_LISTS = ("Values", "In", "Conditions")
TYPES = (*_COMPARISONS, *MEMBERSHIPS, "Not", "Or")


def validate_conditions(conditions: Sequence[Json], step: str) -> None:
    """Raise DefinitionError, naming ``step``, for an unknown type or a missing operand."""
    for condition in conditions:
        kind = condition.get("Type") if isinstance(condition, Mapping) else None
        if kind not in TYPES:
            raise DefinitionError(
                f"step {step}: unknown condition {kind!r}; use one of {', '.join(TYPES)}"
            )
        names = operands(condition)
        for name in names:
            if name not in condition:
                raise DefinitionError(f"step {step}: condition {kind} has no {name}")
        if unknown := sorted(condition.keys() - {"Type", *names}):
            raise DefinitionError(
                f"step {step}: condition {kind} has an unknown key {unknown[0]!r}; "
                f"use {' and '.join(names)}"
            )
        if names[-1] in _LISTS and not isinstance(condition[names[-1]], list):
            raise DefinitionError(f"step {step}: {names[-1]} of condition {kind} must be a list")
        validate_conditions(_nested(condition), step)


def all_hold(conditions: Sequence[Json], scope: Scope) -> bool:
    """Return whether every condition holds; numbers in strings are compared as numbers."""
    return all(_holds(condition, scope) for condition in conditions)


def _holds(condition: Mapping[str, Json], scope: Scope) -> bool:
    kind = condition["Type"]
    if kind == "Not":
        return not _holds(condition["Condition"], scope)
    if kind == "Or":
        return any(_holds(nested, scope) for nested in condition["Conditions"])
    if kind in MEMBERSHIPS:
        query, values = (condition[name] for name in operands(condition))
        found: bool = _comparable(resolve(query, scope)) in [
            _comparable(resolve(item, scope)) for item in values
        ]
        return found is (kind == "In")
    left = _comparable(resolve(condition["LeftValue"], scope))
    right = _comparable(resolve(condition["RightValue"], scope))
    try:
        return _COMPARISONS[kind](left, right)
    except TypeError:
        raise DefinitionError(f"{kind}: {left!r} and {right!r} can't be compared") from None


def operands(condition: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names of the operands.

    In and NotIn: the SDK writes QueryValue and Values, the published schema has Value and In.
    """
    kind = condition["Type"]
    if kind in MEMBERSHIPS:
        return ("Value", "In") if "Value" in condition else ("QueryValue", "Values")
    return _OPERANDS.get(kind, ("LeftValue", "RightValue"))


def _nested(condition: Mapping[str, Json]) -> Sequence[Json]:
    if condition["Type"] == "Not":
        return [condition["Condition"]]
    return condition["Conditions"] if condition["Type"] == "Or" else []


def _comparable(value: Json) -> Json:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
