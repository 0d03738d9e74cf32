"""Targets that deploy: they fail with their tools, and act on the environment that was chosen."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT

LATER = 4_000_000_000
TOOLS = (".venv/bin/python", ".venv/bin/sentiment", "node_modules/.bin/cdk")
STAMPS = (".venv/run.stamp", ".venv/dev.stamp", "node_modules/.stamp")
ECHO = '#!/bin/sh\necho "$(basename "$0") $*"\n'
FAIL = "#!/bin/sh\nexit 3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and tools that print their arguments."""
    for name in ("Makefile", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in TOOLS:
        _write(tmp_path / name, ECHO)
    for name in STAMPS:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (LATER, LATER))
    return tmp_path


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def _make(project: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", *words],
        cwd=project,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("target", ["deploy", "drift", "smoke"])
def test_environment_may_be_an_option_or_an_environment_variable(
    project: Path, target: str
) -> None:
    by_option = _make(project, target, "ENVIRONMENT=prod").stdout
    assert by_option == _make(project, target, ENVIRONMENT="prod").stdout
    assert "prod" in by_option
    assert "dev" not in by_option


def test_deployment_passes_on_the_commit_and_further_options(project: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "-C", str(project)]
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "x"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    words = _make(project, "deploy", "ARGS=--revert-drift").stdout.split()
    assert f"commit={head.stdout.strip()}" in words
    assert "--revert-drift" in words


def test_deployment_without_a_repository_has_an_unknown_commit(project: Path) -> None:
    assert "commit=unknown" in _make(project, "deploy").stdout.split()


def test_drift_target_fails_for_drift(project: Path) -> None:
    assert "--fail" in _make(project, "drift").stdout.split()


@pytest.mark.parametrize(
    ("target", "tool"),
    [
        ("deploy", "node_modules/.bin/cdk"),
        ("drift", "node_modules/.bin/cdk"),
        ("smoke", ".venv/bin/sentiment"),
    ],
)
def test_target_fails_with_its_tool(project: Path, target: str, tool: str) -> None:
    _write(project / tool, FAIL)
    assert _make(project, target).returncode != 0


def test_smoke_run_is_not_started_without_its_options(project: Path) -> None:
    _write(project / ".venv/bin/python", FAIL)
    ended = _make(project, "smoke")
    assert ended.returncode != 0
    assert "start" not in ended.stdout
