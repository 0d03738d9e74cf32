"""The Join job: each row's score in the order of the reviews, and the drift report."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import join
from processing.row_files import write_row_file
from tests.support.files import contents
from tests.support.model_versions import evaluation, version_folder
from tests.support.report_page import (
    Report,
    assert_references_have_a_target,
    assert_self_contained,
)

Rows = Sequence[tuple[str, int, int]]


def put(folder: Path, parts: Sequence[tuple[Rows, Sequence[float]]]) -> None:
    """Write part files of rows, and their predictions as Batch Transform writes them."""
    (folder / "predictions").mkdir(parents=True, exist_ok=True)
    for number, (rows, scores) in enumerate(parts):
        name = f"part-{number:05}"
        write_row_file(folder / f"rows/{name}.csv", rows)
        text = "".join(f"{score}\n" for score in scores)
        (folder / f"predictions/{name}.libsvm.out").write_text(text)


def joined(folder: Path, *more: str, **other: Any) -> dict[str, Any]:
    """Run the job and return the content of ``drift.json``."""
    version = folder / "version"
    if not version.exists():
        version_folder(version, **other)
    words = [f"--{name}={folder / name}" for name in ("predictions", "rows", "version")]
    join.run(join.parser().parse_args([*words, f"--output={folder / 'out'}", *more]))
    drift: dict[str, Any] = json.loads((folder / "out/drift/drift.json").read_text())
    return drift


def scores(folder: Path) -> list[list[str]]:
    with (folder / "out/scores/scores.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_each_id_has_its_own_score_in_the_order_of_the_rows(tmp_path: Path) -> None:
    put(tmp_path, [([("b", 3, 2), ("a", 1, 1)], [0.75, 0.25]), ([("c", 2, 0)], [0.5])])
    drift = joined(tmp_path)
    assert (tmp_path / "out/scores/scores.csv").read_bytes() == (
        b"id,label,probability\nb,pos,0.750000\na,neg,0.250000\nc,neg,0.500000\n"
    )
    assert (drift["rows"], drift["unscored"]) == (3, 0)


def test_labels_and_drift_are_those_of_the_decision_threshold_of_the_version(
    tmp_path: Path,
) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", 1, 1), ("c", 1, 1)], [0.75, 0.8, 0.9])])
    report = {**evaluation(), "decision_threshold": {"value": 0.8}}
    drift = joined(tmp_path, report=report)
    assert [row[1] for row in scores(tmp_path)[1:]] == ["neg", "neg", "pos"]
    assert drift["decision_threshold"] == 0.8
    assert drift["current_profile"]["positive_share"] == pytest.approx(1 / 3, abs=1e-6)


def test_unusable_row_has_an_empty_score_and_is_not_in_the_profile(
    tmp_path: Path,
) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", -1, 0), ("c", 0, 0)], [0.9, 0.4, 0.4])])
    drift = joined(tmp_path)
    assert scores(tmp_path)[1:] == [
        ["a", "pos", "0.900000"],
        ["b", "", ""],
        ["c", "neg", "0.400000"],
    ]
    assert (drift["rows"], drift["unscored"], drift["current_profile"]["rows"]) == (3, 1, 2)


@pytest.mark.parametrize(
    "name",
    [
        *('a,b"c"', "a\nb", "a\rb", "a\r\nb", " spaced ", "", "'", '"', "=1+1", "café 😀"),
        *("\u2028", "\x1f", "x" * 200_000),
    ],
)
def test_id_of_any_characters_is_kept(tmp_path: Path, name: str) -> None:
    put(tmp_path, [([("before", 1, 1), (name, 1, 1), ("after", 1, 1)], [0.1, 0.2, 0.9])])
    joined(tmp_path)
    assert [line[0] for line in scores(tmp_path)] == ["id", "before", name, "after"]


def test_lone_surrogate_in_an_id_is_escaped(tmp_path: Path) -> None:
    put(tmp_path, [([("a\ud800\udce9", 1, 1)], [0.1])])
    joined(tmp_path)
    assert scores(tmp_path)[1][0] == "a\\ud800\\udce9"


def test_labels_are_the_class_names_of_the_version(tmp_path: Path) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", 1, 1)], [0.9, 0.1])])
    joined(tmp_path, labels=["no, never", "yes"])
    assert [line[1] for line in scores(tmp_path)] == ["label", "yes", "no, never"]


@pytest.mark.parametrize("count", [1, 3])
def test_part_with_another_number_of_predictions_is_refused_and_no_file_is_left(
    tmp_path: Path, count: int
) -> None:
    put(tmp_path, [([("a", 1, 1), ("b", 1, 1)], [0.5] * count)])
    with pytest.raises(DataError, match=rf"^part-00000\.libsvm\.out: {count} predictions for 2 "):
        joined(tmp_path)
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_drift_is_logged_as_json_with_the_measure_that_is_the_largest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, [([(str(number), 2, 0) for number in range(500)], [0.99] * 500)])
    drift = joined(tmp_path, "--pipeline", "sentiment-dev-score")
    assert drift["status"] == "measured"
    assert drift["max_drift"] == max(drift["measures"].values()) > 0.25
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "drift": drift["max_drift"],
        "max_drift_measure": drift["max_drift_measure"],
        "pipeline": "sentiment-dev-score",
        "rows": 500,
    }


def test_rows_that_cannot_be_scored_are_drift(tmp_path: Path) -> None:
    put(tmp_path, [([(str(number), -1, 0) for number in range(500)], [0.5] * 500)])
    drift = joined(tmp_path)
    assert drift["max_drift_measure"] == "unscored"
    assert drift["max_drift"] == drift["measures"]["unscored"] == pytest.approx(500 / 600, abs=1e-6)


def test_without_a_reference_profile_drift_is_unknown_and_not_a_metric(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.5])])
    drift = joined(tmp_path, report={"other": 1})
    assert (drift["status"], drift["max_drift"], drift["measures"]) == ("unknown", None, {})
    assert scores(tmp_path)[1] == ["a", "neg", "0.500000"]
    log = capsys.readouterr().out.splitlines()
    assert any(drift["reason"] in line for line in log)
    assert "drift" not in json.loads(log[-1])


def test_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    put(tmp_path, [([(str(number), number, 1) for number in range(1, 99)], [0.3] * 98)])
    joined(tmp_path)
    before = contents(tmp_path / "out")
    joined(tmp_path)
    assert contents(tmp_path / "out") == before


def test_report_names_the_classes_and_the_accuracy_of_the_version(tmp_path: Path) -> None:
    put(tmp_path, [([("a", 1, 1)], [0.9])])
    metrics = {"accuracy": {"value": 0.86}}
    report = {**evaluation(), "binary_classification_metrics": metrics}
    drift = joined(tmp_path, report=report, labels=["bad", "good"])
    assert (drift["labels"], drift["test_accuracy"]) == (["bad", "good"], 0.86)


@pytest.mark.parametrize("report", [None, {"other": 1}])
def test_page_shows_the_measures_of_drift_and_loads_nothing(tmp_path: Path, report: Any) -> None:
    put(tmp_path, [([(str(number), 2, 0) for number in range(500)], [0.99] * 500)])
    drift = joined(tmp_path, report=report)
    page = (tmp_path / "out/drift/drift.html").read_text(encoding="utf-8")
    assert_self_contained(page)
    assert_references_have_a_target(page)
    shown = [row[-1] for row in Report(page).rows("measures")]
    is_known = report is None
    assert len(shown) == 5
    assert (shown[1] != "–") is is_known
    assert [it.get("id") for it in Report(page).all("section")][1:] == (
        ["lengths", "scores"] if is_known else []
    )
    if is_known:
        assert shown[1] == f"{drift['measures']['score']:.4f}"
