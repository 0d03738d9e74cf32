"""Makefile: help, values of variables, setup, and the tools' output."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.make_project import FAIL, at_a_terminal, make, write_tool

ONE_BY_ONE = "#!/bin/sh\nprintf '<%s>' \"$@\"\n"
PRINTED_ALSO = """#!/bin/sh
mkdir cdk.out
touch cdk.out/new.template.json
echo "NOTICES (What's this?)" >&2
echo "[Warning at /sentiment-dev] check this" >&2
"""
CDK = "node_modules/.bin/cdk"
PYTHON = ".venv/bin/python"
SENTIMENT = ".venv/bin/sentiment"
HOSTILE = ["it's", "a b", "$HOME", "$(HOME)", "`id`", '"', "\\", "#", "*", ";false"]
USES = [
    ("run", "DATASET", SENTIMENT),
    ("run", "PRESET", SENTIMENT),
    ("diff", "BASE", ".ci/diff"),
    ("compare", "BASE", SENTIMENT),
    ("compare", "DATASET", SENTIMENT),
    ("emulator", "PORT", PYTHON),
    ("benchmark", "SUITE", PYTHON),
    ("drift", "ENVIRONMENT", CDK),
    ("deploy", "ENVIRONMENT", CDK),
    ("destroy", "ENVIRONMENT", CDK),
    ("smoke", "ENVIRONMENT", PYTHON),
    ("promote", "ENVIRONMENT", SENTIMENT),
    ("promote", "SOURCE", SENTIMENT),
    ("promote", "VERSION", SENTIMENT),
]


@pytest.mark.parametrize(("target", "variable", "tool"), USES)
def test_value_reaches_its_tool_unchanged(
    project: Path, target: str, variable: str, tool: str
) -> None:
    write_tool(project / tool, ONE_BY_ONE)
    for value in HOSTILE:
        as_option = make(project, target, f"{variable}={value}", "ARGS=--force")
        assert f"{value}>" in as_option.stdout, as_option.stderr
        as_variable = make(project, target, "ARGS=--force", **{variable: value})
        assert f"{value}>" in as_variable.stdout, as_variable.stderr


def test_unset_variables_are_no_options(project: Path) -> None:
    assert make(project, "run").stdout == "sentiment run\n"


def test_help_has_every_target_and_begins_with_the_main_ones(project: Path) -> None:
    listed = re.findall(r"^  ([a-z-]+) ", make(project).stdout, re.M)
    declared = re.findall(r"^\.PHONY: (\S+)", (project / "Makefile").read_text(), re.M)
    assert listed[:3] == ["run", "test", "deploy"]
    assert listed == declared


def test_setup_prints_its_size_at_once_and_nothing_on_stdout(project: Path) -> None:
    (project / ".venv/dev.stamp").unlink()
    ended = make(project, "diff")
    assert ended.stdout == "diff origin/main\n"
    assert re.search(r"\d [GM]B", ended.stderr.split("\n")[0])


def test_installation_shows_its_progress_only_at_a_terminal(project: Path) -> None:
    (project / ".venv/dev.stamp").unlink()
    assert "--quiet" in make(project, ".venv/dev.stamp").stderr
    (project / ".venv/dev.stamp").unlink()
    assert "--quiet" not in at_a_terminal(project, ".venv/dev.stamp")[1]


def test_synthesis_prints_templates_and_warnings_but_no_notices(project: Path) -> None:
    (project / "cdk.out").mkdir()
    (project / "cdk.out/removed.template.json").touch()
    write_tool(project / CDK, PRINTED_ALSO)
    ended = make(project, "synth")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split("\n")[1:] == ["cdk.out/new.template.json", ""]
    assert "check this" in ended.stdout


def test_failed_synthesis_prints_its_reason(project: Path) -> None:
    write_tool(project / CDK, f"#!/bin/sh\necho reason >&2\n{FAIL}")
    ended = make(project, "synth")
    assert ended.returncode != 0
    assert "reason\n" in ended.stderr
