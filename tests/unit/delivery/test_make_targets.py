"""What the targets that speak with AWS run, seen by tools that only repeat their words."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT

LATER = 4_000_000_000
TOOLS = (".venv/bin/python", ".venv/bin/sentiment", "node_modules/.bin/cdk")
SETTLED = (".venv/run.stamp", ".venv/dev.stamp", "node_modules/.stamp")
REPEATS = '#!/bin/sh\necho "$(basename "$0") $*"\n'
FAILS = "#!/bin/sh\nexit 3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with our Makefile, set up, whose tools say how they were called."""
    for name in ("Makefile", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in TOOLS:
        _write(tmp_path / name, REPEATS)
    for name in SETTLED:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (LATER, LATER))
    return tmp_path


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def _made(project: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", *words],
        cwd=project,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("synth", "cdk synth --quiet\n"),
        ("bootstrap", "cdk bootstrap\n"),
        ("deploy", "cdk deploy --context commit=unknown sentiment-dev\n"),
        ("drift", "cdk drift --fail sentiment-dev\n"),
        ("smoke", "sentiment start --wait python -m infra.delivery.smoke dev\n"),
    ],
)
def test_target_is_this_command(project: Path, target: str, said: str) -> None:
    ended = _made(project, target)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == said


def test_deployment_takes_more_options(project: Path) -> None:
    said = _made(project, "deploy", "ENVIRONMENT=prod", "ARGS=--revert-drift").stdout
    assert said == "cdk deploy --context commit=unknown --revert-drift sentiment-prod\n"


def test_deployment_tells_the_commit_that_is_checked_out(project: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "-C", str(project)]
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "x"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    said = _made(project, "deploy").stdout
    assert said == f"cdk deploy --context commit={head.stdout.strip()} sentiment-dev\n"


@pytest.mark.parametrize("target", ["deploy", "drift", "smoke"])
def test_environment_is_told_by_a_person_as_by_a_workflow(project: Path, target: str) -> None:
    by_person = _made(project, target, "ENVIRONMENT=prod").stdout
    by_workflow = _made(project, target, ENVIRONMENT="prod").stdout
    assert by_person == by_workflow
    assert "prod" in by_person
    assert "dev" not in by_person


@pytest.mark.parametrize(
    ("target", "tool"),
    [
        ("deploy", "node_modules/.bin/cdk"),
        ("drift", "node_modules/.bin/cdk"),
        ("smoke", ".venv/bin/sentiment"),
    ],
)
def test_failure_of_the_tool_is_the_targets(project: Path, target: str, tool: str) -> None:
    _write(project / tool, FAILS)
    assert _made(project, target).returncode != 0


def test_smoke_run_without_its_options_is_not_started(project: Path) -> None:
    _write(project / ".venv/bin/python", FAILS)
    ended = _made(project, "smoke")
    assert ended.returncode != 0
    assert "start" not in ended.stdout
