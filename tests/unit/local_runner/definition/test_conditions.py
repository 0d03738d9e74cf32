"""Conditions: their outcome, and invalid ones."""

from __future__ import annotations

from typing import Any

import pytest

from local_runner.definition.conditions import all_hold, validate_conditions
from local_runner.definition.expressions import Reference
from local_runner.errors import DefinitionError
from tests.support.runner_samples import (
    compare,
    condition,
    document,
    planned,
    processing,
)

Condition = dict[str, Any]


class Parameters:
    """A scope in which every reference has the value 7."""

    def value(self, reference: Reference) -> Any:
        return 7

    def document(self, uri: str) -> Any:
        raise NotImplementedError(uri)


def holds(*conditions: Condition) -> bool:
    return all_hold(list(conditions), Parameters())


@pytest.mark.parametrize(
    ("kind", "left", "right", "outcome"),
    [
        ("Equals", 1, 1.0, True),
        ("Equals", "1.0", 1, True),
        ("Equals", "a", "a", True),
        ("Equals", "a", "A", False),
        ("Equals", "a", 1, False),
        ("NotEquals", 1, "1.0", False),
        ("NotEquals", "a", 1, True),
        ("NotEquals", "a", "b", True),
        ("Equals", {"Get": "Parameters.P"}, 7, True),
        ("GreaterThan", "10", "9", True),
        ("GreaterThan", 0.8, 0.8, False),
        ("GreaterThan", "b", "a", True),
        ("GreaterThanOrEqualTo", 0.8, "0.8", True),
        ("GreaterThanOrEqualTo", 0.79, 0.8, False),
        ("LessThan", "9", 10, True),
        ("LessThan", 1, 1, False),
        ("LessThanOrEqualTo", "1e3", 1000, True),
        ("LessThanOrEqualTo", 2, "1", False),
    ],
)
def test_numbers_and_text_are_compared(kind: str, left: Any, right: Any, outcome: bool) -> None:
    assert holds(compare(kind, left, right)) is outcome


def contained(value: Any, *values: Any) -> Condition:
    return {"Type": "In", "QueryValue": value, "Values": list(values)}


TRUE, FALSE = compare("Equals", 1, 1), compare("Equals", 1, 2)


@pytest.mark.parametrize(
    ("wanted", "outcome"),
    [
        (contained("b", "a", "b"), True),
        (contained("c", "a", "b"), False),
        (contained("5", 4, 5.0), True),
        (contained({"Get": "Parameters.P"}, "7"), True),
        (contained("a"), False),
        ({**contained("c", "a", "b"), "Type": "NotIn"}, True),
        ({**contained("b", "a", "b"), "Type": "NotIn"}, False),
        ({"Type": "In", "Value": "b", "In": ["a", "b"]}, True),
        ({"Type": "NotIn", "Value": "5", "In": [5]}, False),
        ({"Type": "Not", "Condition": FALSE}, True),
        ({"Type": "Not", "Condition": TRUE}, False),
        ({"Type": "Or", "Conditions": [FALSE, TRUE]}, True),
        ({"Type": "Or", "Conditions": [FALSE, FALSE]}, False),
        ({"Type": "Or", "Conditions": []}, False),
        ({"Type": "Not", "Condition": {"Type": "Or", "Conditions": [FALSE, FALSE]}}, True),
    ],
    ids=[
        "in",
        "not-in",
        "in-as-number",
        "in-by-reference",
        "in-nothing",
        "not-in-any",
        "not-in-one",
        "in-of-the-schema",
        "not-in-of-the-schema",
        "not-false",
        "not-true",
        "or-one",
        "or-none",
        "or-empty",
        "nested",
    ],
)
def test_in_not_and_or_have_their_usual_outcomes(wanted: Condition, outcome: bool) -> None:
    assert holds(wanted) is outcome


def test_all_conditions_of_a_step_must_hold() -> None:
    assert holds() is True
    assert holds(TRUE, TRUE) is True
    assert holds(TRUE, FALSE) is False


@pytest.mark.parametrize(
    ("left", "right"), [(1, "a"), ({}, 1), (None, 1)], ids=["word", "object", "null"]
)
def test_values_that_cannot_be_compared_are_named(left: Any, right: Any) -> None:
    with pytest.raises(DefinitionError, match=r"^GreaterThan: .* can't be compared$"):
        holds(compare("GreaterThan", left, right))


@pytest.mark.parametrize(
    "wanted",
    [
        {"Type": "Like"},
        {"Type": "Not", "Condition": {"Type": "Like"}},
        {"Type": "Or", "Conditions": [TRUE, {"Type": "Like"}]},
    ],
    ids=["outer", "inside-not", "inside-or"],
)
def test_unknown_condition_is_refused_before_anything_runs(wanted: Condition) -> None:
    message = (
        "step Gate: unknown condition 'Like'; use one of Equals, NotEquals, GreaterThan, "
        "GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, NotIn, Not, Or"
    )
    with pytest.raises(DefinitionError) as refusal:
        planned(document(processing("A"), condition("Gate", wanted)))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "wanted", [None, "x", {}, {"Type": None}], ids=["null", "text", "empty", "null-type"]
)
def test_invalid_condition_is_refused(wanted: Any) -> None:
    with pytest.raises(DefinitionError, match=r"^step Gate: unknown condition None"):
        validate_conditions([wanted], "Gate")


@pytest.mark.parametrize(
    "wanted",
    [
        {"Type": "Not"},
        {"Type": "Or"},
        {"Type": "In", "QueryValue": 1},
        {"Type": "NotIn", "Value": 1},
        {"Type": "Equals", "LeftValue": 1},
        {**TRUE, "Condition": TRUE},
        {"Type": "In", "QueryValue": 1, "Values": "1"},
        {"Type": "Or", "Conditions": {}},
    ],
    ids=["not", "or", "in", "not-in", "equals", "unknown-key", "text-as-list", "object-as-list"],
)
def test_malformed_condition_is_refused_before_anything_runs(
    wanted: Condition,
) -> None:
    with pytest.raises(DefinitionError, match="Gate"):
        planned(document(condition("Gate", wanted)))
