"""The smallest definitions, as templates of Terraform, CloudFormation and the CDK have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import invoke, json_output
from tests.support.runner_samples import Document, fail


@pytest.mark.parametrize(
    "definition",
    [{"Version": "2020-12-01", "Steps": []}, {"Steps": []}],
    ids=["no-steps", "no-version"],
)
def test_definition_without_steps_succeeds(tmp_path: Path, definition: Document) -> None:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(definition))
    shown = invoke("show", "--definition", str(path))
    assert (shown.exit_code, shown.stderr) == (0, "")
    command = ("run", "--definition", str(path), "--workdir", str(tmp_path / "runs"))
    assert invoke(*command).exit_code == 0
    assert json_output(invoke(*command, "--json"))["status"] == "Succeeded"


def test_parameter_without_a_value_is_shown_with_an_example(tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    parameters = [
        {"Name": "Output", "Type": "String"},
        {"Name": "Count", "Type": "Integer"},
        {"Name": "Kind", "Type": "String", "EnumValues": ["a", "b"]},
    ]
    path.write_text(json.dumps({"Parameters": parameters, "Steps": []}))
    command = ("show", "--definition", str(path), "--json", "--parameter", "Count=5")
    shown = invoke(*command)
    assert json_output(shown)["parameters"] == {"Output": "<Output>", "Count": 5, "Kind": "a"}
    assert [name in shown.stderr for name in ("Output=", "Count=", "Kind=")] == [True, False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_definition_of_a_fail_step_fails_with_its_message(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps({"Steps": [fail("Test", "not yet")]}), encoding)
    ended = invoke("run", "--definition", str(path), "--workdir", str(tmp_path / "runs"))
    assert ended.exit_code == 1
    assert "not yet" in ended.stderr
