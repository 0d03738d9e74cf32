"""Fixtures of the jobs' tests. What Hypothesis stores is kept below ``build/``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests.support.web_server import Server, web_server

if TYPE_CHECKING:
    from tests.support.registries import SampleRegistry

set_hypothesis_home_dir(Path(__file__).parents[3] / "build" / "hypothesis")


@pytest.fixture(params=["local", "aws"])
def registry(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SampleRegistry]:
    """The model registry of the local runner, and one of AWS, as boto3 sees them."""
    from tests.support.registries import sample_registry  # importing moto takes a second

    with sample_registry(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server without TLS."""
    monkeypatch.setenv("no_proxy", "*")
    with web_server() as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds between the attempts of a download, which the test doesn't wait."""
    seconds: list[float] = []
    monkeypatch.setattr("processing.fetch.attempts.time.sleep", seconds.append)
    return seconds
