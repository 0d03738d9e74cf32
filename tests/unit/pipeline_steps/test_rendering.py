"""Rendering is a function of the commit, independent of the machine."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import (
    DEFINITION,
    ROOT,
    SCORE_DEFINITION,
    CleanRoom,
)

IMAGE = ".dkr.ecr."

# The SDK is imported and used in the process, so it has to be a new one.
PRINT_CHANGES_AND_DEFINITION = """
import json, logging, os, sys, warnings
import boto3
def state():
    root = logging.getLogger()
    return {
        "environment": dict(os.environ),
        "handlers": list(root.handlers),
        "level": root.level,
        "disabled": root.manager.disable,
        "warnings": list(warnings.filters),
        "session": boto3.DEFAULT_SESSION,
    }
before = state()
from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
text = render(PipelineSettings())
after = state()
changes = [name for name in before if before[name] != after[name]]
print(json.dumps({"changes": changes, "definition": text}))
"""

# Settings of a user that the SDK would apply to training jobs and models.
USERS_SETTINGS = """\
SchemaVersion: "1.0"
SageMaker:
  TrainingJob:
    EnableInterContainerTrafficEncryption: true
    VpcConfig: {SecurityGroupIds: [sg-1], Subnets: [subnet-1]}
  Model:
    EnableNetworkIsolation: false
"""


@pytest.fixture(scope="module")
def rendered() -> str:
    from pipeline_steps.render import render

    return render(PipelineSettings())


@pytest.fixture(scope="module")
def rendered_elsewhere() -> dict[str, Any]:
    from pipeline_steps.render import render

    definition: dict[str, Any] = json.loads(render(PipelineSettings(region="eu-west-1")))
    return definition


def _run(script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _write_sagemaker_settings(room: CleanRoom, text: str) -> None:
    folder = room.home / ".config" / "sagemaker"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(text)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path, value
    for key, item in items:
        yield from _leaves(item, (*path, key))


def test_committed_definition_is_the_rendered_one(rendered: str) -> None:
    committed = DEFINITION.read_bytes()
    assert rendered.encode() == committed, "definition.json is stale: run `make definition`"


def test_committed_definition_of_scoring_is_the_rendered_one() -> None:
    from pipeline_steps.render import render_score

    rendered = render_score(PipelineSettings()).encode()
    committed = SCORE_DEFINITION.read_bytes()
    assert rendered == committed, "score_definition.json is stale: run `make definition`"


def test_rendering_again_gives_the_same_bytes(rendered: str) -> None:
    from pipeline_steps.render import render

    assert render(PipelineSettings()) == rendered


def test_rendering_restores_the_state_of_the_process(
    rendered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline_steps.render import render

    session = boto3.Session("key", "secret", region_name="eu-west-3")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setenv("AWS_PROFILE", "nope")
    root = logging.getLogger()
    before = (dict(os.environ), root.handlers[:], root.level, warnings.filters[:])

    assert render(PipelineSettings()) == rendered

    assert (dict(os.environ), root.handlers[:], root.level, warnings.filters[:]) == before
    assert boto3.DEFAULT_SESSION is session


@pytest.mark.parametrize(
    ("variables", "sagemaker_settings"),
    [
        pytest.param({}, "a: [\n", id="invalid-sagemaker-settings"),
        pytest.param(
            {"AWS_PROFILE": "nope", "AWS_DEFAULT_REGION": "eu-west-3", "AWS_REGION": "xx"},
            USERS_SETTINGS,
            id="users-settings",
        ),
    ],
)
def test_rendering_in_a_new_process_ignores_and_changes_nothing_of_the_machine(
    room: CleanRoom, variables: dict[str, str], sagemaker_settings: str
) -> None:
    (room.home / ".aws").mkdir()
    (room.home / ".aws" / "config").write_text("[profile broken\n")
    _write_sagemaker_settings(room, sagemaker_settings)

    ended = _run(PRINT_CHANGES_AND_DEFINITION, {**room.environment, **variables})

    assert ended.stderr == ""
    assert json.loads(ended.stdout) == {
        "changes": [],
        "definition": DEFINITION.read_text(encoding="utf-8"),
    }
    assert room.network_attempts() == []


def test_other_region_changes_images_and_nothing_else(
    committed: dict[str, Any], rendered_elsewhere: dict[str, Any]
) -> None:
    here, there = dict(_leaves(committed)), dict(_leaves(rendered_elsewhere))

    changed = {path for path in here.keys() | there.keys() if here.get(path) != there.get(path)}

    assert len(changed) >= 5
    assert changed == {path for path, value in here.items() if IMAGE in str(value)}


def test_images_come_from_region_of_settings(
    committed: dict[str, Any], rendered_elsewhere: dict[str, Any]
) -> None:
    for definition, region in ((committed, "us-east-1"), (rendered_elsewhere, "eu-west-1")):
        images = [value for _, value in _leaves(definition) if IMAGE in str(value)]
        assert images
        assert all(f".dkr.ecr.{region}.amazonaws.com/" in image for image in images)


@pytest.mark.parametrize(
    "module", ["pipeline_steps", "pipeline_steps.settings", "infra.delivery.settings"]
)
def test_importing_settings_imports_no_sdk(room: CleanRoom, module: str) -> None:
    heavy = ("sagemaker", "boto3", "botocore", "aws_cdk", "local_runner")
    script = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"

    assert _run(script, room.environment).stdout.strip() == "[]"
