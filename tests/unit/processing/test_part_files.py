"""Rows of id, words, known: written, compressed, read again, refused."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest

from processing.errors import DataError
from processing.part_files import (
    UNUSABLE,
    Row,
    rows,
    write_rows,
)

ROWS = [
    Row("test/pos/0_9.txt", 3, 2),
    Row('a "quoted", id', 0, 0),
    Row("of two\r\nlines", UNUSABLE, 0),
    Row("žluťoučký 😀", 7, 7),
]


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows" / "part-00000.csv.bz2", ROWS)
    assert list(rows(tmp_path / "rows" / "part-00000.csv.bz2")) == ROWS


def test_rows_are_the_same_bytes_wherever_they_are_written(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv.bz2", ROWS[:1])
    assert (tmp_path / "rows.csv.bz2").read_bytes().hex() == (
        "425a6839314159265359a7a9bc820000095b8000100005d82000008200cc40200022869a3d11fa90a600"
        "01f6232b9699d0e15052f8bb9229c284853d4de410"
    )


def test_many_rows_take_a_quarter_of_their_text(tmp_path: Path) -> None:
    many = [(f"test/neg/{number * 7919 % 12_500}_1.txt", 120, 115) for number in range(1_000)]
    write_rows(tmp_path / "rows.csv.bz2", many)
    stored = (tmp_path / "rows.csv.bz2").read_bytes()
    assert len(stored) < 0.25 * len(bz2.decompress(stored))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bz2.compress(b"a,1,1\nb,1\n"), ", row 2: 'b,1' is no id,words,known"),
        (bz2.compress(b"a,1,2\n"), ", row 1: 'a,1,2' is no id,words,known"),
        (bz2.compress(b"a,-2,0\n"), ", row 1: 'a,-2,0' is no id,words,known"),
        (bz2.compress(b"a,many,0\n"), ", row 1: 'a,many,0' is no id,words,known"),
        (bz2.compress(b'"a,1,1\n'), ": no compressed CSV (unexpected end of data)"),
        (bz2.compress(b"a,1,1\n")[:-5], ": no compressed CSV (Compressed file ended before"),
        (b"a,1,1\n", ": no compressed CSV (Invalid data stream)"),
    ],
    ids=["short", "more-known", "below", "no-number", "open-quote", "cut-off", "plain-text"],
)
def test_what_are_no_rows_is_refused_by_file_and_row(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "part-00000.csv.bz2").write_bytes(content)
    with pytest.raises(DataError) as refused:
        list(rows(tmp_path / "part-00000.csv.bz2"))
    assert str(refused.value).startswith(f"part-00000.csv.bz2{why}")
    assert str(refused.value).endswith("take the rows that were written with the features")
