"""Settings of the checks of pull requests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.delivery.pull_request import pull_request_settings
from infra.settings_errors import SettingsError
from tests.support.cdk_context import CONTEXT, write_cdk_json
from tests.support.clean_room import ROOT


def _options(folder: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    write_cdk_json(folder, {**CONTEXT, **context})
    return subprocess.run(
        [sys.executable, "-m", "infra.delivery.pull_request"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ({}, "0"),
        ({"pull_request": {}}, "0"),
        ({"pull_request": {"allowed_accuracy_loss": 0.005}}, "0.005"),
    ],
)
def test_options_have_the_allowed_loss(
    tmp_path: Path, context: dict[str, Any], allowed: str
) -> None:
    assert _options(tmp_path, context).stdout == f"--allowed-loss {allowed}\n"


def test_wrong_setting_exits_with_2_and_one_line(tmp_path: Path) -> None:
    ended = _options(tmp_path, {"pull_request": {"allowed_accuracy_loss": 2}})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: cdk.json: pull_request: allowed_accuracy_loss ")


@pytest.mark.parametrize(
    "given", [{"allowed_accuracy_loss": -0.1}, {"allowed_loss": 0.1}, "0.1", [0.1]]
)
def test_wrong_settings_are_refused(given: Any) -> None:
    with pytest.raises(SettingsError, match=r"cdk\.json: pull_request"):
        pull_request_settings(given)
