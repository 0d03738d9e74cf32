"""A scripted AWS for tests of commands that call AWS."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.loaders import create_loader

from tests.support.scripted_aws import ScriptedAws

_LOADER = create_loader()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummy credentials and a region, and no other AWS setting of the user."""
    for name in (
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def operator(
    monkeypatch: pytest.MonkeyPatch, credentials: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The settings of an operator of dev with those credentials, without a cdk.json or a cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("SENTIMENT_ENVIRONMENT", "dev")
    monkeypatch.setattr("operations.environments.CDK_JSON", Path("/dev/null"))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, operator: None) -> ScriptedAws:
    """A scripted AWS in place of botocore's requests."""
    script = ScriptedAws()

    def make_api_call(client: object, operation: str, request: dict[str, object]) -> object:
        return script.call(client, operation, request)

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", make_api_call)
    # Loading the service models again would take a second in each test.
    monkeypatch.setattr("botocore.session.create_loader", lambda _: _LOADER)
    return script
