"""An emulated AWS for each module, and the CDK CLI against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.emulator_process import REGION, Cdk, Emulator, running_emulator
from tests.support.local_runs import invented_reviews, pack


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS, in which nothing exists yet."""
    log = tmp_path_factory.mktemp("emulator") / "emulator.log"
    with running_emulator(log) as running:
        yield running


@pytest.fixture(scope="module")
def cdk(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cdk]:
    """The CDK CLI, with the account bootstrapped."""
    folder = tmp_path_factory.mktemp("cdk")
    room = CleanRoom.below(folder / "room", reachable=("127.0.0.1",))
    (folder / "app").mkdir()
    command = Cdk(folder / "app", room, emulator)
    command("bootstrap", f"aws://123456789012/{REGION}")
    yield command
    assert room.network_attempts() == []


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive of invented reviews."""
    return pack(tmp_path_factory.mktemp("reviews") / "small.tar.gz", invented_reviews())
