"""The Makefile in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import make_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and tools that print their arguments."""
    make_project.create(tmp_path)
    return tmp_path
