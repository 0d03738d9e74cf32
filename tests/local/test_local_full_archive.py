"""The original archive of 50,000 reviews: the article's splits and its accuracy."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from local_runs import run

ARCHIVE = os.environ.get("IMDB_ARCHIVE")


@pytest.mark.skipif(not ARCHIVE, reason="IMDB_ARCHIVE names no aclImdb_v1.tar.gz; it takes 25 s")
def test_the_original_archive_gives_the_articles_splits_and_accuracy(tmp_path: Path) -> None:
    ended = run(tmp_path / "runs", Path(str(ARCHIVE)).resolve())
    assert (ended.code, ended.stderr) == (0, "")
    manifest = json.loads(ended.artifact("manifest").read_text())
    assert manifest["splits"] == {
        "train": {"rows": 15_000, "positive": 7_500, "negative": 7_500},
        "validation": {"rows": 10_000, "positive": 5_000, "negative": 5_000},
        "test": {"rows": 25_000, "positive": 12_500, "negative": 12_500},
    }
    assert manifest["skipped"] == []
    assert manifest["vocabulary_size"] == 5_000
    assert len(ended.lines("predictions")) == 25_000
    assert ended.summary["accuracy"] >= 0.865
