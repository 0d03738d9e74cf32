"""The command that looks up an environment in cdk.json."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.environments import QUALIFIER, bootstrap_qualifier, environment_named, main
from infra.settings_errors import SettingsError

_ENVIRONMENTS = {"test": {"region": "eu-west-1"}, "live": {"region": "us-east-1"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, {"context": {"environments": _ENVIRONMENTS}})
    return tmp_path


def _write(folder: Path, cdk_json: Any) -> None:
    (folder / "cdk.json").write_text(json.dumps(cdk_json), encoding="utf-8")


def _command(*names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.environments", *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_known_environment_has_its_settings(folder: Path) -> None:
    assert environment_named("test").region == "eu-west-1"


def test_command_is_silent_about_a_known_environment(folder: Path) -> None:
    ended = _command("test")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("accounts", "stacks"),
    [
        ({}, ["delivery-roles"]),
        (
            {"test": "1" * 12, "live": "2" * 12},
            [f"delivery-roles-{'1' * 12}", f"delivery-roles-{'2' * 12}"],
        ),
    ],
    ids=["one-account", "two-accounts"],
)
def test_command_knows_the_stacks_of_a_delivery(
    folder: Path, accounts: dict[str, str], stacks: list[str]
) -> None:
    found = {
        name: {**settings, **({"account": accounts[name]} if accounts else {})}
        for name, settings in _ENVIRONMENTS.items()
    }
    delivery = {"repository": "someone/sentiment", "region": "us-east-1"}
    with pytest.raises(SettingsError, match=stacks[0]):
        main([stacks[0]])
    _write(folder, {"context": {"environments": found, "delivery": delivery}})
    for name in stacks:
        main([name])


def test_bootstrap_prints_account_and_region_of_environments_and_deliveries(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def places(name: str) -> list[str]:
        main([name, "bootstrap"])
        return sorted(capsys.readouterr().out.splitlines())

    account = "1" * 12
    found = {name: {**settings, "account": account} for name, settings in _ENVIRONMENTS.items()}
    delivery = {"repository": "someone/sentiment", "region": "us-east-2"}
    assert places("test") == ["aws://unknown-account/eu-west-1"]
    _write(folder, {"context": {"environments": found, "delivery": delivery}})
    every = [f"aws://{account}/{region}" for region in ("eu-west-1", "us-east-1", "us-east-2")]
    assert places("test") == every[:1]
    assert places(f"delivery-roles-{account}") == every[2:]
    assert places("") == every


@pytest.mark.parametrize("qualifier", ["", "Mixed", "with_line", "eleven-char", 7])
def test_qualifier_that_names_no_bucket_is_refused(qualifier: object) -> None:
    with pytest.raises(SettingsError, match="bootstrapQualifier must be"):
        bootstrap_qualifier({QUALIFIER: qualifier})


def test_command_refuses_an_unknown_environment_and_lists_the_known_ones(folder: Path) -> None:
    ended = _command("nope")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: cdk.json has no environment 'nope'; use live, test\n"


@pytest.mark.parametrize("names", [(), ("test", "live"), ("",)], ids=["none", "two", "empty"])
def test_command_requires_one_name(folder: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="ENVIRONMENT"):
        main(names)


@pytest.mark.parametrize("cdk_json", [{}, {"context": {}}], ids=["empty", "no-environments"])
def test_cdk_json_without_environments_is_refused(folder: Path, cdk_json: Any) -> None:
    _write(folder, cdk_json)
    with pytest.raises(SettingsError, match="at least one environment"):
        environment_named("test")


@pytest.mark.parametrize("content", [None, "{"], ids=["missing", "damaged"])
def test_unreadable_cdk_json_is_refused(folder: Path, content: str | None) -> None:
    path = folder / "cdk.json"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cdk\.json can't be read"):
        environment_named("test")


def test_command_doesn_t_import_the_cdk() -> None:
    code = "import infra.environments, sys; sys.exit('aws_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
