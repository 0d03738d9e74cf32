"""Atomic writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.platform.atomic import atomic_path


def test_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "folder/file"
    for text in ("old", "new"):
        with atomic_path(target) as staging:
            staging.write_text(text)
            assert not target.exists() or target.read_text() != text
        assert target.read_text() == text
    assert list(target.parent.iterdir()) == [target]


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(OSError, match="half"), atomic_path(target) as staging:
        staging.joinpath("half").write_text("a file has no files")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_existing_file_is_not_overwritten_without_permission(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(FileExistsError), atomic_path(target, overwrite=False) as staging:
        staging.write_text("new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
