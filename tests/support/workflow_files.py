"""The workflows as data: files, jobs, steps, and the lines that a shell would run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.clean_room import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = GITHUB / "workflows"
NAMES = sorted(path.name for path in WORKFLOWS.iterdir())
CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

Job = dict[str, Any]
Step = dict[str, Any]


def text(name: str) -> str:
    """A workflow as it is written."""
    return (WORKFLOWS / name).read_text(encoding="utf-8")


def workflow(name: str) -> dict[str, Any]:
    """A workflow as it is read; ``on``, which YAML takes for a truth value, under its name."""
    read = yaml.safe_load(text(name))
    read["on"] = read.pop(True)
    loaded: dict[str, Any] = read
    return loaded


def jobs() -> Iterator[tuple[str, str, Job]]:
    """Every job: workflow, name, and what it says."""
    for name in NAMES:
        for job, says in workflow(name)["jobs"].items():
            yield name, job, says


def steps(name: str, job: str) -> list[Step]:
    """The steps of a job."""
    found: list[Step] = workflow(name)["jobs"][job].get("steps", [])
    return found


def every_step() -> Iterator[tuple[str, str, Step]]:
    """Every step: workflow, job, and what it says."""
    for name, job, _ in jobs():
        for step in steps(name, job):
            yield name, job, step


def action(step: Step) -> str:
    """The action that a step uses, without its commit."""
    return str(step.get("uses", "")).partition("@")[0]


def the_step(name: str, job: str, identity: str) -> Step:
    """The step with an id."""
    [step] = [step for step in steps(name, job) if step.get("id") == identity]
    return step


def copied(folder: Path) -> Path:
    """A copy of .github that a test may break."""
    return Path(shutil.copytree(GITHUB, folder / ".github"))
