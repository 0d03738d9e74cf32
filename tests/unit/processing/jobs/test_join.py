"""Join: row for row in the order of the reviews, whatever ids hold; and how far reviews drifted."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import join
from processing.row_files import read_rows, write_row_file
from tests.support.model_versions import version_folder

Rows = Sequence[tuple[str, int, int]]


def put(folder: Path, parts: Sequence[tuple[Rows, Sequence[float]]]) -> None:
    """Part files of rows, and their predictions as Batch Transform writes them."""
    (folder / "predictions").mkdir(parents=True, exist_ok=True)
    for number, (told, scores) in enumerate(parts):
        name = f"part-{number:05}"
        write_row_file(folder / f"rows/{name}.csv", told)
        text = "".join(f"{score}\n" for score in scores)
        (folder / f"predictions/{name}.libsvm.out").write_text(text)


def joined(folder: Path, *more: str, **other: Any) -> dict[str, Any]:
    """Runs the job; returns ``drift.json``."""
    version = folder / "version"
    if not version.exists():
        version_folder(version, **other)
    words = [f"--{name}={folder / name}" for name in ("predictions", "rows", "version")]
    join.run(join.parser().parse_args([*words, f"--output={folder / 'out'}", *more]))
    return json.loads((folder / "out/drift/drift.json").read_text())


def scores(folder: Path) -> list[list[str]]:
    with (folder / "out/scores/scores.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_each_id_has_its_own_score_in_the_order_of_the_reviews(tmp_path: Path) -> None:
    put(tmp_path, [([("b", 3, 2), ("a", 1, 1)], [0.75, 0.25]), ([("c", 2, 0)], [0.5])])
    told = joined(tmp_path)
    assert (tmp_path / "out/scores/scores.csv").read_bytes() == (
        b"id,label,probability\nb,pos,0.750000\na,neg,0.250000\nc,neg,0.500000\n"
    )
    assert (told["rows"], told["unscored"]) == (3, 0)


def test_parts_of_any_number_of_rows_are_joined_across_batches(tmp_path: Path) -> None:
    told = [(str(number), 1, 1) for number in range(10_000)]
    put(tmp_path, [(told, [number / 10_000 for number in range(10_000)])])
    joined(tmp_path)
    [_, *lines] = scores(tmp_path)
    assert [line[0] for line in lines] == [row[0] for row in told]
    assert [line[2] for line in lines] == [f"{number / 10_000:.6f}" for number in range(10_000)]


def test_row_that_could_not_be_scored_stays_in_its_place_and_out_of_the_profile(
    tmp_path: Path,
) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", -1, 0), ("c", 0, 0)], [0.9, 0.4, 0.4])])
    told = joined(tmp_path)
    assert scores(tmp_path)[1:] == [
        ["a", "pos", "0.900000"],
        ["b", "", ""],
        ["c", "neg", "0.400000"],
    ]
    assert (told["rows"], told["unscored"], told["current"]["rows"]) == (3, 1, 2)


@pytest.mark.parametrize(
    "name",
    [
        *('a,b"c"', "a\nb", "a\rb", "a\r\nb", " spaced ", "", "'", '"', "=1+1", "café 😀"),
        *("\u2028", "\x1f", "x" * 200_000),
    ],
)
def test_hostile_id_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    put(tmp_path, [([("before", 1, 1), (name, 1, 1), ("after", 1, 1)], [0.1, 0.2, 0.9])])
    joined(tmp_path)
    assert [line[0] for line in scores(tmp_path)] == ["id", "before", name, "after"]


def test_half_a_character_in_an_id_is_written_as_what_it_is(tmp_path: Path) -> None:
    put(tmp_path, [([("a\ud800\udce9", 1, 1)], [0.1])])
    joined(tmp_path)
    assert scores(tmp_path)[1][0] == "a\\ud800\\udce9"


def test_labels_are_the_names_that_the_version_knows(tmp_path: Path) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", 1, 1)], [0.9, 0.1])])
    joined(tmp_path, labels=["no, never", "yes"])
    assert [line[1] for line in scores(tmp_path)] == ["label", "yes", "no, never"]


@pytest.mark.parametrize(
    ("count", "what"), [(1, "it has fewer predictions"), (3, "it has more predictions")]
)
def test_part_with_other_counts_is_told_by_name_and_nothing_is_left(
    tmp_path: Path, count: int, what: str
) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", 1, 1)], [0.5] * count)])
    told = f"^part-00000.libsvm.out: {what} than part-00000.csv has"
    with pytest.raises(DataError, match=told):
        joined(tmp_path)
    assert list((tmp_path / "out").rglob("*.csv")) == []
    assert list((tmp_path / "out").rglob(".*")) == []


def test_part_without_predictions_is_told_by_name(tmp_path: Path) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.5]), ([("b", 1, 1)], [0.5])])
    (tmp_path / "predictions/part-00001.libsvm.out").unlink()
    with pytest.raises(DataError, match=r"^part-00001: no predictions for this part"):
        joined(tmp_path)


def test_part_that_two_hosts_wrote_is_told_with_both_places(tmp_path: Path) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.5])])
    (tmp_path / "predictions/other").mkdir()
    (tmp_path / "predictions/other/part-00000.libsvm.out").write_text("0.5\n")
    with pytest.raises(DataError, match=r"both are predictions of part-00000; remove one of them"):
        joined(tmp_path)


@pytest.mark.parametrize("line", ["nan", "1.5", "-0.1", "[0.1]", "0.1 0.9"])
def test_prediction_that_is_no_probability_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.5])])
    (tmp_path / "predictions/part-00000.libsvm.out").write_text(f"\n{line}\n")
    with pytest.raises(DataError, match=r"^part-00000.libsvm.out, line 2: .* is not a probability"):
        joined(tmp_path)


@pytest.mark.parametrize("line", ["a,1", "a,x,1", "a,1,2", "a,-2,0", "a,-1,1", '"a,1,1', "a,1,1,1"])
def test_row_that_is_none_is_told_with_the_remedy(tmp_path: Path, line: str) -> None:
    path = tmp_path / "part-00000.csv"
    path.write_text(f"{line}\n")
    with pytest.raises(DataError, match=r"^part-00000\.csv.*: .*use the rows that were written"):
        list(read_rows(path))


def test_drift_is_told_in_a_line_that_a_log_makes_a_metric_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, [([(str(number), 2, 0) for number in range(500)], [0.99] * 500)])
    told = joined(tmp_path, "--pipeline", "sentiment-dev-score")
    assert told["largest"] == max(told["measures"].values()) > 0.25
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "drift": told["largest"],
        "pipeline": "sentiment-dev-score",
        "rows": 500,
    }


def test_reviews_that_cannot_be_read_are_drift(tmp_path: Path) -> None:
    put(tmp_path, [([(str(number), -1, 0) for number in range(500)], [0.5] * 500)])
    told = joined(tmp_path)
    assert told["largest"] == told["measures"]["unscored"] == pytest.approx(500 / 600, abs=1e-6)


def test_version_without_a_baseline_scores_and_says_that_nothing_was_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.5])])
    told = joined(tmp_path, report={"other": 1})
    assert (told["largest"], told["measures"], told["baseline"]) == (0.0, {}, None)
    assert "no drift was measured" in capsys.readouterr().out


def test_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    put(tmp_path, [([(str(number), number, 1) for number in range(1, 99)], [0.3] * 98)])
    joined(tmp_path)
    files = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    before = [path.read_bytes() for path in files]
    joined(tmp_path)
    assert [path.read_bytes() for path in files] == before
