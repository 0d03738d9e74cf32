"""A small archive of invented reviews, and a run on it that several tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.local_runs import (
    Run,
    invented_reviews,
    pack,
    run,
)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive of invented reviews."""
    return pack(tmp_path_factory.mktemp("reviews") / "small.tar.gz", invented_reviews())


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Run:
    """The first run in a fresh work folder."""
    return run(tmp_path_factory.mktemp("first") / "runs", archive, "NumRound=20")
