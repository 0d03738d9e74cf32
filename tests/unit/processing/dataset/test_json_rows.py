"""JSON as pandas, Hugging Face datasets, MongoDB and jq write it."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processing.dataset.columns import ColumnNames
from processing.dataset.rows import text_lines
from processing.dataset.table_files import open_table
from processing.errors import DataError

ROWS = [
    {"text": 'Fine, "really" [1] {2}\nü', "label": "pos", "more": {"a": [1, {"b": None}]}},
    {"text": "Bad. ]", "label": "neg"},
    {"label": "neg", "text": "x" * 3_000},
]


def rows(folder: Path, data: bytes, name: str = "reviews.json") -> list[Any]:
    path = folder / name
    path.write_bytes(data)
    return list(open_table(path, ColumnNames()).rows)


def refusal(folder: Path, data: bytes) -> str:
    with pytest.raises(DataError) as refused:
        rows(folder, data)
    return str(refused.value)


def lines() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in ROWS).encode()


FORMS = {
    "an object a line": lines(),
    "a list on one line": json.dumps(ROWS).encode(),
    "a list without ASCII": json.dumps(ROWS, ensure_ascii=False).encode(),
    "an indented list": json.dumps(ROWS, indent=2).encode() + b"\n\n",
    "indented objects": "\n".join(json.dumps(row, indent=2) for row in ROWS).encode(),
    "a list with an object a line": b"[\n" + lines().strip().replace(b"\n", b",\n") + b"\n]\n",
    "after a byte order mark": b"\xef\xbb\xbf" + json.dumps(ROWS).encode(),
    "lines of UTF-16": lines().decode().encode("utf-16"),
    "lines that end in CRLF": lines().replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_every_form_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, chunk: int
) -> None:
    monkeypatch.setattr(text_lines, "CHUNK", chunk)
    assert rows(tmp_path, data) == ROWS


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lzma.compress, lambda data: data]
)
@pytest.mark.parametrize("name", ["reviews.ndjson", "reviews.json.gz", "reviews.csv", "reviews"])
def test_content_decides_under_any_name(
    tmp_path: Path, compress: Callable[[bytes], bytes], name: str
) -> None:
    assert rows(tmp_path, compress(lines()), name) == ROWS


def test_an_empty_list_and_an_empty_part_have_no_rows(tmp_path: Path) -> None:
    assert rows(tmp_path, b"[]") == []
    assert rows(tmp_path, b"", "part-1.json") == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'[{"text": "a", "label": 1},\n{"text": "b"', "reviews.json: line 2: not a JSON object"),
        (b'[{"text": "a", "label": 1},\n', "reviews.json: truncated"),
        (b'[{"text": "a", "label": 1},\n5]', "reviews.json: line 2: not a JSON object"),
        (b'[{"text": "a", "label": 1}]\n{}', "reviews.json: line 1: not a JSON object"),
        (b'["a", "b"]', "reviews.json: line 1: not a JSON object"),
        (b'[{"text": "a",\n"label": 1}\n,{"a": x}]', "reviews.json: line 3: not a JSON object"),
        (b'[{"text":' + b"[" * 99_999, "reviews.json: line 1: not a JSON object"),
        (b'[{"text": "caf\xe9", "label": 1}]', "reviews.json: not UTF-8 "),
        (b'{"text": {"0": "a"}, "label": {"0": 1}}', "reviews.json: an object of columns"),
        (b'{"data": [{"text": "a", "label": 1}]}', "reviews.json: no column 'text'"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    assert refusal(tmp_path, data).startswith(message)


def test_a_required_key_may_be_missing_in_the_head(tmp_path: Path) -> None:
    unlabelled = b'{"text": "a"}\n' * 2_500
    found = rows(tmp_path, unlabelled + b'{"text": "b", "label": 1}\n')
    assert (len(found), found[-1]["label"]) == (2_501, 1)


def test_a_key_that_no_object_has_is_refused_with_all_keys(tmp_path: Path) -> None:
    message = refusal(tmp_path, b'{"text": "a"}\n{"text": "b", "stars": 1}\n')
    assert message.startswith("reviews.json: no column 'label'")
    assert "'stars'" in message
