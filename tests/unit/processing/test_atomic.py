"""Atomic writes: all of a file or none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.atomic import STAGING_FILES, atomic_path


def test_a_complete_file_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "file.json"
    for content in ("old", "new"):
        with atomic_path(target) as staging:
            staging.write_text(content)
            assert [*target.parent.glob(STAGING_FILES)] == [staging]
    assert target.read_text() == "new"
    assert [*target.parent.iterdir()] == [target]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    target.write_text("old")
    with pytest.raises(OSError, match="full"), atomic_path(target) as staging:
        fill_disk(staging)
    assert target.read_text() == "old"
    assert [*tmp_path.iterdir()] == [target]


def fill_disk(path: Path) -> None:
    path.write_text("half of the ne")
    raise OSError("disk full")
