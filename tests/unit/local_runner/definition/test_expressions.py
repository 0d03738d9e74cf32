"""Expressions: Get, Std:Join, Std:JsonGet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from local_runner.definition.expressions import (
    Reference,
    as_text,
    follow,
    parse_reference,
    references,
    resolve,
)
from local_runner.errors import DefinitionError


@dataclass
class Values:
    """A scope of fixed values by (root, name)."""

    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def value(self, reference: Reference) -> Any:
        return follow(
            self.known[reference.root, reference.name], reference.rest, f"Steps.{reference.name}"
        )

    def document(self, uri: str) -> Any:
        return {"Result": {"scores": [0.5, 0.75]}, "uri": uri}


SCOPE = Values(
    {
        ("Parameters", "Size"): 5,
        ("Parameters", "Rate"): 0.2,
        ("Parameters", "Fast"): True,
        ("Parameters", "Bucket"): "s3://b",
        ("Steps", "Evaluate"): {"metrics": {"accuracy": {"value": 0.875}}, "runs": [{"n": 1}]},
    }
)
REPORT = {"Get": "Steps.Evaluate"}


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("Parameters.Size", Reference("Parameters", "Size", ())),
        ("Execution.StartDateTime", Reference("Execution", "StartDateTime", ())),
        ("Steps.A.X.Y", Reference("Steps", "A", ("X", "Y"))),
        ("Steps.a-b_c.X", Reference("Steps", "a-b_c", ("X",))),
        ("Steps.A.Outputs['a-b'].S3Uri", Reference("Steps", "A", ("Outputs", "a-b", "S3Uri"))),
        ('Steps.A.Outputs["a.b c"]', Reference("Steps", "A", ("Outputs", "a.b c"))),
        ("Steps.A.List[0][12].X", Reference("Steps", "A", ("List", 0, 12, "X"))),
        ("Steps['A'].X", Reference("Steps", "A", ("X",))),
    ],
)
def test_path_is_cut_at_dots_indices_and_quoted_keys(path: str, reference: Reference) -> None:
    assert parse_reference(path) == reference


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "Get '': must start with Parameters., Execution. or Steps."),
        ("Parameters", "Get 'Parameters': must start with Parameters., Execution. or Steps."),
        ("Step.A.X", "Get 'Step.A.X': must start with Parameters., Execution. or Steps."),
        ("Steps.A.X[", "Get 'Steps.A.X[': syntax error at '['"),
        ("Steps.A.X['a]", "Get 'Steps.A.X['a]': syntax error at"),
        ("Steps..A", "Get 'Steps..A': syntax error at '..A'"),
        ("Steps.A.", "Get 'Steps.A.': syntax error at '.'"),
        ("Steps.A X", "Get 'Steps.A X': syntax error at ' X'"),
    ],
)
def test_malformed_path_is_refused_with_its_position(path: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        parse_reference(path)
    assert str(refusal.value).replace('"', "'").startswith(message)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Get": "Parameters.Size"}, 5),
        ({"Std:Join": {"On": "/", "Values": ["a", {"Get": "Parameters.Size"}, "b"]}}, "a/5/b"),
        ({"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Rate"}]}}, "0.2"),
        ({"Std:Join": {"On": ",", "Values": [{"Get": "Parameters.Fast"}, 4.0, 7]}}, "true,4.0,7"),
        ({"Std:Join": {"On": ",", "Values": []}}, ""),
        ({"Std:JsonGet": {"PropertyFile": REPORT, "Path": "metrics.accuracy.value"}}, 0.875),
        ({"Std:JsonGet": {"PropertyFile": REPORT, "Path": "runs[0].n"}}, 1),
        ({"Std:JsonGet": {"S3Uri": "s3://b/r.json", "Path": "Result['scores'][1]"}}, 0.75),
        (
            {
                "Std:JsonGet": {
                    "S3Uri": {"Std:Join": {"On": "/", "Values": [{"Get": "Parameters.Bucket"}, 1]}},
                    "Path": "uri",
                }
            },
            "s3://b/1",
        ),
        (
            {"Std:JsonGet": {"PropertyFile": REPORT, "Path": "metrics['accuracy']"}},
            {"value": 0.875},
        ),
        (
            {
                "Std:Join": {
                    "On": "-",
                    "Values": [
                        {"Std:JsonGet": {"PropertyFile": REPORT, "Path": "runs[0].n"}},
                        {"Std:Join": {"On": "+", "Values": [1, {"Get": "Parameters.Bucket"}]}},
                    ],
                }
            },
            "1-1+s3://b",
        ),
        (
            {"a": [{"Get": "Parameters.Size"}, "x"], "b": {"c": {"Get": "Parameters.Fast"}}},
            {"a": [5, "x"], "b": {"c": True}},
        ),
        ({"Get": "Parameters.Size", "Other": 1}, {"Get": "Parameters.Size", "Other": 1}),
        ("Parameters.Size", "Parameters.Size"),
        (None, None),
    ],
    ids=[
        "get",
        "join",
        "join-number",
        "join-boolean",
        "join-nothing",
        "json-get",
        "json-get-index",
        "json-get-object",
        "json-get-object-of-expression",
        "json-get-quoted",
        "nested",
        "inside-structures",
        "get-beside-another-key-is-data",
        "plain-string",
        "null",
    ],
)
def test_expression_is_replaced_by_its_value(value: Any, resolved: Any) -> None:
    assert resolve(value, SCOPE) == resolved


def test_references_are_found_inside_functions_lists_and_objects() -> None:
    value = {
        "a": [{"Std:Join": {"On": "/", "Values": [{"Get": "Parameters.P"}, "x"]}}],
        "b": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.E.PropertyFiles.R"}, "Path": "x"}},
        "c": "Get",
    }
    assert list(references(value)) == [
        Reference("Parameters", "P", ()),
        Reference("Steps", "E", ("PropertyFiles", "R")),
    ]


def test_unknown_function_is_refused_before_and_while_resolving() -> None:
    value = {"a": [{"Std:Upper": "x"}]}
    message = "unknown function 'Std:Upper'"
    with pytest.raises(DefinitionError, match=message):
        list(references(value))
    with pytest.raises(DefinitionError, match=message):
        resolve(value, SCOPE)


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (0.2, "0.2"), (4.0, "4.0"), (1e-07, "1e-07"), (True, "true"), ("x", "x"), ("", "")],
)
def test_values_are_written_into_strings_as_the_service_does(value: Any, text: str) -> None:
    assert as_text(value) == text


OUTPUTS = {"Outputs": [{"OutputName": "a", "Uri": "s3://b/a"}, {"OutputName": "b", "Uri": "x"}]}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ((), OUTPUTS),
        (("Outputs", "b", "Uri"), "x"),
        (("Outputs", 0, "Uri"), "s3://b/a"),
    ],
    ids=["nothing", "by-output-name", "by-index"],
)
def test_keys_are_followed_into_lists_of_outputs(keys: tuple[str | int, ...], found: Any) -> None:
    assert follow(OUTPUTS, keys, "Steps.A") == found


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        (("Other",), "'Other'"),
        (("Outputs", "c"), "'c'"),
        (("Outputs", 2), "2"),
        (("Outputs", "a", "Uri", "x"), "'x'"),
        (("Outputs", "a", 0), "0"),
    ],
)
def test_missing_key_is_named(keys: tuple[str | int, ...], missing: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        follow(OUTPUTS, keys, "Steps.A")
    assert str(refusal.value) == f"Steps.A: there is no {missing}"


def test_missing_key_of_a_json_path_is_named() -> None:
    value = {"Std:JsonGet": {"PropertyFile": REPORT, "Path": "metrics.f1.value"}}
    with pytest.raises(DefinitionError) as refusal:
        resolve(value, SCOPE)
    assert str(refusal.value) == "Std:JsonGet 'metrics.f1.value': there is no 'f1'"


@pytest.mark.parametrize("path", ["metrics % accuracy.value", "$.metrics.accuracy.value", "runs["])
def test_malformed_json_path_is_refused(path: str) -> None:
    with pytest.raises(DefinitionError, match="syntax error"):
        resolve({"Std:JsonGet": {"PropertyFile": REPORT, "Path": path}}, SCOPE)


def test_strings_have_no_keys() -> None:
    with pytest.raises(DefinitionError, match="there is no 0"):
        follow({"Uri": "s3://b"}, ("Uri", 0), "Steps.A")


@pytest.mark.parametrize("operand", [5, None, ["Parameters.P"]], ids=["number", "null", "array"])
def test_get_of_anything_but_a_path_is_refused(operand: Any) -> None:
    with pytest.raises(DefinitionError, match="Get"):
        list(references({"Get": operand}))


@pytest.mark.parametrize(
    "value",
    [
        {"Std:Join": "a"},
        {"Std:Join": {"Values": []}},
        {"Std:Join": {"On": "/"}},
        {"Std:JsonGet": "a"},
        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.E.PropertyFiles.R"}}},
        {"Std:JsonGet": {"S3Uri": ["s3://b/r.json"], "Path": "a"}},
        {"Std:JsonGet": {"S3Uri": "s3://b/r.json", "PropertyFile": {}, "Path": "a"}},
    ],
    ids=[
        *("join-text", "join-without-on", "join-without-values", "json-get-text", "without-path"),
        *("uri-list", "two-documents"),
    ],
)
def test_malformed_function_is_refused_before_anything_runs(value: Any) -> None:
    with pytest.raises(DefinitionError, match=r"Std:Jo|Std:Js"):
        list(references(value))
