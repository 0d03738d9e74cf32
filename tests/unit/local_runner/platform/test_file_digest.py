"""Digests of files: correct, and computed once for each content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from local_runner.platform.file_digest import file_digest, remember_digest
from tests.support.reads import counting_reads


def test_file_that_is_linked_or_renamed_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"reviews")
    with counting_reads() as reads:
        digest = file_digest(tmp_path / "a")
        os.link(tmp_path / "a", tmp_path / "b")
        (tmp_path / "a").rename(tmp_path / "c")
        assert [file_digest(tmp_path / name) for name in "bc"] == [digest, digest]
    assert digest == hashlib.sha256(b"reviews").hexdigest()
    assert reads == [tmp_path / "a"]


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    first = file_digest(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"three")
    assert file_digest(tmp_path / "a") != first
    (tmp_path / "b").write_bytes(b"three")
    assert file_digest(tmp_path / "b") == file_digest(tmp_path / "a")


def test_remembered_digest_saves_the_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"reviews")
    remember_digest(tmp_path / "a", "digest")
    with counting_reads() as reads:
        assert file_digest(tmp_path / "a") == "digest"
    assert reads == []
