"""File formats, and which files of a folder are data."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.dataset.file_content import validate_parquet
from processing.dataset.file_formats import data_files
from processing.errors import DataError


def test_a_file_that_begins_and_ends_like_parquet_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    path.write_bytes(b"PAR1 and so on PAR1")
    validate_parquet(path)


@pytest.mark.parametrize("data", [b"", b"PA", b"PAR1 and so", b"text,label\n", b"ARROW1 PAR1"])
def test_a_truncated_file_or_another_format_isnt_valid_parquet(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "reviews.parquet"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"^reviews\.parquet: "):
        validate_parquet(path)


def test_data_files_have_a_known_suffix_and_arent_hidden(tmp_path: Path) -> None:
    data = ["2026/b.jsonl.gz", "A.CSV", "c d.parquet", "old.tar", "old.tgz"]
    others = ["README.md", "reviews", "_SUCCESS", "_tmp/a.csv", ".a.csv", ".git/a.csv", "a.csv.bak"]
    for name in (*data, *others):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in data_files(tmp_path)] == sorted(data)
