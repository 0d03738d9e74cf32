"""What lies in a folder of raw reviews, as batches; and what becomes of it."""

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
from processing.dataset.read import RawReviews
from processing.dataset.reviews import Batch, Skipped
from processing.dataset.tables import Columns, Rules
from processing.errors import DataError
from processing.jobs import preprocess
from processing.worker_pool import WorkerPool
from tests.support.archives import write_tar

LABELLED = Rules(Columns())
TO_SCORE = Rules(Columns(label=None))
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel".split()


def write_csv(path: Path, *rows: tuple[Any, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def all_of(folder: Path, rules: Rules = LABELLED) -> Batch:
    batches = list(RawReviews(folder, rules).read())
    return Batch(
        *(
            [item for batch in batches for item in getattr(batch, name)]
            for name in ("names", "texts", "labels", "in_train")
        )
    )


def test_archives_and_tables_lie_beside_each_other(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", ("text", "label", "half"), ("two", "pos", "test"))
    write_tar(tmp_path / "a.tar", {"x/train/neg/1.txt": b"one"})
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.jsonl").write_text('{"text": "three", "label": "neg", "half": "train"}')
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.csv").touch()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "b-checkpoint.csv").touch()
    assert all_of(tmp_path) == Batch(
        ["train/neg/1.txt", "b.csv:1", "more/c.jsonl:1"],
        [b"one", "two", "three"],
        ["neg", "pos", "neg"],
        [True, False, True],
    )


def test_each_file_is_told_with_its_hash_when_it_was_read(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", ("text", "label"), ("two", "pos"))
    write_tar(tmp_path / "a.tar.gz", {"x/train/neg/1.txt": b"one"})
    raw = RawReviews(tmp_path, LABELLED)
    assert len(list(raw.read())) == 1
    assert [(file.name, file.sha256) for file in raw.files] == [
        (name, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        for name in ("a.tar.gz", "b.csv")
    ]


def test_many_short_rows_are_many_batches(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ("text", "label"), *[("x", "a")] * 50_000)
    sizes = [len(batch.names) for batch in RawReviews(tmp_path, LABELLED).read()]
    assert sum(sizes) == 50_000
    assert max(sizes) < 20_000


def test_a_column_of_texts_taken_for_labels_is_refused_before_all_is_read(tmp_path: Path) -> None:
    batches = (Batch([f"{n}"], ["x"], [f"label {n}"], [True]) for n in range(999))
    with pytest.raises(
        DataError, match=r"found 'label 0', .* and 251 more; check the label column"
    ):
        read_corpus(batches, WorkerPool(1), tmp_path / "ids")
    assert len(list(batches)) > 700


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected archives or tables of reviews, found nothing$"):
        all_of(tmp_path)


def test_to_be_scored_every_row_stays_in_its_place(tmp_path: Path) -> None:
    rows = [("good film",), ("",), ("bad film",), (" ",)]
    write_csv(tmp_path / "a.csv", ("text",), *rows)
    raw = RawReviews(tmp_path, TO_SCORE)
    for workers in (1, 3):
        corpus = read_corpus(raw.read(), WorkerPool(workers), tmp_path / "_ids", positive=None)
        assert list(corpus.names) == ["1", "2", "3", "4"]
        assert corpus.runs.lengths.tolist() == [2, 0, 2, 0]
        assert corpus.unusable == [1, 3]
        assert corpus.skipped == [Skipped("2", "empty"), Skipped("4", "empty")]
        assert corpus.classes == ("", "")


def test_to_learn_from_rows_without_text_or_label_are_left_out(tmp_path: Path) -> None:
    rows = [("one", "a"), ("", "b"), ("two", "b"), ("three", " ")]
    write_csv(tmp_path / "a.csv", ("text", "label"), *rows)
    raw = RawReviews(tmp_path, LABELLED)
    corpus = read_corpus(raw.read(), WorkerPool(1), tmp_path / "_ids")
    assert list(corpus.names) == ["1", "3"]
    assert corpus.labels.tolist() == [0, 1]
    assert corpus.classes == ("a", "b")
    assert corpus.skipped == [Skipped("2", "empty"), Skipped("4", "no label")]


def test_names_are_found_by_number(tmp_path: Path) -> None:
    rows = [(f"id {number} é", "x", "ab"[number % 2]) for number in range(500)]
    write_csv(tmp_path / "a.csv", ("id", "text", "label"), *rows)
    corpus = read_corpus(RawReviews(tmp_path, LABELLED).read(), WorkerPool(1), tmp_path / "_ids")
    wanted = np.array([7, 499, 0, 7])
    assert list(corpus.names.of(wanted)) == ["id 7 é", "id 499 é", "id 0 é", "id 7 é"]


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


def made_of(raw: Path, output: Path, *options: str) -> dict[str, bytes]:
    words = ["--raw", str(raw), "--output", str(output), "--workers", "1", *options]
    preprocess.run(preprocess.parser().parse_args(words))
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }


def test_every_format_makes_the_same_of_the_same_reviews(tmp_path: Path) -> None:
    rows = tables(200)
    folders = [tmp_path / name for name in ("csv", "jsonl", "parquet")]
    for folder in folders:
        folder.mkdir()
    write_csv(folders[0] / "r.csv", tuple(rows[0]), *(tuple(row.values()) for row in rows))
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folders[1] / "r.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folders[2] / "r.parquet")
    made = [made_of(folder, tmp_path / f"{folder.name}-out") for folder in folders]
    manifests = [json.loads(found.pop("manifest/manifest.json")) for found in made]
    assert made[0] == made[1] == made[2]
    for manifest in manifests:
        del manifest["files"]
    assert manifests[0] == manifests[1] == manifests[2]
    assert manifests[0]["labels"] == {"negative": "bad", "positive": "good"}
    shares = {name: split["positive_share"] for name, split in manifests[0]["splits"].items()}
    assert shares.keys() == {"train", "validation", "test"}
    assert all(0.2 < share < 0.5 for share in shares.values())


def test_the_vocabulary_tells_scoring_what_the_classes_are_called(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [(row["text"], row["label"]) for row in tables(200)]
    write_csv(raw / "r.csv", ("body", "kind"), *rows)
    options = ["--text-column", "body", "--label-column", "kind", "--positive-label", "bad"]
    made = made_of(raw, tmp_path / "out", *options)
    assert json.loads(made["vocabulary/vocabulary.json"])["labels"] == ["good", "bad"]


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [tuple(row.values()) for row in tables(99)]
    write_csv(raw / "r.csv", ("id", "text", "label"), *rows, ("r7", "again", "good"))
    with pytest.raises(DataError, match=r"^r7 occurs twice; give each review once, or ids of"):
        made_of(raw, tmp_path / "out")


def test_too_few_rows_of_a_class_are_told_with_its_name(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    write_csv(raw / "r.csv", ("text", "label"), ("x", "good"), *[("y", "bad")] * 40)
    with pytest.raises(DataError, match=r"^no usable review labelled 'good' in the (train|test) "):
        made_of(raw, tmp_path / "out")
