"""The original archive of 50,000 reviews: the article's splits and its accuracy."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from processing.packaging import build
from processing.report.reference_models import ARTICLE_TEST_TEXTS_HASH
from tests.support.local_runs import probabilities, run

ARCHIVE = os.environ.get("IMDB_ARCHIVE")
NEEDS_THE_ARCHIVE = pytest.mark.skipif(
    not ARCHIVE, reason="set IMDB_ARCHIVE to the path of aclImdb_v1.tar.gz"
)


FOLDERS = ("labels", "test", "train", "validation", "vocabulary")
DIGESTS = {
    "stems": "e32e35d2743dab4fea944d7bcad8751e50891801576df0214088b55a116e9112",
    "ngrams": "767e400ed6271ee3e2d648db30c47164035d7420e8220dfae3696ab63579763c",
}


@NEEDS_THE_ARCHIVE
def test_original_archive_gives_the_articles_splits_and_accuracy(tmp_path: Path) -> None:
    ended = run(tmp_path / "runs", Path(str(ARCHIVE)).resolve())
    assert (ended.code, ended.stderr) == (0, "")
    manifest = json.loads(ended.artifact("manifest").read_text())
    rows = {name: split["rows"] for name, split in manifest["splits"].items()}
    assert rows == {"train": 15_000, "validation": 10_000, "test": 25_000}
    assert {split["positive_share"] for split in manifest["splits"].values()} == {0.5}
    assert manifest["skipped"] == []
    assert manifest["vocabulary_size"] == 5_000
    folders = [ended.artifact(name) for name in FOLDERS if name != "vocabulary"]
    assert digest_of([*folders, ended.artifact("vocabulary").parent]) == DIGESTS["stems"]
    assert len(ended.lines("predictions")) == 25_000
    assert ended.summary["accuracy"] >= 0.865
    assert manifest["test_texts_hash"] == ARTICLE_TEST_TEXTS_HASH
    report = ended.artifact("evaluation").with_name("report.html").read_text()
    assert "86.53%" in report, "the article's accuracy"
    texts = dict(texts_of_the_test_set())
    assert probabilities(ended.package(tmp_path / "package"), texts) == ended.scores()


def texts_of_the_test_set() -> Iterator[tuple[str, str]]:
    """The reviews of the archive to test on, by name."""
    with tarfile.open(str(ARCHIVE)) as archive:
        for member in archive:
            name = member.name.partition("/")[2]
            if re.match(r"test/(pos|neg)/.*txt", name) and (file := archive.extractfile(member)):
                yield name, file.read().decode()


def digest_of(folders: Iterable[Path]) -> str:
    """Return a hash of the names, sizes and contents of the files in folders."""
    digest = hashlib.sha256()
    paths = [path for folder in folders for path in folder.iterdir()]
    for path in sorted(paths, key=lambda path: (path.parent.name, path.name)):
        digest.update(f"{path.parent.name}/{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@NEEDS_THE_ARCHIVE
@pytest.mark.parametrize(("features", "workers"), [("stems", 7), ("ngrams", 1), ("ngrams", 7)])
def test_features_never_change(tmp_path: Path, features: str, workers: int) -> None:
    asset = build(tmp_path / "processing.pyz")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "reviews.tar.gz").symlink_to(Path(str(ARCHIVE)).resolve())
    output = tmp_path / "output"
    subprocess.run(
        [
            *(sys.executable, "-I", asset, "preprocess", "--workers", str(workers)),
            *("--raw", tmp_path / "raw", "--output", output, "--features", features),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )
    assert digest_of(output / name for name in FOLDERS) == DIGESTS[features]
