"""Messages about a job's arguments name the pipeline parameter."""

from __future__ import annotations

import importlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from processing.arguments import ArgumentParser, parameter_of, positive_integer
from processing.errors import UsageError
from processing.names import JOBS
from tests.support.clean_room import DEFINITION, SCORE_DEFINITION


def options_of_parameters(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each option of a job whose value is a parameter, and the parameter's name."""
    for step in json.loads(path.read_bytes())["Steps"]:
        words = step["Arguments"].get("AppSpecification", {}).get("ContainerArguments", ())
        for option, value in itertools.pairwise(words):
            if isinstance(value, dict) and isinstance(option, str):
                operand = value.get("Std:Join", {"Values": [value]})["Values"]
                names = [it["Get"] for it in operand if isinstance(it, dict) and "Get" in it]
                if len(operand) == 1 and names[0].startswith("Parameters."):
                    yield option, names[0].removeprefix("Parameters.")


def options() -> list[tuple[str, str]]:
    found = {it for path in (DEFINITION, SCORE_DEFINITION) for it in options_of_parameters(path)}
    return sorted(found)


def test_options_of_the_definitions_are_found() -> None:
    assert ("--vocabulary-size", "VocabularySize") in options()
    assert ("--version", "ModelVersion") in options()


@pytest.mark.parametrize(("option", "parameter"), options())
def test_an_option_stands_for_its_parameter(option: str, parameter: str) -> None:
    assert parameter_of(option) == parameter


@pytest.fixture
def parser() -> ArgumentParser:
    parser = ArgumentParser(prog="job")
    parser.add_argument("--vocabulary-size", type=positive_integer)
    parser.add_argument("--text-column")
    parser.add_argument("--provenance", nargs="*")
    return parser


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--vocabulary-size", "0"], "VocabularySize must be an integer >= 1, got '0'"),
        (["--text-column"], "TextColumn: expected one argument"),
        (["--other", "x"], "unrecognized arguments: --other x"),
    ],
)
def test_an_invalid_argument_is_named(
    parser: ArgumentParser, arguments: list[str], message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        parser.parse_args(arguments)
    assert str(refused.value) == message


@pytest.mark.parametrize("value", ["-x", "--text-column", "-1", "a=b", ""])
def test_a_value_may_begin_with_a_hyphen(parser: ArgumentParser, value: str) -> None:
    found = parser.parse_args(["--text-column", value, "--provenance", "a=1", "b=2"])
    assert (found.text_column, found.provenance) == (value, ["a=1", "b=2"])


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_such_a_parser(job: str) -> None:
    assert isinstance(importlib.import_module(JOBS[job]).parser(), ArgumentParser)
