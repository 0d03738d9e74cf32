"""Inspect describes a dataset as Preprocess will read it, and refuses what it would refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import inspect, preprocess
from processing.names import MANIFEST, MANIFEST_FILE
from tests.support.archives import tiny_dataset

REVIEWS = "".join(f"{number},A film of {number} acts,{'pn'[number % 2]}\n" for number in range(60))
FAULTY = f"id,text,label\n{REVIEWS}60,,p\n61,A film of 2 acts,\n62,A film of 2 acts,n\n"


def inspected(dataset: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    inspect.run(inspect.parser().parse_args([f"--dataset={dataset}", *more]))
    return json.loads(capsys.readouterr().out)


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def unpacked(folder: Path) -> Path:
    for number in range(4):
        for place in ("train/pos", "train/neg", "test/pos", "test/neg"):
            write(folder / place / f"{number}.txt", f"A {place} film.")
    return folder


def test_description_agrees_with_the_manifest_of_preprocess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path / "raw" / "reviews.csv", FAULTY)
    given = [f"--raw={table.parent}", f"--output={tmp_path / 'out'}", "--workers=1"]
    preprocess.run(preprocess.parser().parse_args(given))
    manifest = json.loads((tmp_path / "out" / MANIFEST / MANIFEST_FILE).read_bytes())
    capsys.readouterr()
    found = inspected(table, capsys)
    assert found["duplicates"] == manifest["duplicates"]
    assert found["skipped"]["first"] == manifest["skipped"]
    assert found["labels"] == manifest["labels"]
    for split, expected in manifest["splits"].items():
        assert found["splits"][split] == {
            "rows": expected["rows"],
            "classes": {"n": expected["negative"], "p": expected["positive"]},
            "source": expected["source"],
        }


def test_reasons_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspected(write(tmp_path / "reviews.csv", FAULTY), capsys)
    assert found["rows"] == 63
    assert found["skipped"]["reasons"] == {"empty": 1, "no label": 1}


def test_lengths_are_those_of_the_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{'word ' * count},{'pn'[count % 2]}\n" for count in range(1, 101))
    words = inspected(write(tmp_path / "a.csv", f"text,label\n{rows}"), capsys)["words"]
    assert (words["min"], words["median"], words["p95"], words["max"]) == (1, 50, 95, 100)
    assert words["histogram"][:5] == [[0, 9], [10, 15], [25, 25], [50, 50], [100, 1]]


def test_a_folder_of_texts_is_read_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = inspected(unpacked(tmp_path / "in"), capsys)
    assert found["splits"]["test"]["classes"] == {"neg": 4, "pos": 4}
    assert [split["rows"] for split in found["splits"].values()] == [5, 3, 8]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_texts_beside_a_table_are_read_like_the_archive_that_they_are_packed_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(unpacked(tmp_path / "in") / "urls.csv", "url\nhttp://host\n")
    assert inspected(tmp_path / "in", capsys)["rows"] == 16


def test_texts_in_another_layout_are_refused_with_the_layout(tmp_path: Path) -> None:
    write(tmp_path / "in" / "pos" / "1.txt", "A film.")
    with pytest.raises(DataError, match="train,test"):
        inspect.run(inspect.parser().parse_args([f"--dataset={tmp_path / 'in'}"]))


def test_the_head_of_one_class_is_not_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tiny_dataset(tmp_path / "reviews.tar")
    found = inspected(archive, capsys, "--rows=2")
    assert (found["complete"], found["rows"], found["labels"]) == (False, 2, None)
    assert found["splits"]["train"]["classes"] == {"pos": 2}


def test_the_head_is_a_part_of_every_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"film {number},{'pn'[number % 2]}\n" for number in range(500))
    for name in ("train", "test"):
        write(tmp_path / f"{name}.csv", f"text,label\n{name} {rows}")
    found = inspected(tmp_path, capsys, "--rows=300")
    assert [(file["rows"], file["complete"]) for file in found["files"]] == [(150, False)] * 2


def test_reading_stops_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = f"{'long ' * 1_000},p\n{'long ' * 1_000},n\n" * 2_000
    found = inspected(write(tmp_path / "a.csv", f"text,label\n{rows}"), capsys, "--seconds=0")
    assert found["complete"] is False
    assert 0 < found["rows"] < 4_000


REFUSED = {
    "text\nA film.\n": "label",
    "text,label\nA film.,p\nA film.,n\nA film.,x\n": "two labels",
    "id,text,label\n1,A film.,p\n1,Another.,n\n": "1 occurs twice",
    f"text,label,split\n{'A film.,p,train,' * 2}\n": "line 2",
    "text,label,split\nA film.,p,train\nA film.,n,train\nA film.,n,test\n": "test",
}


@pytest.mark.parametrize(("content", "message"), REFUSED.items())
@pytest.mark.parametrize("more", [(), ("--rows=10",)], ids=["all", "head"])
def test_a_dataset_that_cannot_be_used_is_refused(
    tmp_path: Path, content: str, message: str, more: tuple[str, ...]
) -> None:
    path = write(tmp_path / "reviews.csv", content)
    with pytest.raises(DataError, match=message):
        inspect.run(inspect.parser().parse_args([f"--dataset={path}", *more]))


def test_reviews_to_score_need_no_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "reviews.csv", "text\nA film.\n \n")
    found = inspected(path, capsys, "--scoring")
    assert (found["rows"], found["skipped"]["rows"]) == (2, 1)
    assert "classes" not in found


def test_messages_of_the_readers_are_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "a,p,train\nb,n,train\nc,p,train\nd,n,train\ne,p,test\nf,n,test\n"
    found = inspected(write(tmp_path / "a.csv", f"text,label,half\n{rows}"), capsys)
    assert any("deprecated" in note for note in found["notes"])


def test_the_choice_of_columns_is_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", FAULTY.replace("text,label", "Review,Stars", 1))
    found = inspected(path, capsys, "--label-column=Stars")
    assert found["files"][0]["columns"] == {"text": "Review", "label": "Stars", "id": "id"}
    assert found["notes"] == []


def test_the_same_data_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path / "in" / name, FAULTY)
    with pytest.raises(DataError, match="same content"):
        inspect.run(inspect.parser().parse_args([f"--dataset={tmp_path / 'in'}"]))


def test_excels_unicode_text_is_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reviews.txt"
    rows = "".join(f"A film of {number} acts\t{number % 2}\r\n" for number in range(60))
    path.write_text(f"text\tlabel\r\n{rows}", encoding="utf-16")
    found = inspected(path, capsys)
    assert (found["rows"], found["files"][0]["format"]) == (60, "csv")
