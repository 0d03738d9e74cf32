"""The original archive of 50,000 reviews: the article's splits and its accuracy."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from local_runs import run

from processing.code_asset import build

ARCHIVE = os.environ.get("IMDB_ARCHIVE")
NEEDS_THE_ARCHIVE = pytest.mark.skipif(
    not ARCHIVE, reason="IMDB_ARCHIVE names no aclImdb_v1.tar.gz; it takes 25 s"
)


@NEEDS_THE_ARCHIVE
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


@NEEDS_THE_ARCHIVE
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_features_of_the_original_archive_never_change(tmp_path: Path, workers: int) -> None:
    asset = build(tmp_path / "processing.pyz")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "reviews.tar.gz").symlink_to(Path(str(ARCHIVE)).resolve())
    output = tmp_path / "output"
    subprocess.run(
        [
            *(sys.executable, "-I", asset, "preprocess", "--workers", str(workers)),
            *("--raw", tmp_path / "raw", "--output", output),
        ],
        check=True,
        capture_output=True,
    )
    digest = hashlib.sha256()
    for path in sorted(output.rglob("*.*")):
        if path.name != "manifest.json":  # which holds the archive's hash
            digest.update(f"{path.relative_to(output)} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    assert digest.hexdigest() == (
        "b030b038d228f3151bd197e93683f01dbee399680926c1f81ec90bea75dd1338"
    )
