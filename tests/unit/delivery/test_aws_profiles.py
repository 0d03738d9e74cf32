"""`make credentials`: AWS profiles for GitLab's jobs, read by boto3's own parser."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tests.support.clean_room import ROOT

ACCOUNT = "123456789012"
CONTEXT = {
    "environments": {"dev": {"region": "eu-west-1"}},
    "@aws-cdk/core:bootstrapQualifier": "acme",
}


def _command(folder: Path, *words: str, token: str = "ey.a.b") -> subprocess.CompletedProcess[str]:
    (folder / "cdk.json").write_text(json.dumps({"context": CONTEXT}), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "infra.delivery.aws_profiles", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        input=token,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The profiles as boto3 reads them."""
    ended = _command(tmp_path, "dev", ACCOUNT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "build" / "aws" / "config"))
    found: dict[str, Any] = botocore.session.Session().full_config["profiles"]
    return found


@pytest.mark.parametrize(
    ("profile", "role"),
    [
        ("deploy", "deploy"),
        ("smoke", "smoke"),
        ("promote", "promote"),
        ("drift-role", "drift"),
    ],
)
def test_profile_assumes_the_role_of_its_name_by_the_token(
    profiles: dict[str, Any], profile: str, role: str, tmp_path: Path
) -> None:
    token = tmp_path / "build" / "aws" / "token"
    assert profiles[profile] == {
        "region": "eu-west-1",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/sentiment-dev-{role}",
        "web_identity_token_file": str(token),
    }
    assert token.read_text(encoding="utf-8") == "ey.a.b"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600


def test_drift_uses_the_lookup_role_of_the_bootstrap(profiles: dict[str, Any]) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/cdk-acme-lookup-role-{ACCOUNT}-eu-west-1"
    assert profiles["drift"]["role_arn"] == role
    assert profiles["drift"]["source_profile"] == "drift-role"


@pytest.mark.parametrize(
    ("words", "token", "name"),
    [
        pytest.param(("nope", ACCOUNT), "ey", "nope", id="environment"),
        pytest.param(("dev", ""), "ey", "AWS_ACCOUNT", id="account"),
        pytest.param(("dev", ACCOUNT), "", "AWS_ID_TOKEN", id="token"),
    ],
)
def test_missing_value_is_refused_by_its_name(
    tmp_path: Path, words: tuple[str, str], token: str, name: str
) -> None:
    ended = _command(tmp_path, *words, token=token)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert name in ended.stderr
    assert not (tmp_path / "build").exists()
