"""A web server, and attempts without waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.web_server import Server, web_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server without TLS."""
    monkeypatch.setenv("no_proxy", "*")
    with web_server() as running:
        yield running


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds between attempts, which the test doesn't wait."""
    seconds: list[float] = []
    monkeypatch.setattr("processing.fetch.attempts.time.sleep", seconds.append)
    return seconds
