"""Reviews as JSON lines: what is taken, what is left out, what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.reviews import Review, Skipped
from processing.spark.reading import Found, Refused, read
from processing.spark.tables import read_lines

GOOD = {"half": "train", "label": 1, "name": "0_9", "text": "A good film."}


def written(folder: Path, *lines: Any, name: str = "reviews.jsonl") -> Path:
    path = folder / name
    data = b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["reviews.jsonl", "reviews.jsonl.gz"])
def test_each_line_is_a_review(tmp_path: Path, name: str) -> None:
    other = {**GOOD, "half": "test", "label": 0, "name": "1_2", "more": [1]}
    assert list(read_lines(written(tmp_path, GOOD, other, name=name))) == [
        Review("0_9", "train", 1, "A good film."),
        Review("1_2", "test", 0, "A good film."),
    ]


def test_an_empty_review_and_half_a_character_are_left_out(tmp_path: Path) -> None:
    lines = [{**GOOD, "text": " \n"}, {**GOOD, "name": "a\nb", "text": "A good \ud83d film"}]
    assert list(read_lines(written(tmp_path, *lines))) == [
        Skipped("0_9", "empty"),
        Skipped("a\\nb", "not Unicode at character 7"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *({**GOOD, "label": label} for label in (2, -1, "1", 1.5, True, None)),
        *({**GOOD, "half": half} for half in ("valid", "Train", None, 1)),
        *({**GOOD, key: 7} for key in ("name", "text")),
        *({key: GOOD[key] for key in GOOD if key != gone} for gone in GOOD),
        *(["train", 1], "text", 5, None),
        *(b"", b"{", b"<html>", b'{"name": "caf\xe9"}'),
    ],
    ids=str,
)
def test_another_line_is_refused_with_its_number(tmp_path: Path, line: Any) -> None:
    path = written(tmp_path, GOOD, line, GOOD)
    told = "reviews.jsonl: line 2: expected name, half (train or test), label (0 or 1) and text"
    with pytest.raises(DataError) as refusal:
        list(read_lines(path))
    assert str(refusal.value) == told
    assert list(read(3, path)) == [
        Found(3, 0, Review("0_9", "train", 1, "A good film.")),
        Found(3, 1, Refused(told)),
    ]


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:-8] + b"0" * 8])
def test_a_damaged_file_is_refused(tmp_path: Path, spoil: Any) -> None:
    path = written(tmp_path, *[GOOD] * 99, name="reviews.jsonl.gz")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError, match=r"^reviews\.jsonl\.gz: damaged gzip stream \("):
        list(read_lines(path))
