"""Deployments of an environment's endpoint, in moto's interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.endpoint_machine import machine_of
from tests.support.hosting import Deployment, Hosting, deploy

Deploy = Callable[..., Deployment]


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
