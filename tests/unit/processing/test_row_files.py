"""Row files: written, read again, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.errors import DataError
from processing.row_files import UNUSABLE, Row, read_rows, write_row_file

ROWS = [
    Row("test/pos/0_9.txt", 3, 2),
    Row('a "quoted", id', 0, 0),
    Row("of two\r\nlines", UNUSABLE, 0),
    Row("žluťoučký 😀", 7, 7),
]


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_row_file(tmp_path / "rows" / "part-00000.csv", ROWS)
    assert list(read_rows(tmp_path / "rows" / "part-00000.csv")) == ROWS


def test_rows_are_plain_csv(tmp_path: Path) -> None:
    write_row_file(tmp_path / "rows.csv", ROWS[:2])
    assert (tmp_path / "rows.csv").read_bytes() == (
        b'test/pos/0_9.txt,3,2\n"a ""quoted"", id",0,0\n'
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,1,1\nb,1\n", ", row 2: 'b,1' "),
        (b"a,1,2\n", ", row 1: 'a,1,2' "),
        (b"a,-2,0\n", ", row 1: 'a,-2,0' "),
        (b"a,many,0\n", ", row 1: 'a,many,0' "),
        (b'"a,1,1\n', ": invalid CSV"),
    ],
    ids=["short", "more-known", "below", "no-number", "open-quote"],
)
def test_invalid_rows_are_refused_by_file_and_row(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "part-00000.csv").write_bytes(content)
    with pytest.raises(DataError) as refused:
        list(read_rows(tmp_path / "part-00000.csv"))
    assert str(refused.value).startswith(f"part-00000.csv{why}")
