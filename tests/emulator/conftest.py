"""The emulated AWS, one for each module of tests, and the CDK's command line against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.emulator_programs import Cdk, Emulator, running_emulator
from tests.support.local_runs import invented_reviews, pack

collect_ignore = ["emulator"]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS for the module; what one test leaves in it, the next one finds."""
    log = tmp_path_factory.mktemp("emulator") / "emulator.log"
    with running_emulator(log) as running:
        yield running


@pytest.fixture(scope="module")
def cdk(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cdk]:
    """The CDK's command line, the account bootstrapped."""
    folder = tmp_path_factory.mktemp("cdk")
    room = CleanRoom.below(folder / "room", reachable=("127.0.0.1",))
    (folder / "app").mkdir()
    command = Cdk(folder / "app", room, emulator)
    command("bootstrap", "aws://123456789012/us-east-1")
    yield command
    assert room.network_attempts() == []


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive of invented reviews."""
    return pack(tmp_path_factory.mktemp("reviews") / "small.tar.gz", invented_reviews())
