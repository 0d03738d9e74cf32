"""Prepare: the features of new text are those of training, row for row."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.row_files import Row, read_rows
from tests.support.archives import write_tar
from tests.support.model_versions import version_folder
from tests.support.scoring_samples import (
    FEATURE_SETS,
    lines,
    prepared,
    preprocessed,
    reviews,
    table,
)

NO_WORDS = b"0 0:1 4:1\n"
"""Of a vocabulary of three terms."""


def rows_in(out: Path) -> list[Row]:
    return [row for path in sorted((out / "rows").iterdir()) for row in read_rows(path)]


def scored(folder: Path, texts: Sequence[Any], *more: str) -> tuple[list[bytes], list[Row]]:
    """Features and rows of texts, which may be any values in JSON."""
    raw = folder / "raw"
    raw.mkdir()
    (raw / "reviews.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    out = prepared(raw, version_folder(folder / "version"), folder / "out", *more)
    return lines(out / "features"), rows_in(out)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", FEATURE_SETS)
def test_the_test_set_as_new_text_gives_the_lines_of_preprocess(
    tmp_path: Path, features: str, feature_format: str, workers: str
) -> None:
    out = preprocessed(tmp_path / "training", features, feature_format)
    texts = reviews()
    names = [row.id for row in rows_in(out)]
    assert sorted(names) == sorted(name for name in texts if name.startswith("test/"))
    raw = table(tmp_path / "raw/new.jsonl", {name: texts[name] for name in names})
    new = prepared(raw, out / "vocabulary", tmp_path / "new", "--workers", workers)
    assert lines(new / "features") == lines(out / "test")
    assert lines(new / "rows") == lines(out / "rows")


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_archive_of_texts_gives_the_same_features_as_a_table(tmp_path: Path, features: str) -> None:
    version = preprocessed(tmp_path / "training", features) / "vocabulary"
    raw = table(tmp_path / "raw/new.jsonl", reviews())
    from_table = prepared(raw, version, tmp_path / "table")
    (tmp_path / "tar").mkdir()
    write_tar(
        tmp_path / "tar/new.tar.gz", {name: text.encode() for name, text in reviews().items()}
    )
    from_archive = prepared(tmp_path / "tar", version, tmp_path / "archive")
    for output in ("features", "rows"):
        assert lines(from_archive / output) == lines(from_table / output)


def test_unusable_rows_keep_their_place_and_have_no_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["good", "", None, " \n", 7, "bad bad", ["good"], "half \ud800", "the"]
    features, found = scored(tmp_path, texts)
    assert [row.words for row in found] == [1, -1, -1, -1, -1, 2, -1, -1, 0]
    assert [row.id for row in found] == [str(number) for number in range(1, 10)]
    assert features[0] == b"0 0:1 2:1 4:1\n"
    assert features[5] == b"0 0:1 1:2 4:1\n"
    assert [row for number, row in enumerate(features) if number not in (0, 5)] == [NO_WORDS] * 7
    assert "not scored: 2: empty\n" in capsys.readouterr().out


def test_many_unusable_rows_are_logged_in_a_few_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(tmp_path, [""] * 100)
    out = capsys.readouterr().out.splitlines()
    assert len(out) < 30
    assert "not scored: 100 in all; their scores are empty" in out


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("😀 🎬 👎🏽", NO_WORDS, 0),
        ("good😀movie", b"0 0:1 2:1 3:1 4:1\n", 2),
        ("\x00good\x00", b"0 0:1 2:1 4:1\n", 1),
        ("good " * 100_000, b"0 0:1 2:100000 4:1\n", 100_000),
        ("x" * 1_000_000, NO_WORDS, 1),
        ("<" * 100_000 + "good", None, None),
        ("хороший 好", NO_WORDS, 0),
    ],
    ids=["emoji", "emoji-between", "zero-bytes", "huge", "one-huge-word", "markup", "no-ascii"],
)
def test_hostile_text_gives_one_valid_row(
    tmp_path: Path, text: str, row: bytes | None, words: int | None
) -> None:
    features, found = scored(tmp_path, ["bad", text, "bad"])
    assert len(features) == len(found) == 3
    assert features[0] == features[2] == b"0 0:1 1:1 4:1\n"
    if row is not None:
        assert (features[1], found[1].words) == (row, words)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("good", [1_000, 1_000, 500]),  # the reader's batches have more rows
        ("good " * 280, [690, 690, 690, 430]),  # and here fewer, of which two don't fit in a part
        ("good " * 1_200, [996, 996, 508]),  # three fit
    ],
)
def test_parts_hold_at_most_a_thousand_rows_and_pair_up(
    tmp_path: Path, text: str, rows: list[int]
) -> None:
    scored(tmp_path, [text] * 2_500)
    for output, ending in (("features", "libsvm"), ("rows", "csv")):
        counts = {
            path.name: path.read_bytes().count(b"\n")
            for path in (tmp_path / "out" / output).iterdir()
        }
        names = [f"part-{number:05}.{ending}" for number in range(len(rows))]
        assert [counts.pop(name) for name in names] == rows
        assert counts == {}


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    with gzip.open(raw / "reviews.csv.gz", "wt", newline="") as file:
        file.write('who,what\n"a,\n""b""",good\nc,\n')
    version = version_folder(tmp_path / "version")
    out = prepared(raw, version, tmp_path / "out", "--text-column=what", "--id-column=who")
    assert rows_in(out) == [Row('a,\n"b"', 1, 1), Row("c", -1, 0)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"text\n", r": no review to score; give one at least$"),
        ("a.csv", b"stars\n5\n", r"^a\.csv: no column 'text', 'review', "),
        ("a.csv", b"text\n\xff\xfe\n", r"^a\.csv: line 2: not UTF-8 at byte 0"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n", r"^a\.jsonl: line 1: "),
        ("a.csv.gz", b"\x1f\x8b\x08\x00garbage", r"^a\.csv\.gz: "),
        ("a.parquet", bytes(range(256)) * 9, r"^a\.parquet: "),
        ("a.tar", bytes(range(256)) * 9, r"^a\.tar: "),
        ("a.pdf", b"%PDF-1.7 \xff\xfe\x00", r"^a\.pdf: "),
    ],
)
def test_a_file_without_reviews_is_reported_in_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        prepared(tmp_path / "raw", version_folder(tmp_path / "version"), tmp_path / "out")
    assert "\n" not in str(error.value)


