"""Deployments of an environment's endpoint, in moto's interpreter."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from infra.endpoint.machine.definition import definition
from infra.endpoint.names import EndpointNames
from infra.endpoint.requests import Requests
from infra.settings import environments
from tests.support.hosting import GROUP, Deployment, Hosting, deploy

Deploy = Callable[..., Deployment]

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def requests_of(**given: Any) -> Requests:
    """Return the requests of an environment with these settings."""
    values = {"region": "us-east-1", "endpoint": {"serverless": {}}, **given}
    [settings] = environments({"dev": values})
    return Requests(
        settings=settings,
        names=EndpointNames(settings.resource_name),
        role_arn="arn:aws:iam::123456789012:role/serving",
        captured_uri="s3://bucket/captured/",
        key_arn=KEY if settings.customer_key else None,
    )


def machine_of(**given: Any) -> str:
    """Return the state machine of an environment with these settings."""
    written = definition(requests_of(**given), group=GROUP)
    return json.dumps(written).replace("${Partition}", "aws")


@pytest.fixture
def hosting() -> Hosting:
    """An account without endpoints, in which version 1 is approved."""
    return Hosting(approvals={1: "Approved"})


@pytest.fixture
def run(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Deploy by an input to an endpoint of these settings."""

    def run(given: Mapping[str, Any], **settings: Any) -> Deployment:
        [end] = deploy(machine_of(**settings), hosting, given, monkeypatch=monkeypatch)
        return end

    return run
