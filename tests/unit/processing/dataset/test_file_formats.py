"""File formats, and which files of a folder are data."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.dataset.files.file_formats import data_files

DATA = [
    *("2026/b.jsonl.gz", "A.CSV", "c d.parquet", "old.tar", "old.tgz", "a.tsv", "a.json.gz"),
    *("a.ndjson", "a.csv.bz2", "a.tar.xz", "a.csv.zip", "data/train-00000-of-00001.parquet"),
    *("label=pos/part-0.snappy.parquet", "state/state.csv"),
]
OTHERS = [
    *("README.md", "reviews", "_SUCCESS", "_tmp/a.csv", ".a.csv", ".git/a.csv", "a.csv.bak"),
    *("dataset_info.json", "data/dataset_infos.json", "state.json", "dataset_dict.json"),
    *("dataset-metadata.json", "_metadata", "_common_metadata", ".part-0.csv.crc", "a.csv.crc"),
    *("__MACOSX/._a.csv", "license.txt", "a.csv.md5", "notes.txt", "a.xlsx"),
]


def test_data_files_have_a_known_suffix_and_arent_empty_or_companions(tmp_path: Path) -> None:
    for name in (*DATA, *OTHERS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in data_files(tmp_path)] == sorted(DATA)


@pytest.mark.parametrize("name", ["reviews", "0123abcd", "reviews.xlsx", "data/reviews.dat"])
def test_a_single_file_beside_companions_is_data(tmp_path: Path, name: str) -> None:
    companions = ("README.md", "_SUCCESS", "dataset_info.json", ".gitattributes", "1.txt")
    for each in (name, *companions):
        (tmp_path / each).parent.mkdir(exist_ok=True)
        (tmp_path / each).write_bytes(b"x")
    assert data_files(tmp_path) == [tmp_path / name]


def test_links_are_followed_and_keep_their_names(tmp_path: Path) -> None:
    """As in the cache of Hugging Face, and in a workspace of DVC."""
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs/0123abcd").write_bytes(b"x")
    snapshot = tmp_path / "snapshots/main"
    snapshot.mkdir(parents=True)
    (snapshot / "train.csv").symlink_to("../../blobs/0123abcd")
    (snapshot / "broken.csv").symlink_to("../../blobs/gone")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/test.csv").write_bytes(b"x")
    (snapshot / "more").symlink_to(tmp_path / "elsewhere")
    (snapshot / "loop").symlink_to(snapshot)
    names = [path.relative_to(snapshot).as_posix() for path in data_files(snapshot)]
    assert names == ["more/test.csv", "train.csv"]
