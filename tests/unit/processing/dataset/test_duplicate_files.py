"""Files that hold the same data are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from processing.dataset.columns import ColumnNames
from processing.dataset.read import DatasetReader
from processing.dataset.tables import ReadOptions
from processing.errors import DataError

TABLE = b"text,label\nFine.,pos\n"


def read(folder: Path, **files: bytes) -> int:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    options = ReadOptions(ColumnNames())
    return sum(len(batch.names) for batch in DatasetReader(folder, options).batches())


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"reviews_csv": TABLE, "reviews_csv_gz": gzip.compress(TABLE)}, "reviews.csv.gz"),
        ({"reviews_csv": TABLE, "reviews_jsonl": b'{"text": "a", "label": "b"}'}, "reviews.jsonl"),
        ({"reviews_csv": TABLE, "copy_csv": TABLE}, "copy.csv"),
        ({"reviews_csv": TABLE, "old__reviews_csv": TABLE}, "old/reviews.csv"),
    ],
    ids=["compressed", "another format", "a copy", "a copy in a folder"],
)
def test_the_same_data_twice_is_refused_naming_both_files(
    tmp_path: Path, files: dict[str, bytes], named: str
) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, **files)
    assert "reviews.csv " in str(refused.value)
    assert named in str(refused.value)


def test_equal_parts_without_rows_are_accepted(tmp_path: Path) -> None:
    empty = b"text,label\n"
    assert read(tmp_path, **{"part-0_csv": empty, "part-1_csv": empty, "part-2_csv": TABLE}) == 1


def test_files_of_one_name_in_two_folders_are_different_data(tmp_path: Path) -> None:
    assert read(tmp_path, a__reviews_csv=TABLE, b__reviews_csv=TABLE + b"Bad.,neg\n") == 3
