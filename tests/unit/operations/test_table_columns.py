"""Columns of local tables, checked before a table is stored, uploaded or read by a job."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from operations.errors import UsageError
from operations.table_columns import require_columns

SCORING = {"TextColumn": "text", "IdColumn": "id"}
TRAINING = {**SCORING, "LabelColumn": "label"}


def parquet(path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"id": ["1"], "text": ["Fine."]}), path)


TABLES: dict[str, Any] = {
    "a.csv": b'\n"id",text\n1,"Fi\nne."\n',
    "bom.CSV": b"\xef\xbb\xbfid,text\n1,Fine.\n",
    "a.csv.gz": gzip.compress(b"id,text\r\n1,Fine.\r\n"),
    "a.jsonl": b'\n{"id": 1, "text": "Fine."}\n{"text": "Fine."}\n',
    "a.parquet": parquet,
}
EVERY_TABLE = pytest.mark.parametrize("name", TABLES)


def write(folder: Path, name: str, content: Any = None) -> str:
    content = TABLES[name] if content is None else content
    path = folder / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content)
    return str(path)


@EVERY_TABLE
@pytest.mark.parametrize("column", ["TextColumn", "IdColumn"])
def test_a_missing_column_is_refused_with_the_existing_ones(
    tmp_path: Path, name: str, column: str
) -> None:
    path = write(tmp_path, name)
    with pytest.raises(UsageError) as refused:
        require_columns(path, {**SCORING, column: "nope"})
    message = str(refused.value)
    assert message.startswith(f"{path}: no column 'nope'; ")
    assert column in message
    assert message.endswith("'id', 'text'")


@EVERY_TABLE
def test_a_table_with_its_columns_is_accepted(tmp_path: Path, name: str) -> None:
    require_columns(write(tmp_path, name), SCORING)


def test_the_default_id_column_is_optional(tmp_path: Path) -> None:
    require_columns(write(tmp_path, "a.csv", b"text\nFine.\n"), SCORING)


def test_a_table_to_train_on_needs_labels(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column 'label'"):
        require_columns(write(tmp_path, "a.csv"), TRAINING)


def test_the_table_of_a_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.csv")
    wrong = write(tmp_path, "b.csv", b"review\nFine.\n")
    with pytest.raises(UsageError) as refused:
        require_columns(str(tmp_path), SCORING)
    assert str(refused.value).startswith(f"{wrong}: ")


@pytest.mark.parametrize(
    "dataset", ["https://example.com/a.csv", "s3://bucket/a.csv", "none.csv", "archive.tar"]
)
def test_only_local_tables_are_read(tmp_path: Path, dataset: str) -> None:
    (tmp_path / "archive.tar").write_bytes(b"review\n")
    require_columns(dataset if "//" in dataset else str(tmp_path / dataset), SCORING)


def test_tables_beside_text_files_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", b"review\nFine.\n")
    (tmp_path / "1.txt").write_text("Fine.")
    require_columns(str(tmp_path), SCORING)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b'"text'),
        ("a.csv", b"\xff\xfe"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00garbage"),
        ("a.csv.gz", b"plain"),
        ("a.jsonl", b"\n"),
        ("a.jsonl", b"[1]\n"),
        ("a.jsonl", b"[" * 100_000),
        ("a.parquet", b"PAR1garbagePAR1"),
    ],
)
def test_an_unreadable_table_is_left_to_the_job(tmp_path: Path, name: str, content: bytes) -> None:
    require_columns(write(tmp_path, name, content), SCORING)
