"""A bootstrap with a qualifier, and environments in two accounts, with one account's credentials.

Each test continues where the one before it ended.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.emulated_stacks import resources
from tests.support.emulator_process import REGION, Cdk, Emulator

CONTEXT = {"@aws-cdk/core:bootstrapQualifier": "acme"}
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "dev": {"region": REGION, "keep_data": False},
    "prod": {"region": REGION, "account": "999999999999"},
}


@pytest.fixture(scope="module")
def qualified(
    emulator: Emulator, clean_room: CleanRoom, tmp_path_factory: pytest.TempPathFactory
) -> Cdk:
    """The CDK CLI; nothing is bootstrapped."""
    command = Cdk(tmp_path_factory.mktemp("qualified"), clean_room, emulator)
    command.configure(ENVIRONMENTS, **CONTEXT)
    # The command reads the cdk.json of its own checkout.
    text = json.dumps({"context": {**CONTEXT, "environments": ENVIRONMENTS}})
    (emulator.checkout / "cdk.json").write_text(text, encoding="utf-8")
    return command


def _checks(emulator: Emulator, environment: str) -> dict[str, dict[str, str]]:
    ended = emulator.sentiment("preflight", "-e", environment, "--json")
    return {check["name"]: check for check in json.loads(ended.stdout)["checks"]}


def test_bootstrap_of_an_environment_prepares_the_credentials_account(
    qualified: Cdk, emulator: Emulator
) -> None:
    assert _checks(emulator, "dev")["CDK bootstrap"]["status"] == "failed"
    qualified("bootstrap", f"aws://unknown-account/{REGION}")
    assert _checks(emulator, "dev")["CDK bootstrap"]["status"] == "ok"
    buckets = emulator.client("s3").list_buckets()["Buckets"]
    assert f"cdk-acme-assets-123456789012-{REGION}" in {bucket["Name"] for bucket in buckets}


def test_environment_is_deployed_without_access_to_the_account_of_another(
    qualified: Cdk, emulator: Emulator
) -> None:
    qualified("deploy", "--require-approval", "never", "sentiment-dev")
    found = resources(emulator, "sentiment-dev").values()
    assert "AWS::SageMaker::Pipeline" in {resource["ResourceType"] for resource in found}
    checks = _checks(emulator, "dev")
    assert {name: check for name, check in checks.items() if check["status"] == "failed"} == {}


def test_environment_of_another_account_is_refused_with_both_accounts(
    qualified: Cdk, emulator: Emulator
) -> None:
    [check] = _checks(emulator, "prod").values()
    assert (check["name"], check["status"]) == ("credentials", "failed")
    assert {"123456789012", "999999999999"} <= set(re.findall("[0-9]{12}", check["message"]))
