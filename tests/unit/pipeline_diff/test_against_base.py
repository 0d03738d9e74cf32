"""`make diff`: synthesizes both sides, prints Markdown or why it failed, removes its worktree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from tests.support.diff_samples import (
    committed,
    default,
    edited,
    template,
)
from tests.support.git import git

DEFINITION = "pipeline_steps/definition.json"

# A fake cdk command: copies a prepared template, or fails.
CDK = """\
#!/bin/sh
echo "Successfully synthesized to $4"
mkdir -p "$4" && cp stack.json "$4/sentiment-dev.template.json"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose tag ``bare`` can't be synthesized, and ``base`` can."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    project = tmp_path / "project"
    for name in (".ci", ".venv/bin", "node_modules/.bin", "pipeline_steps"):
        (project / name).mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "diff", project / ".ci" / "diff")
    command = Path(sys.executable).with_name("sentiment")
    (project / ".venv" / "bin" / "sentiment").symlink_to(command)
    cdk = project / "node_modules" / ".bin" / "cdk"
    cdk.write_text(CDK)
    cdk.chmod(0o755)
    git(project, "init", "--quiet", "--initial-branch=main")
    (project / DEFINITION).write_text(json.dumps(committed()))
    git(project, "add", DEFINITION)
    git(project, "commit", "--quiet", "--message=Bare")
    git(project, "tag", "bare")
    (project / "stack.json").write_text(json.dumps(template()))
    git(project, "add", "stack.json")
    git(project, "commit", "--quiet", "--message=Base")
    git(project, "tag", "base")
    changed = edited(default("MaxDepth", 7))
    (project / DEFINITION).write_text(json.dumps(changed))
    (project / "stack.json").write_text(json.dumps(template(changed)))
    return project


def diff(project: Path, base: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(project / ".ci" / "diff"), base],
        cwd=project.parent,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def leftovers(project: Path) -> list[str]:
    worktrees = git(project, "worktree", "list", "--porcelain").count("worktree ")
    return [str(path) for path in (project.parent / "scratch").iterdir()] + ["worktree"] * (
        worktrees - 1
    )


def test_templates_of_both_sides_are_compared_and_nothing_else_is_printed(project: Path) -> None:
    ended = diff(project, "base")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("## sentiment-dev\n\n**1 parameter changed,")
    assert "| `MaxDepth` | default | `5` | `7` | `Train`, `Evaluate` |" in ended.stdout
    assert "synthesized" not in ended.stdout
    assert ended.stderr == ""
    assert leftovers(project) == []


def test_definitions_are_compared_if_the_base_cannot_be_synthesized(project: Path) -> None:
    ended = diff(project, "bare")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("> `bare` can't be synthesized")
    assert "\n## Training pipeline\n\n**1 parameter changed," in ended.stdout
    assert leftovers(project) == []


def test_failed_synth_of_this_checkout_is_an_error(project: Path) -> None:
    (project / "stack.json").unlink()
    ended = diff(project, "base")
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert "stack.json" in ended.stderr
    assert leftovers(project) == []


def test_unknown_base_is_refused(project: Path) -> None:
    ended = diff(project, "origin/main")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: BASE=origin/main ")
    assert leftovers(project) == []
