"""A dataset's folder: its files, the batches of reviews, and what Preprocess makes of them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from processing.corpus.corpus import read_corpus
from processing.dataset.columns import ColumnNames
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import Batch, Skipped
from processing.dataset.tables import ReadOptions
from processing.errors import DataError
from processing.jobs import preprocess
from processing.worker_pool import WorkerPool
from tests.support.archives import write_tar
from tests.support.files import contents

LABELLED = ReadOptions(ColumnNames(), test_fraction=1e-9)
TO_SCORE = ReadOptions(ColumnNames(label=None))
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel".split()


def write_csv(path: Path, *rows: tuple[Any, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def all_of(folder: Path, options: ReadOptions = LABELLED) -> Batch:
    batches = list(DatasetReader(folder, options).batches())
    return Batch(
        *(
            [item for batch in batches for item in getattr(batch, name)]
            for name in ("names", "texts", "labels", "splits")
        )
    )


def test_a_folder_may_hold_archives_and_tables(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", ("text", "label", "split"), ("two", "pos", "test"))
    write_tar(tmp_path / "a.tar", {"x/train/neg/1.txt": b"one"})
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.jsonl").write_text(
        '{"text": "three", "label": "neg", "split": "train"}'
    )
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.csv").touch()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "b-checkpoint.csv").touch()
    assert all_of(tmp_path) == Batch(
        ["train/neg/1.txt", "b.csv:1", "more/c.jsonl:1"],
        [b"one", "two", "three"],
        ["neg", "pos", "neg"],
        ["train", "test", "train"],
    )


def test_files_are_recorded_with_their_hashes(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", ("text", "label"), ("two", "pos"))
    write_tar(tmp_path / "a.tar.gz", {"x/train/neg/1.txt": b"one"})
    reader = DatasetReader(tmp_path, LABELLED)
    assert len(list(reader.batches())) == 1
    assert [(file.name, file.sha256) for file in reader.summary.files] == [
        (name, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        for name in ("a.tar.gz", "b.csv")
    ]


def test_many_short_rows_are_split_into_batches(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ("text", "label"), *[("x", "a")] * 50_000)
    sizes = [len(batch.names) for batch in DatasetReader(tmp_path, LABELLED).batches()]
    assert sum(sizes) == 50_000
    assert max(sizes) < 20_000


def test_a_label_column_of_texts_is_refused_before_all_rows_are_read(tmp_path: Path) -> None:
    batches = (Batch([f"{n}"], ["x"], [f"label {n}"], ["train"]) for n in range(999))
    with pytest.raises(DataError, match=r"found more than 255: 'label 0', "):
        read_corpus(batches, WorkerPool(1), tmp_path / "ids")
    assert len(list(batches)) > 700


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no tables or archives"):
        all_of(tmp_path)


def test_a_single_file_is_data_under_any_name(tmp_path: Path) -> None:
    write_tar(tmp_path / "reviews", {"x/train/neg/1.txt": b"one"})
    (tmp_path / "_SUCCESS").touch()
    assert all_of(tmp_path).names == ["train/neg/1.txt"]


def test_training_skips_rows_without_text_or_label(tmp_path: Path) -> None:
    rows = [("one", "a"), ("", "b"), ("two", "b"), ("three", " ")]
    write_csv(tmp_path / "a.csv", ("text", "label"), *rows)
    reader = DatasetReader(tmp_path, LABELLED)
    corpus = read_corpus(reader.batches(), WorkerPool(1), tmp_path / "_ids")
    assert list(corpus.names) == ["1", "3"]
    assert corpus.labels.tolist() == [0, 1]
    assert corpus.classes.labels == ("a", "b")
    assert corpus.skipped == [Skipped("2", "empty"), Skipped("4", "no label")]


def test_names_are_read_by_row_number(tmp_path: Path) -> None:
    rows = [(f"id {number} é", "x", "ab"[number % 2]) for number in range(500)]
    write_csv(tmp_path / "a.csv", ("id", "text", "label"), *rows)
    corpus = read_corpus(
        DatasetReader(tmp_path, LABELLED).batches(), WorkerPool(1), tmp_path / "_ids"
    )
    wanted = np.array([7, 499, 0, 7])
    assert list(corpus.names.select(wanted)) == ["id 7 é", "id 499 é", "id 0 é", "id 7 é"]


# --- the whole job ---


def tables(count: int) -> list[dict[str, str]]:
    return [
        {
            "id": f"r{number}",
            "text": f"{WORDS[number % 8]} {WORDS[number * 7 % 5]} common",
            "label": "bad" if number % 3 else "good",
        }
        for number in range(count)
    ]


def preprocessed(raw: Path, output: Path, *options: str) -> dict[str, bytes]:
    words = ["--raw", str(raw), "--output", str(output), "--workers", "1", *options]
    preprocess.run(preprocess.parser().parse_args(words))
    return contents(output)


def test_every_table_format_gives_the_same_features(tmp_path: Path) -> None:
    rows = tables(200)
    folders = [tmp_path / name for name in ("csv", "jsonl", "parquet")]
    for folder in folders:
        folder.mkdir()
    write_csv(folders[0] / "r.csv", tuple(rows[0]), *(tuple(row.values()) for row in rows))
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folders[1] / "r.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folders[2] / "r.parquet")
    made = [preprocessed(folder, tmp_path / f"{folder.name}-out") for folder in folders]
    manifests = [json.loads(found.pop("manifest/manifest.json")) for found in made]
    assert made[0] == made[1] == made[2]
    for manifest in manifests:
        del manifest["files"]
    assert manifests[0] == manifests[1] == manifests[2]
    assert manifests[0]["labels"] == {
        "negative": "bad",
        "positive": "good",
        "source": "common pair",
    }
    shares = {name: split["positive_share"] for name, split in manifests[0]["splits"].items()}
    assert shares.keys() == {"train", "validation", "test"}
    assert all(0.2 < share < 0.5 for share in shares.values())


def test_the_vocabulary_holds_the_labels(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [(row["text"], row["label"]) for row in tables(200)]
    write_csv(raw / "r.csv", ("body", "kind"), *rows)
    options = ["--text-column", "body", "--label-column", "kind", "--positive-label", "bad"]
    made = preprocessed(raw, tmp_path / "out", *options)
    assert json.loads(made["vocabulary/vocabulary.json"])["labels"] == ["good", "bad"]


def test_a_duplicate_id_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [tuple(row.values()) for row in tables(99)]
    write_csv(raw / "r.csv", ("id", "text", "label"), *rows, ("r7", "again", "good"))
    with pytest.raises(DataError, match=r"^r7 "):
        preprocessed(raw, tmp_path / "out")


def test_a_missing_class_is_refused_by_its_label(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    write_csv(raw / "r.csv", ("text", "label"), ("x", "good"), *[("y", "bad")] * 40)
    with pytest.raises(DataError, match=r"^no usable review labelled 'good' in the (train|test) "):
        preprocessed(raw, tmp_path / "out")
