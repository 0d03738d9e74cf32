"""The printed instructions, pasted into a shell with AWS settings of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.__main__ import instructed_environment
from emulator.clients import ACCOUNT, INTERFERING, Place
from tests.support.cdk_context import write_cdk_json
from tests.support.emulator_process import REGION, Emulator, running_emulator

CALL_AWS = """\
import boto3, json, os
sts = boto3.client("sts")
print(json.dumps([sts.get_caller_identity()["Account"], sts.meta.region_name, os.getcwd()]))
"""
SETTINGS: dict[str, dict[str, str]] = {
    "none": {},
    "profile": {"AWS_PROFILE": "nope", "AWS_DEFAULT_PROFILE": "nope"},
    "region": {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"},
    "ignored-endpoints": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_pasted_variables_point_aws_clients_at_the_emulator(
    emulator: Emulator, tmp_path: Path, settings: dict[str, str]
) -> None:
    variables, separator, _ = emulator.instructions.partition("# Then")
    assert separator
    own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    ended = subprocess.run(
        ["bash", "-e", "-u"],
        input=f"{variables}\n'{sys.executable}' -c '{CALL_AWS}'\n",
        cwd=tmp_path,
        env={**own, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == [ACCOUNT, REGION, str(emulator.checkout)]


@pytest.mark.usefixtures("_missing_profile")
def test_emulator_itself_ignores_aws_settings(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "emulator.log") as emulator:
        assert emulator.client("sts").get_caller_identity()["Account"] == ACCOUNT


@pytest.fixture
def _missing_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")


def test_instructions_are_for_the_account_and_region_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert instructed_environment() == ("dev", Place("us-east-1", ACCOUNT))
    prod = {"region": "eu-central-1", "account": "210987654321"}
    write_cdk_json(tmp_path, {"environments": {"prod": prod}})
    assert instructed_environment() == ("prod", Place("eu-central-1", "210987654321"))


def test_no_variable_is_both_set_and_unset(emulator: Emulator) -> None:
    assert emulator.environment.keys().isdisjoint(INTERFERING)
