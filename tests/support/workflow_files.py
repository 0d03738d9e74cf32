"""The workflows of GitHub Actions as data: files, jobs and steps."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.clean_room import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = GITHUB / "workflows"
NAMES = sorted(path.name for path in WORKFLOWS.iterdir())
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
"""The targets of the Makefile."""

Job = dict[str, Any]
Step = dict[str, Any]


def text(name: str) -> str:
    """Return the text of a workflow."""
    return (WORKFLOWS / name).read_text(encoding="utf-8")


def workflow(name: str) -> dict[str, Any]:
    """Return a parsed workflow, with ``on``, which YAML parses as true, under its name."""
    read = yaml.safe_load(text(name))
    read["on"] = read.pop(True)
    loaded: dict[str, Any] = read
    return loaded


def jobs() -> Iterator[tuple[str, str, Job]]:
    """Yield every job: workflow, name and definition."""
    for name in NAMES:
        for job, definition in workflow(name)["jobs"].items():
            yield name, job, definition


def steps(name: str, job: str) -> list[Step]:
    """Return the steps of a job."""
    found: list[Step] = workflow(name)["jobs"][job].get("steps", [])
    return found


def every_step() -> Iterator[tuple[str, str, Step]]:
    """Yield every step: workflow, job and definition."""
    for name, job, _ in jobs():
        for step in steps(name, job):
            yield name, job, step


def action(step: Step) -> str:
    """Return the action that a step uses, without its commit."""
    return str(step.get("uses", "")).partition("@")[0]


def the_step(name: str, job: str, identity: str) -> Step:
    """Return the step with an ID."""
    [step] = [step for step in steps(name, job) if step.get("id") == identity]
    return step


def copied(folder: Path) -> Path:
    """Return a copy of .github that a test may change."""
    return Path(shutil.copytree(GITHUB, folder / ".github"))
