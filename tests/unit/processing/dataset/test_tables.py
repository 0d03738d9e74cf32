"""Reviews in tables: what is read and what is refused, in every format."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from processing.dataset.columns import ColumnNames
from processing.dataset.hashing import is_for_testing
from processing.dataset.table_files import open_table
from processing.dataset.tables import (
    ReadOptions,
    TableReview,
    reviews_of,
)
from processing.errors import DataError

Rows = Sequence[dict[str, Any]]
GOOD = {"id": "a", "text": "Fine.", "label": "pos", "split": "train"}


def as_csv(folder: Path, rows: Rows) -> Path:
    path = folder / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_json_lines(folder: Path, rows: Rows) -> Path:
    path = folder / "reviews.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_table(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "reviews.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def as_parquet(folder: Path, rows: Rows) -> Path:
    return as_table(folder, {name: [row[name] for row in rows] for name in rows[0]})


def zipped(write: Callable[[Path, Rows], Path]) -> Callable[[Path, Rows], Path]:
    def written(folder: Path, rows: Rows) -> Path:
        plain = write(folder, rows)
        path = plain.with_name(f"{plain.name}.gz")
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
        return path

    return written


EVERY_FORMAT = pytest.mark.parametrize(
    "write",
    [
        pytest.param(as_csv, id="csv"),
        pytest.param(zipped(as_csv), id="csv.gz"),
        pytest.param(as_json_lines, id="jsonl"),
        pytest.param(zipped(as_json_lines), id="jsonl.gz"),
        pytest.param(as_parquet, id="parquet"),
    ],
)


def reviews(path: Path, options: ReadOptions, **named: str) -> Iterator[TableReview]:
    return reviews_of(open_table(path, options.columns), options, source=path.name, **named)


def read(path: Path, columns: ColumnNames | None = None, **rules: Any) -> list[TableReview]:
    return list(reviews(path, ReadOptions(columns or ColumnNames(), **rules)))


def refusal(path: Path, columns: ColumnNames | None = None) -> str:
    with pytest.raises(DataError) as refused:
        read(path, columns)
    return str(refused.value)


@EVERY_FORMAT
def test_rows_are_read_in_the_order_of_the_file(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    rows = [
        {**GOOD, "id": "7", "text": 'Two\nlines, "quoted"; naïve 🎬'},
        {**GOOD, "id": "3", "label": "neg", "split": "test", "text": "Bad."},
    ]
    assert read(write(tmp_path, rows)) == [
        TableReview("7", 'Two\nlines, "quoted"; naïve 🎬', "pos", "train", "column split"),
        TableReview("3", "Bad.", "neg", "test", "column split"),
    ]


@EVERY_FORMAT
def test_columns_are_configurable_and_others_are_ignored(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    rows = [{"stars": 5, "body": "Fine.", "kind": "ham", "key": "k1", "text": "not this"}]
    columns = ColumnNames(text="body", id="key", label="kind")
    [found] = read(write(tmp_path, rows), columns, test_fraction=1e-9)
    assert found == TableReview("k1", "Fine.", "ham", "train", "hash of ids")


@EVERY_FORMAT
def test_rows_without_ids_are_numbered(tmp_path: Path, write: Callable[[Path, Rows], Path]) -> None:
    rows = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
    path = write(tmp_path, rows)
    assert [review.name for review in read(path)] == ["1", "2"]
    named = reviews(path, ReadOptions(ColumnNames()), prefix="reviews:")
    assert [review.name for review in named] == ["reviews:1", "reviews:2"]


@EVERY_FORMAT
def test_a_table_to_score_needs_no_labels(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [{"text": "one"}])
    assert read(path, ColumnNames(label=None)) == [TableReview("1", "one", "", "test", "")]


@EVERY_FORMAT
def test_without_a_split_column_the_hash_of_seed_and_id_decides(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    rows = [{"id": f"r{n}", "text": "x", "label": "a"} for n in range(300)]
    path = write(tmp_path, rows)
    for seed in (0, 1):
        tested = [
            row.name for row in read(path, seed=seed, test_fraction=0.3) if row.split == "test"
        ]
        assert tested == [f"r{n}" for n in range(300) if is_for_testing(f"r{n}", seed, 0.3)]
        assert 60 < len(tested) < 120


def test_a_dataset_that_grows_keeps_its_test_set() -> None:
    assert all(is_for_testing(f"{n}", 0, 0.5) for n in range(99) if is_for_testing(f"{n}", 0, 0.2))


@EVERY_FORMAT
def test_a_missing_column_is_refused_with_the_existing_ones(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [{"id": 1, "Phrase": "one", "label": "a"}])
    message = refusal(path)
    assert message.startswith(f"{path.name}: no column 'text', 'review', ")
    assert "'id', 'Phrase', 'label'" in message
    assert message.endswith(" --parameter TextColumn=Phrase")


@EVERY_FORMAT
@pytest.mark.parametrize("label", ["label", None], ids=["training", "scoring"])
def test_an_id_column_with_another_name_than_the_default_must_exist(
    tmp_path: Path, write: Callable[[Path, Rows], Path], label: str | None
) -> None:
    path = write(tmp_path, [GOOD])
    with pytest.raises(DataError, match=r": no column 'key'; choose one of 'id', .*IdColumn="):
        read(path, ColumnNames(id="key", label=label))


@EVERY_FORMAT
def test_an_unknown_split_is_refused_with_its_row(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [GOOD, {**GOOD, "split": "main"}])
    message = refusal(path)
    assert message.startswith(f"{path.name}: row 2: ")
    assert "'main'" in message


@EVERY_FORMAT
def test_the_split_column_takes_precedence_over_the_path(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [{**GOOD, "split": split} for split in ("Dev", "TEST", "unsupervised")])
    rows = reviews(path, ReadOptions(ColumnNames()), split="train")
    assert [row.split for row in rows] == ["validation", "test", "unlabeled"]


@EVERY_FORMAT
def test_the_split_of_the_path_applies_to_rows_without_one(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [{"text": "one", "label": "a", "id": f"{n}"} for n in range(99)])
    of_test = [*reviews(path, ReadOptions(ColumnNames()), split="test")]
    assert {(row.split, row.source) for row in of_test} == {("test", "path")}
    of_train = reviews(path, ReadOptions(ColumnNames()), split="train")
    assert [row.split == "train or test" for row in of_train] == [
        is_for_testing(row.name, 0, 0.2) for row in of_test
    ]


@EVERY_FORMAT
def test_the_deprecated_name_of_the_split_column_is_read_and_reported(
    tmp_path: Path, write: Callable[[Path, Rows], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": "one", "label": "a", "half": split} for split in ("train", "test", "test")]
    path = write(tmp_path, rows)
    assert [row.split for row in read(path)] == ["train", "test", "test"]
    _, message = open_table(path, ColumnNames()).columns.messages()
    assert message == "the column name 'half' is deprecated; rename it to 'split'"


@EVERY_FORMAT
def test_both_names_of_the_split_column_are_refused(
    tmp_path: Path, write: Callable[[Path, Rows], Path]
) -> None:
    path = write(tmp_path, [{**GOOD, "half": "train"}])
    message = refusal(path)
    assert message.startswith(path.name)
    assert "'split'" in message
    assert "'half'" in message


@EVERY_FORMAT
def test_the_split_column_of_a_table_to_score_is_ignored(
    tmp_path: Path, write: Callable[[Path, Rows], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, [{"text": "one", "half": "dev", "split": "dev"}])
    assert [row.text for row in read(path, ColumnNames(label=None))] == ["one"]
    assert capsys.readouterr().out == ""


@EVERY_FORMAT
def test_an_empty_id_is_refused(tmp_path: Path, write: Callable[[Path, Rows], Path]) -> None:
    path = write(tmp_path, [GOOD, {**GOOD, "id": " "}])
    message = refusal(path)
    assert message.startswith(f"{path.name}: row 2 has no value in column 'id', but row 1 ")


@pytest.mark.parametrize("write", [as_json_lines, as_parquet])
@pytest.mark.parametrize(
    ("value", "label"), [(1, "1"), (0, "0"), (1.0, "1"), (0.5, "0.5"), (True, "true"), (None, "")]
)
def test_labels_become_text(
    tmp_path: Path, write: Callable[[Path, Rows], Path], value: Any, label: str
) -> None:
    assert read(write(tmp_path, [{**GOOD, "label": value}]))[0].label == label


@pytest.mark.parametrize("value", [None, 5, ["a"], {"a": 1}])
def test_a_cell_that_isnt_text_is_none(tmp_path: Path, value: Any) -> None:
    assert read(as_json_lines(tmp_path, [{**GOOD, "text": value}]))[0].text is None


def test_a_text_column_of_numbers_is_refused(tmp_path: Path) -> None:
    path = as_parquet(tmp_path, [{**GOOD, "text": 5}])
    assert "column 'text' doesn't hold text" in refusal(path)


def in_bytes(folder: Path, data: bytes, name: str = "reviews.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        pytest.param(b"\xef\xbb\xbftext,label\nFine.,a\n", 1, id="a mark before the first column"),
        pytest.param(b"text,label\r\nFine.,a\r\nBad.,b\r\n", 2, id="line ends of Windows"),
        pytest.param(b"text,label\n\nFine.,a\n\n\n", 1, id="blank lines"),
        pytest.param(b"text,label\nFine.,a", 1, id="no end of line at the end"),
        pytest.param(b"text,label\n", 0, id="a header alone"),
        pytest.param(b"text,label,,\nFine.,a,,\n", 1, id="columns without a name"),
        pytest.param(b"text,label\na\0b,a\n", 1, id="a zero byte"),
    ],
)
def test_variants_of_csv_are_read(tmp_path: Path, data: bytes, rows: int) -> None:
    assert [row.name for row in read(in_bytes(tmp_path, data))] == [
        str(number) for number in range(1, rows + 1)
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "reviews.csv: empty; expected a header and rows"),
        (b"text,label,text\n", "reviews.csv: two columns are named 'text'"),
        (
            b"text,label\nFine.,a\none, two,b\n",
            "reviews.csv: line 3: the header has 2 cells, this row 3",
        ),
        (
            b'text,label\n"Fine.,a\n',
            "reviews.csv: line 2: unexpected end of data; check the quotes",
        ),
        (b'text,label\n"Fi"ne.,a\n', "reviews.csv: line 2: "),
        (
            b'text,label\n\n"two\nlines",a\n"open,a\nFine.,a\n\n',
            "reviews.csv: line 5: unexpected end of data; check the quotes",
        ),
        (
            b"text,label\ncaf\xe9,a\n",
            "reviews.csv: line 2: not UTF-8 at byte 3; save it as UTF-8",
        ),
    ],
)
def test_invalid_csv_is_refused_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    assert refusal(in_bytes(tmp_path, data)).startswith(message)


@pytest.mark.parametrize(
    "line",
    [b"[1, 2]", b'"text"', b"5", b"{", b"<html>", b"nul", b'{"text":' + b"[" * 99_999],
    ids=lambda line: line[:9].decode(),
)
def test_a_line_that_isnt_an_object_is_refused_with_its_number(tmp_path: Path, line: bytes) -> None:
    good = json.dumps(GOOD).encode()
    path = in_bytes(tmp_path, good + b"\n\n" + line + b"\n", "reviews.jsonl")
    assert refusal(path).startswith("reviews.jsonl: line 3: not a JSON object")


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:-8] + b"0" * 8])
def test_a_damaged_gzip_stream_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = zipped(as_csv)(tmp_path, [GOOD] * 99)
    path.write_bytes(spoil(path.read_bytes()))
    assert refusal(path).startswith(("reviews.csv.gz: damaged ", "reviews.csv.gz: truncated; "))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = in_bytes(tmp_path, b"PAR1 and so on", "reviews.parquet")
    message = refusal(path)
    assert message.startswith("reviews.parquet: not a valid Parquet file; ")


def test_a_suffix_may_be_in_upper_case(tmp_path: Path) -> None:
    path = as_csv(tmp_path, [GOOD])
    assert [row.name for row in read(path.rename(tmp_path / "REVIEWS.CSV"))] == ["a"]


def test_long_column_names_are_shortened_in_messages(tmp_path: Path) -> None:
    message = refusal(in_bytes(tmp_path, b"x" * 100_000))
    assert message.startswith("reviews.csv: no column 'text', ")
    assert len(message) < 300


@pytest.mark.parametrize("column", ["label", "id"])
@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_a_label_or_id_that_is_a_list_is_refused(tmp_path: Path, column: str, value: Any) -> None:
    path = as_json_lines(tmp_path, [GOOD, {**GOOD, column: value}])
    assert refusal(path).startswith(f"reviews.jsonl: row 2: column {column!r} holds a list or an ")


def test_ids_and_numbers_of_mongodb_are_read(tmp_path: Path) -> None:
    row = {"text": "x", "label": {"$numberInt": "1"}, "id": {"$oid": "5f2b"}}
    [found] = read(as_json_lines(tmp_path, [row]))
    assert (found.name, found.label) == ("5f2b", "1")


def test_nan_is_a_missing_label(tmp_path: Path) -> None:
    path = in_bytes(tmp_path, b'{"text": "x", "label": NaN}\n', "reviews.jsonl")
    assert read(path)[0].label == ""


def test_a_missing_key_is_null(tmp_path: Path) -> None:
    path = in_bytes(tmp_path, b'{"text": "x"}\n{"label": 1}\n', "reviews.jsonl")
    assert [(row.text, row.label) for row in read(path)] == [("x", ""), (None, "1")]


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.large_string(),
        pyarrow.string_view(),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
    ],
    ids=str,
)
def test_every_text_type_of_parquet_is_read(tmp_path: Path, kind: pyarrow.DataType) -> None:
    texts = pyarrow.array(["one", "two", None]).cast(kind)
    path = as_table(tmp_path, {"text": texts, "label": pyarrow.array(["a", "b", "c"])})
    assert [review.text for review in read(path)] == ["one", "two", None]


@pytest.mark.parametrize("kind", [pyarrow.float64(), pyarrow.list_(pyarrow.string())], ids=str)
def test_numbers_and_lists_of_parquet_are_refused(tmp_path: Path, kind: pyarrow.DataType) -> None:
    path = as_table(tmp_path, {"text": pyarrow.array([], kind), "label": pyarrow.array([], "str")})
    assert refusal(path).startswith("reviews.parquet: column 'text' doesn't ")


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.binary(),
        pyarrow.large_binary(),
        pyarrow.binary(3),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.binary()),
    ],
    ids=str,
)
def test_bytes_of_parquet_are_text(tmp_path: Path, kind: pyarrow.DataType) -> None:
    cells = pyarrow.array([b"pos", "né".encode(), None]).cast(kind)
    path = as_table(tmp_path, {"text": cells, "label": cells, "id": cells.fill_null(b"abc")})
    found = [(review.name, review.text, review.label) for review in read(path)]
    assert found == [("pos", "pos", "pos"), ("né", "né", "né"), ("abc", None, "")]


def test_bytes_of_parquet_that_arent_utf8_are_refused_with_their_row(tmp_path: Path) -> None:
    path = as_table(tmp_path, {"text": ["a"] * 1_235, "label": [b"a"] * 1_234 + [b"caf\xe9"]})
    assert refusal(path) == "reviews.parquet: row 1235: not UTF-8 at byte 3; write it as UTF-8"


def test_parquet_text_that_isnt_utf8_is_refused_with_its_row(tmp_path: Path) -> None:
    found = pyarrow.array([b"fine"] * 1_234 + [b"caf\xe9"])
    texts = pyarrow.Array.from_buffers(pyarrow.string(), len(found), found.buffers())
    path = as_table(tmp_path, {"text": texts, "label": ["a"] * len(found)})
    assert refusal(path) == "reviews.parquet: row 1235: not UTF-8 at byte 3; write it as UTF-8"


def test_a_line_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = in_bytes(tmp_path, b"text,label\n" + b"x" * (1 << 21))
    with pytest.raises(DataError, match=r"^reviews\.csv: line 2: longer than 1 MB; "):
        list(open_table(path, ColumnNames(), max_line_bytes=1 << 20).rows)


def test_a_cell_of_10_mb_is_read(tmp_path: Path) -> None:
    text = "word " * 2_000_000
    [found] = read(as_csv(tmp_path, [{**GOOD, "text": text}]))
    assert found.text == text


def test_an_id_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    path = as_json_lines(tmp_path, [{**GOOD, "id": "a\0b"}])
    assert refusal(path).startswith("reviews.jsonl: row 1: no id in column 'id'")


def test_rows_are_read_one_at_a_time(tmp_path: Path) -> None:
    """So memory doesn't grow with the file."""
    lines = io.StringIO("text,label\n" + "Fine.,a\n" * 9 + 'unfinished "quote,a\n')
    path = in_bytes(tmp_path, lines.getvalue().encode())
    rows = reviews(path, ReadOptions(ColumnNames()))
    assert [next(rows).name for _ in range(9)] == [str(number) for number in range(1, 10)]
