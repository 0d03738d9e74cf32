"""Options of the smoke run: parameters of the pipeline, and no version to approve."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from infra.delivery.smoke import arguments
from infra.settings import Settings, environments
from pipeline_steps.render import render
from processing.arguments import margin
from tests.support.cdk_context import write_cdk_json


def _settings(**more: Any) -> Settings:
    [settings] = environments({"dev": {"region": "eu-west-1", **more}})
    return settings


def _parameters(settings: Settings, seed: int = 7) -> dict[str, str]:
    options = arguments(settings, seed)
    given = [value for name, value in pairwise(options) if name == "--parameter"]
    return dict(pair.split("=", 1) for pair in given)


def test_options_name_environment_and_region() -> None:
    options = arguments(_settings(), 7)
    assert options[:4] == ["--environment", "dev", "--region", "eu-west-1"]


def test_execution_has_the_demo_dataset_and_a_name() -> None:
    options = arguments(_settings(), 7)
    assert options[4:8] == ["--name", "smoke", "--dataset", "demo"]


@pytest.mark.parametrize("more", [{}, {"champion_margin": 0.01}], ids=["plain", "champion"])
def test_parameters_are_those_of_the_deployed_definition(more: dict[str, Any]) -> None:
    settings = _settings(**more)
    definition = json.loads(render(settings.pipeline))
    known = {parameter["Name"]: parameter for parameter in definition["Parameters"]}
    given = _parameters(settings)
    assert given.keys() <= known.keys()
    assert given["ModelApprovalStatus"] in known["ModelApprovalStatus"]["EnumValues"]


def test_registered_version_is_rejected_and_so_never_champion() -> None:
    # Approvers are notified of PendingManualApproval only, and the champion is Approved.
    assert _parameters(_settings())["ModelApprovalStatus"] == "Rejected"


def test_new_seed_misses_the_step_cache() -> None:
    assert _parameters(_settings(), seed=1) != _parameters(_settings(), seed=2)


def test_smoke_run_always_passes_the_champion_gate() -> None:
    given = _parameters(_settings(champion_margin=0.01))["ChampionMargin"]
    assert margin(given) == 1.0


def test_gate_threshold_is_not_overridden() -> None:
    assert "GateThreshold" not in _parameters(_settings())


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_command_prints_the_options(name: str, tmp_path: Path) -> None:
    ended = _command(name, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"--environment {name} --region us-east-1 ")


def test_unknown_environment_is_rejected_in_one_line(tmp_path: Path) -> None:
    ended = _command("staging", tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == "error: cdk.json has no environment 'staging'; use dev, prod\n"


def _command(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    write_cdk_json(folder)
    return subprocess.run(
        [sys.executable, "-m", "infra.delivery.smoke", name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