def test_an_unknown_preprocessing_version_is_refused_with_those_of_this_code(
    tmp_path: Path,
) -> None:
    version = version_folder(tmp_path / "version", preprocessing_version="ngrams-9")
    with pytest.raises(DataError, match=r"'ngrams-9' .* \(1, ngrams-2\)"):
        prepared(tmp_path, version, tmp_path / "out")


def test_version_without_its_weights_is_refused(tmp_path: Path) -> None:
    version = preprocessed(tmp_path / "training", "ngrams") / "vocabulary"
    (version / "ngram-scores.npy").unlink()
    raw = table(tmp_path / "raw/new.jsonl", {"a": "good"})
    with pytest.raises(DataError, match=r"^ngram-scores\.npy: "):
        prepared(raw, version, tmp_path / "out")


def test_same_reviews_give_the_same_bytes(tmp_path: Path) -> None:
    version = version_folder(tmp_path / "version")
    raw = table(tmp_path / "raw/new.jsonl", reviews())
    outputs = []
    for workers in ("1", "2", "3"):
        out = prepared(raw, version, tmp_path / "out", "--workers", workers)
        files = (path for path in sorted(out.rglob("*")) if path.is_file())
        outputs.append({path.relative_to(out): path.read_bytes() for path in files})
        shutil.rmtree(out)
    assert outputs[0] == outputs[1] == outputs[2]
