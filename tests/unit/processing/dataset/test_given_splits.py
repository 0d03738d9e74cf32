"""Splits that the data give, from the names of files and columns to the manifest."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from processing.dataset.given_splits import split_of_path, splits_of_paths
from processing.dataset.hashing import is_for_testing
from processing.errors import DataError
from processing.jobs import preprocess
from tests.support.archives import write_tar

Split = tuple[int, str]


def write_tables(raw: Path, **files: Mapping[str, int] | int) -> Path:
    """Tables with as many reviews as given, of each split in a column if that is given."""
    for number, (name, rows) in enumerate(files.items()):
        path = raw / name.replace("__", "/").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        splits = None if isinstance(rows, int) else [s for s, n in rows.items() for _ in range(n)]
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["id", "text", "label", *(["split"] if splits is not None else [])])
            for row in range(rows if isinstance(rows, int) else len(splits or [])):
                cells = [f"{number}-{row}", f"word{row % 7} common", ("good", "bad")[row % 2]]
                table.writerow([*cells, *([splits[row]] if splits is not None else [])])
    return raw


def manifest_of(raw: Path, output: Path, *options: str) -> dict[str, Any]:
    words = ["--raw", str(raw), "--output", str(output), "--workers", "1", *options]
    preprocess.run(preprocess.parser().parse_args(words))
    content: dict[str, Any] = json.loads((output / "manifest" / "manifest.json").read_bytes())
    return content


def splits_in(manifest: Mapping[str, Any]) -> dict[str, Split]:
    return {name: (each["rows"], each["source"]) for name, each in manifest["splits"].items()}


def test_names_of_files_give_the_splits(tmp_path: Path) -> None:
    raw = write_tables(tmp_path / "raw", train_csv=40, test_csv=20)
    manifest = manifest_of(raw, tmp_path / "out")
    assert splits_in(manifest) == {
        "train": (24, "path"),
        "validation": (16, "fraction of train"),
        "test": (20, "path"),
    }
    assert manifest["validation_fraction"] == 0.4


def test_a_given_validation_set_is_used_instead_of_a_fraction(tmp_path: Path) -> None:
    raw = write_tables(tmp_path / "raw", train__a_csv=40, train__b_csv=10, dev_csv=6, test_csv=20)
    manifest = manifest_of(raw, tmp_path / "out")
    assert splits_in(manifest) == {
        "train": (50, "path"),
        "validation": (6, "path"),
        "test": (20, "path"),
    }
    assert manifest["validation_fraction"] is None


def test_without_a_test_set_it_is_chosen_from_train_by_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = write_tables(tmp_path / "raw", train_csv=60, validation_csv=8)
    manifest = manifest_of(raw, tmp_path / "out", "--test-fraction", "0.3")
    chosen = sum(is_for_testing(f"0-{row}", 0, 0.3) for row in range(60))
    assert splits_in(manifest) == {
        "train": (60 - chosen, "path"),
        "validation": (8, "path"),
        "test": (chosen, "hash of ids"),
    }
    assert "test (hash of ids)" in capsys.readouterr().out


def test_the_vocabulary_is_that_of_the_training_set_without_the_chosen_test_set(
    tmp_path: Path,
) -> None:
    named = write_tables(tmp_path / "raw", train_csv=60)
    unnamed = write_tables(tmp_path / "unnamed", reviews_csv=60)
    for raw in (named, unnamed):
        manifest_of(raw, tmp_path / f"{raw.name}-out")
    outputs = [tmp_path / f"{raw.name}-out" for raw in (named, unnamed)]
    for name in ("vocabulary/vocabulary.json", "train/part-00000.libsvm"):
        assert (outputs[0] / name).read_bytes() == (outputs[1] / name).read_bytes()


def test_unlabeled_files_and_rows_are_skipped_with_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"train": 40, "Unsupervised": 5, "VAL": 6, "test": 20}
    raw = write_tables(tmp_path / "raw", reviews_csv=rows, unsup_csv=9)
    manifest = manifest_of(raw, tmp_path / "out")
    assert splits_in(manifest) == {
        "train": (40, "column split"),
        "validation": (6, "column split"),
        "test": (20, "column split"),
    }
    assert [file["name"] for file in manifest["files"]] == ["reviews.csv"]
    assert manifest["skipped"] == []
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed if "unlabeled" in line] == [
        *("unsup.csv", "reviews.csv"),
    ]


def test_an_archive_may_give_a_validation_set(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    write_tar(
        tmp_path / "raw" / "reviews.tar",
        {
            f"x/{split}/{label}/{number}.txt": b"common word"
            for split, count in (("train", 5), ("dev", 2), ("test", 3))
            for label in ("pos", "neg")
            for number in range(count)
        },
    )
    assert splits_in(manifest_of(tmp_path / "raw", tmp_path / "out")) == {
        "train": (10, "path"),
        "validation": (4, "path"),
        "test": (6, "path"),
    }


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"train_csv": 9, "reviews_csv": 9}, ("train.csv", "reviews.csv")),
        ({"a_csv": {"train": 9}, "b_csv": 9}, ("a.csv", "b.csv")),
        ({"dev_csv": 9, "test_csv": 9}, ("dev.csv", "test.csv")),
        ({"unlabeled_csv": 9}, ("unlabeled.csv",)),
    ],
    ids=["some files named", "some files with a column", "no train", "unlabeled only"],
)
def test_incomplete_splits_are_refused_naming_the_files(
    tmp_path: Path, files: dict[str, Any], named: Sequence[str]
) -> None:
    raw = write_tables(tmp_path / "raw", **files)
    with pytest.raises(DataError) as refused:
        manifest_of(raw, tmp_path / "out")
    assert all(name in str(refused.value) for name in named)


def test_files_that_are_all_of_one_other_split_are_divided(tmp_path: Path) -> None:
    raw = write_tables(tmp_path / "raw", test_csv=60)
    splits = splits_in(manifest_of(raw, tmp_path / "out"))
    assert {source for _, source in splits.values()} == {"hash of ids", "fraction of train"}
    assert sum(rows for rows, _ in splits.values()) == 60


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train-00000-of-00001.parquet", "train"),
        ("data/validation-00000-of-00001.parquet", "validation"),
        ("Training.1600000.processed.csv", "train"),
        ("train (1).csv", "train"),
        ("label=valid/split=test/part-0.parquet", ""),
        ("train/reviews.csv", "train"),
        ("dev/train.csv", "train"),
        ("train-test/dev.csv", "validation"),
        ("train_test.csv", ""),
        ("contest.csv", ""),
        ("latest.csv", ""),
        ("invalid/device.csv", ""),
        ("trainData.csv", ""),
    ],
)
def test_the_innermost_name_with_the_word_of_one_split_decides(path: str, split: str) -> None:
    assert split_of_path(path) == split


def test_an_empty_list_of_paths_has_no_splits() -> None:
    assert splits_of_paths([]) == {}
