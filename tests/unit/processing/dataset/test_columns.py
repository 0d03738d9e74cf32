"""The choice of a table's columns, by names and by paths."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from processing.dataset.columns import ColumnNames, Columns, choose_columns
from processing.dataset.read import DatasetReader
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.names import AUTO

TO_SCORE = ColumnNames(label=None)


def write_json_lines(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(folder: Path, names: ColumnNames | None = None) -> list[tuple[str, Any, str]]:
    options = ReadOptions(names or ColumnNames())
    return [
        row
        for batch in DatasetReader(folder, options).batches()
        for row in zip(batch.names, batch.texts, batch.labels, strict=True)
    ]


@pytest.mark.parametrize(
    ("found", "names", "expected"),
    [
        (["text", "label"], ColumnNames(), Columns("text", "label")),
        (["Review", "SENTIMENT"], ColumnNames(), Columns("Review", "SENTIMENT")),
        (["sentence", "class", "ID"], ColumnNames(), Columns("sentence", "class", "ID")),
        (["text", "review", "label", "target"], ColumnNames(), Columns("text", "label")),
        (["Text", "review", "label"], ColumnNames(), Columns("Text", "label")),
        (["body", " polarity"], ColumnNames(), Columns("body", " polarity")),
        (["content", "label"], TO_SCORE, Columns("content")),
        (["a", "A", "b"], ColumnNames("A", label="b"), Columns("A", "b")),
        (["Phrase", "Score"], ColumnNames("phrase", label="score"), Columns("Phrase", "Score")),
        (["text", "label", "Split"], ColumnNames(), Columns("text", "label", None, "Split")),
        (["text", "label", "half"], ColumnNames(), Columns("text", "label", None, "half")),
        (["text", "label", "key"], ColumnNames(id="Key"), Columns("text", "label", "key")),
        (["text", "split"], TO_SCORE, Columns("text")),
    ],
)
def test_columns_are_found_by_common_names_in_any_case(
    found: list[str], names: ColumnNames, expected: Columns
) -> None:
    assert choose_columns("a.csv", found, names) == expected


@pytest.mark.parametrize(
    ("found", "names", "option"),
    [
        (["Phrase", "label"], ColumnNames(), "TextColumn=Phrase"),
        (["id", "Review Text", "label"], ColumnNames(), "TextColumn='Review Text'"),
        (["review", "body", "label"], ColumnNames(), "TextColumn=review"),
        (["Text", "TEXT", "label"], ColumnNames(), "TextColumn=Text"),
        (["text", "sentiment", "target"], ColumnNames(), "LabelColumn=sentiment"),
        (["text", "stars"], ColumnNames(), "LabelColumn=stars"),
        (["Phrase", "label"], ColumnNames("text"), "TextColumn=Phrase"),
        (["text", "label", "Id", "ID"], ColumnNames(), "IdColumn=Id"),
        (["text", "label"], ColumnNames(id="key"), "IdColumn=text"),
    ],
)
def test_other_columns_are_refused_with_the_option_that_chooses_one(
    found: list[str], names: ColumnNames, option: str
) -> None:
    with pytest.raises(DataError) as refused:
        choose_columns("a.csv", found, names)
    message = str(refused.value)
    assert message.startswith("a.csv: ")
    assert message.endswith(f"--parameter {option}")
    assert repr(option.partition("=")[2].strip("'")) in message


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (["text", "text", "label"], ColumnNames()),
        (["text", "label", "split", "half"], ColumnNames()),
        (["text", "label"], ColumnNames(AUTO, label="text")),
    ],
    ids=["one name twice", "two columns of splits", "one column for text and label"],
)
def test_columns_that_contradict_each_other_are_refused(
    found: list[str], names: ColumnNames
) -> None:
    with pytest.raises(DataError, match=r"^a.csv: "):
        choose_columns("a.csv", found, names)


def test_columns_that_are_not_read_may_occur_twice() -> None:
    found = ["text", "label", "stars", "stars"]
    assert choose_columns("a.csv", found, ColumnNames()) == Columns("text", "label")


def test_each_files_choice_is_logged_and_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("a", "review"), ("b", "review"), ("c", "body")):
        write_json_lines(tmp_path / f"{name}.jsonl", {text: name, "label": "x"})
    reader = DatasetReader(tmp_path, ReadOptions(ColumnNames()))
    list(reader.batches())
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        *("a.jsonl", "c.jsonl"),
    ]
    assert [columns.text for columns in reader.summary.columns.values()] == [
        "review",
        "review",
        "body",
    ]


# --- keys that objects lack ---


def test_a_missing_label_or_text_is_null(tmp_path: Path) -> None:
    rows = [{"text": "one", "label": "x"}, {"text": "two"}, {"label": "y"}]
    write_json_lines(tmp_path / "a.jsonl", *rows)
    assert read(tmp_path) == [("1", "one", "x"), ("2", "two", ""), ("3", None, "y")]
    assert read(tmp_path, TO_SCORE) == [("1", "one", ""), ("2", "two", ""), ("3", None, "")]


MORE_THAN_THE_HEAD = 1_500


@pytest.mark.parametrize("column", ["id", "split"])
@pytest.mark.parametrize(
    ("has_it", "rows"),
    [
        ([True, False], (2, 1)),
        ([False, False, True], (1, 3)),
        ([False] * MORE_THAN_THE_HEAD + [True], (MORE_THAN_THE_HEAD + 1, 1)),
    ],
    ids=["the first", "the last", "one far behind"],
)
def test_an_id_or_split_that_only_some_rows_have_is_refused_naming_two(
    tmp_path: Path, column: str, has_it: Sequence[bool], rows: tuple[int, int]
) -> None:
    given = [{"text": "one", "label": "x", **({column: "train"} if has else {})} for has in has_it]
    write_json_lines(tmp_path / "a.jsonl", *given)
    with pytest.raises(DataError) as refused:
        read(tmp_path)
    assert str(refused.value).startswith(f"a.jsonl: row {rows[0]} has ")
    assert f"row {rows[1]} " in str(refused.value)


# --- columns of paths ---


def test_folders_of_partitions_are_columns(tmp_path: Path) -> None:
    for folder, text in (
        ("label=pos%21/split=train", "one"),
        ("label=neg/split=dev", "two"),
        ("label=__HIVE_DEFAULT_PARTITION__/split=train", "three"),
    ):
        (tmp_path / folder).mkdir(parents=True)
        table = pyarrow.table({"text": [text]})
        pyarrow.parquet.write_table(table, tmp_path / folder / "part-0.parquet")
    reader = DatasetReader(tmp_path, ReadOptions(ColumnNames(), test_fraction=1e-9))
    [batch] = reader.batches()
    assert dict(zip(batch.texts, batch.labels, strict=True)) == {
        "one": "pos!",
        "two": "neg",
        "three": "",
    }
    assert dict(zip(batch.texts, batch.splits, strict=True)) == {
        "one": "train",
        "two": "validation",
        "three": "train",
    }


def test_a_files_own_column_takes_precedence_over_its_path(tmp_path: Path) -> None:
    write_json_lines(tmp_path / "label=a" / "1.jsonl", {"text": "one", "label": "b"})
    write_json_lines(tmp_path / "label=a" / "2.jsonl", {"text": "two"})
    assert [label for *_, label in read(tmp_path)] == ["b", "a"]
