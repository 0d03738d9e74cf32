"""Shared fixtures: node on the path, no network, clean rooms, the committed definitions."""

from __future__ import annotations

import functools
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from tests.support import cdk_json_guard
from tests.support.clean_room import (
    DEFINITION,
    SCORE_DEFINITION,
    TOOLS,
    CleanRoom,
)
from tests.support.no_network import deny

# Background jobs of a shell ignore SIGINT, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Also while modules are imported.
cdk_json_guard.install()

# They contain no doctests.
collect_ignore_glob = ["*conftest.py"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Return the argument's name for binary content, as an ID.

    Compressed bytes may hold the time, and pytest's processes must collect the same IDs.
    """
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        deny(patch.setattr)
        yield


@pytest.fixture(scope="session", autouse=True)
def _tools() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TOOLS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def _programs_do_not_read_the_committed_cdk_json(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    hooks = tmp_path_factory.mktemp("hooks")
    (hooks / "sitecustomize.py").write_text(cdk_json_guard.STARTUP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(hooks), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session", autouse=True)
def _botocore_data_files_parsed_once() -> Iterator[None]:
    """Cache botocore's service models, which every new session would parse again."""
    load_file = JSONFileLoader.load_file
    cached = functools.cache(lambda path: load_file(JSONFileLoader(), path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: cached(path))
        yield


@pytest.fixture
def room(tmp_path: Path) -> CleanRoom:
    """A clean room for the test."""
    return CleanRoom.below(tmp_path / "room")


@pytest.fixture
def committed() -> dict[str, Any]:
    """A copy of the committed definition."""
    definition: dict[str, Any] = json.loads(DEFINITION.read_text(encoding="utf-8"))
    return definition


@pytest.fixture
def steps(committed: dict[str, Any]) -> dict[str, Any]:
    """The steps of ``committed`` by name, including those inside conditions; the same objects."""
    return _by_name(committed["Steps"])


@pytest.fixture
def committed_scoring() -> dict[str, Any]:
    """A copy of the committed definition of the scoring pipeline."""
    definition: dict[str, Any] = json.loads(SCORE_DEFINITION.read_text(encoding="utf-8"))
    return definition


def _by_name(steps: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for step in steps:
        found[step["Name"]] = step
        for branch in ("IfSteps", "ElseSteps"):
            found |= _by_name(step["Arguments"].get(branch, []))
    return found
