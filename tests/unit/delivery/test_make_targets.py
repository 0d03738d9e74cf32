"""Targets that deploy: they fail with their tools, and act on the environment that was chosen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.make_project import FAIL, at_a_terminal, make, write_tool

FORCE = "ARGS=--force"
CDK = "node_modules/.bin/cdk"
PYTHON = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
SHOW_APPROVAL = '#!/bin/sh\necho "approval=$CDK_REQUIRE_APPROVAL"\n'


@pytest.fixture
def configured(project: Path) -> Path:
    """The project with environments test and live, and with Python itself."""
    found = {"test": {"region": "us-east-1"}, "live": {"region": "eu-west-1"}}
    (project / "cdk.json").write_text(json.dumps({"context": {"environments": found}}))
    write_tool(project / ".venv/bin/python", PYTHON)
    return project


@pytest.mark.parametrize("target", ["deploy", "drift", "smoke", "destroy"])
def test_environment_may_be_an_option_or_an_environment_variable(
    project: Path, target: str
) -> None:
    by_option = make(project, target, "ENVIRONMENT=prod", FORCE).stdout
    assert by_option == make(project, target, FORCE, ENVIRONMENT="prod").stdout
    assert "prod" in by_option
    assert "dev" not in by_option


@pytest.mark.parametrize("target", ["deploy", "drift", "smoke", "destroy", "region"])
def test_unknown_environment_is_refused_before_any_tool_runs(configured: Path, target: str) -> None:
    ended = make(configured, target, "ENVIRONMENT=nope", FORCE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert "live, test" in ended.stderr.split("\n")[0]


def test_region_and_qualifier_are_printed_as_outputs_of_a_workflow_step(configured: Path) -> None:
    ended = make(configured, "region", "ENVIRONMENT=live")
    assert (ended.returncode, ended.stdout) == (0, "region=eu-west-1\nqualifier=hnb659fds\n")


def test_bootstrap_is_of_one_environment_or_of_all(configured: Path) -> None:
    write_tool(configured / CDK, '#!/bin/sh\necho "cdk $*"\n')
    places = {
        name: make(configured, "bootstrap", *options).stdout.strip()
        for name, options in {"all": (), "live": ("ENVIRONMENT=live", "ARGS=--trust 1")}.items()
    }
    live, test = (f"aws://unknown-account/{region}" for region in ("eu-west-1", "us-east-1"))
    assert places["all"] == f"cdk bootstrap --app  {live} {test}"
    assert places["live"] == f"cdk bootstrap --app  {live} --trust 1"


def test_bootstrap_of_an_unknown_environment_runs_no_tool(configured: Path) -> None:
    write_tool(configured / CDK, '#!/bin/sh\necho "cdk $*"\n')
    ended = make(configured, "bootstrap", "ENVIRONMENT=nope")
    assert (ended.returncode, ended.stdout) == (2, "")


def test_destruction_has_no_default_environment(configured: Path) -> None:
    ended = make(configured, "destroy", FORCE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "live, test" in ended.stderr.split("\n")[0]


def test_destruction_without_a_terminal_must_be_forced(configured: Path) -> None:
    refused = make(configured, "destroy", "ENVIRONMENT=test")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert FORCE in refused.stderr
    forced = make(configured, "destroy", "ENVIRONMENT=test", FORCE)
    assert (forced.returncode, forced.stdout) == (0, "cdk destroy --force sentiment-test\n")


def test_destruction_is_confirmed_at_a_terminal(configured: Path) -> None:
    code, output = at_a_terminal(configured, "destroy", "ENVIRONMENT=test")
    assert (code, output) == (0, "cdk destroy sentiment-test\n")


def test_deployment_asks_for_approval_only_at_a_terminal(project: Path) -> None:
    write_tool(project / CDK, SHOW_APPROVAL)
    ended = make(project, "deploy")
    assert "approval=never\n" in ended.stdout
    assert "without confirmation" in ended.stderr
    assert "approval=\n" in at_a_terminal(project, "deploy")[1]


def test_deployment_keeps_a_chosen_approval(project: Path) -> None:
    write_tool(project / CDK, SHOW_APPROVAL)
    ended = make(project, "deploy", CDK_REQUIRE_APPROVAL="any-change")
    assert "approval=any-change\n" in ended.stdout
    assert ended.stderr == ""


def test_deployment_passes_on_the_commit_and_further_options(project: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "-C", str(project)]
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "x"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    words = make(project, "deploy", "ARGS=--revert-drift").stdout.split()
    assert f"commit={head.stdout.strip()}" in words
    assert "--revert-drift" in words


def test_deployment_without_a_repository_has_an_unknown_commit(project: Path) -> None:
    assert "commit=unknown" in make(project, "deploy").stdout.split()


def test_drift_target_fails_for_drift(project: Path) -> None:
    assert "--fail" in make(project, "drift").stdout.split()


@pytest.mark.parametrize(
    ("target", "tool"),
    [
        ("deploy", "node_modules/.bin/cdk"),
        ("drift", "node_modules/.bin/cdk"),
        ("destroy", "node_modules/.bin/cdk"),
        ("smoke", ".venv/bin/sentiment"),
    ],
)
def test_target_fails_with_its_tool(project: Path, target: str, tool: str) -> None:
    write_tool(project / tool, FAIL)
    assert make(project, target, FORCE).returncode != 0


def test_smoke_run_is_not_started_without_its_options(project: Path) -> None:
    write_tool(project / ".venv/bin/python", FAIL)
    ended = make(project, "smoke")
    assert ended.returncode != 0
    assert "start" not in ended.stdout
