"""The emulated AWS that the tests of the emulator itself share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.emulator_process import Emulator, running_emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS; each module uses names of its own."""
    log = tmp_path_factory.mktemp("emulator") / "emulator.log"
    with running_emulator(log) as running:
        yield running
