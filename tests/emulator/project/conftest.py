"""An emulated AWS for each module, and the CDK CLI against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.emulated_runner import Runner
from tests.support.emulator_process import REGION, Cdk, Emulator, running_emulator
from tests.support.local_runs import invented_reviews, pack


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS, in which nothing exists yet."""
    log = tmp_path_factory.mktemp("emulator") / "emulator.log"
    with running_emulator(log) as running:
        yield running


@pytest.fixture(scope="module")
def clean_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanRoom]:
    """A clean room whose programs may reach this machine only, which is checked at the end."""
    folder = tmp_path_factory.mktemp("clean") / "room"
    room = CleanRoom.below(folder, reachable=("127.0.0.1",))
    yield room
    assert room.network_attempts() == []


@pytest.fixture(scope="module")
def cdk(emulator: Emulator, clean_room: CleanRoom, tmp_path_factory: pytest.TempPathFactory) -> Cdk:
    """The CDK CLI, with the account bootstrapped."""
    command = Cdk(tmp_path_factory.mktemp("cdk"), clean_room, emulator)
    command("bootstrap", f"aws://123456789012/{REGION}")
    return command


@pytest.fixture(scope="module")
def runner(
    emulator: Emulator, clean_room: CleanRoom, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    """A runner of the workflows' jobs, with an account that isn't bootstrapped."""
    return Runner.create(tmp_path_factory.mktemp("runner"), clean_room, emulator)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive of invented reviews."""
    return pack(tmp_path_factory.mktemp("reviews") / "small.tar.gz", invented_reviews())
