"""Predictions against labels: how parts are paired, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from processing import evaluate
from processing.errors import DataError

Files = dict[str, str | bytes]
LABELS: Files = {"part-00000.csv": "1\n0\n1\n", "part-00001.csv": "0\n0\n1\n"}
SCORES: Files = {
    "part-00000.libsvm.out": "0.9\n0.2\n0.4\n",
    "part-00001.libsvm.out": "0.6\n0.1\n0.8\n",
}


def put(folder: Path, files: Files) -> Path:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def evaluated(tmp_path: Path, scores: Files, labels: Files) -> dict[str, Any]:
    arguments = [
        *("--predictions", str(put(tmp_path / "predictions", scores))),
        *("--labels", str(put(tmp_path / "labels", labels))),
        *("--output", str(tmp_path / "output")),
    ]
    evaluate.run(evaluate.parser().parse_args(arguments))
    written = tmp_path / "output" / "evaluation" / "evaluation.json"
    assert [path for path in (tmp_path / "output").rglob("*") if path.is_file()] == [written]
    return json.loads(written.read_text(encoding="utf-8"))["binary_classification_metrics"]


def refusal(tmp_path: Path, scores: Files, labels: Files) -> str:
    with pytest.raises(DataError) as caught:
        evaluated(tmp_path, scores, labels)
    assert not (tmp_path / "output").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_predictions_are_held_against_the_labels_of_their_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    got = evaluated(tmp_path, SCORES, LABELS)
    assert got["confusion_matrix"] == {"0": {"0": 2, "1": 1}, "1": {"0": 1, "1": 2}}
    assert got["accuracy"]["value"] == pytest.approx(4 / 6)
    measured = {"accuracy": 0.6666666667, "pipeline": "", "reviews": 6}
    assert json.loads(capsys.readouterr().out) == measured


def test_parts_are_paired_by_name_wherever_they_lie(tmp_path: Path) -> None:
    moved = {f"{9 - number}/{name}": SCORES[name] for number, name in enumerate(SCORES)}
    got = evaluated(tmp_path, moved, LABELS)
    assert got["confusion_matrix"] == {"0": {"0": 2, "1": 1}, "1": {"0": 1, "1": 2}}


def test_predictions_of_csv_features_are_paired_as_well(tmp_path: Path) -> None:
    scores = {name.replace("libsvm", "csv"): content for name, content in SCORES.items()}
    assert evaluated(tmp_path, scores, LABELS)["accuracy"]["value"] == pytest.approx(4 / 6)


def test_blank_lines_and_line_ends_of_windows_are_no_predictions(tmp_path: Path) -> None:
    scores = SCORES | {"part-00000.libsvm.out": "\n0.9\r\n\n 0.2 \n\n0.4\n\n"}
    assert evaluated(tmp_path, scores, LABELS)["accuracy"]["value"] == pytest.approx(4 / 6)


def test_scores_in_scientific_notation_and_at_both_ends_are_read(tmp_path: Path) -> None:
    scores = SCORES | {"part-00000.libsvm.out": "1\n9.5e-05\n0\n"}
    assert evaluated(tmp_path, scores, LABELS)["accuracy"]["value"] == pytest.approx(4 / 6)


@pytest.mark.parametrize("lines", ["0.9\n0.2\n", "0.9\n0.2\n0.4\n0.4\n", "", "\n\n"])
def test_another_number_of_predictions_is_refused_by_the_parts_name(
    tmp_path: Path, lines: str
) -> None:
    count = len(lines.split())
    assert refusal(tmp_path, SCORES | {"part-00000.libsvm.out": lines}, LABELS) == (
        f"part-00000.libsvm.out: {count} predictions for 3 labels; "
        "every row must be scored exactly once"
    )


def test_counts_must_fit_part_by_part_and_not_only_in_all(tmp_path: Path) -> None:
    scores: Files = {
        "part-00000.libsvm.out": "0.9\n0.2\n0.4\n0.6\n",
        "part-00001.libsvm.out": "0.1\n0.8\n",
    }
    assert refusal(tmp_path, scores, LABELS).startswith("part-00000.libsvm.out: 4 predictions")


@pytest.mark.parametrize(
    "line", ["nan", "inf", "-inf", "-0.01", "1.01", "[0.2]", "0.2,0.8", "0.2 0.8", "positive"]
)
def test_what_is_no_probability_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    scores = SCORES | {"part-00001.libsvm.out": f"0.6\n\n{line}\n0.8\n"}
    assert refusal(tmp_path, scores, LABELS) == (
        f"part-00001.libsvm.out, line 3: {line!r} is no probability; "
        "the model must be trained with binary:logistic"
    )


@pytest.mark.parametrize("line", ["2", "-1", "0.0", "1.0", "pos", "1,3"])
def test_what_is_no_label_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    labels = LABELS | {"part-00001.csv": f"0\n{line}\n1\n"}
    assert refusal(tmp_path, SCORES, labels) == (
        f"part-00001.csv, line 2: {line!r} is no label; use 0 or 1"
    )


def test_a_long_line_is_told_by_its_beginning(tmp_path: Path) -> None:
    scores = SCORES | {"part-00000.libsvm.out": "x" * 100_000}
    assert refusal(tmp_path, scores, LABELS).startswith(
        f"part-00000.libsvm.out, line 1: '{'x' * 40}' is no probability"
    )


def test_bytes_that_are_no_text_are_refused_by_file(tmp_path: Path) -> None:
    scores = SCORES | {"part-00000.libsvm.out": b"0.9\n\xff\n"}
    assert refusal(tmp_path, scores, LABELS) == "part-00000.libsvm.out: not text at byte 4"


def test_a_part_without_predictions_is_refused_by_name(tmp_path: Path) -> None:
    scores = {"part-00000.libsvm.out": SCORES["part-00000.libsvm.out"]}
    assert refusal(tmp_path, scores, LABELS) == (
        "part-00001: there are no predictions for this part; score all parts anew"
    )


def test_a_part_without_labels_is_refused_by_name(tmp_path: Path) -> None:
    labels = {"part-00001.csv": LABELS["part-00001.csv"]}
    assert refusal(tmp_path, SCORES, labels) == (
        "part-00000: there are no labels for this part; score all parts anew"
    )


@pytest.mark.parametrize(
    ("scores", "labels", "what"),
    [
        pytest.param({}, LABELS, "predictions", id="predictions"),
        pytest.param(SCORES, {}, "labels", id="labels"),
    ],
)
def test_an_empty_folder_is_refused_by_name(
    tmp_path: Path, scores: Files, labels: Files, what: str
) -> None:
    assert refusal(tmp_path, scores, labels) == f"{tmp_path / what}: no {what} found"


@pytest.mark.parametrize("label", ["0", "1"])
def test_labels_of_one_class_are_refused(tmp_path: Path, label: str) -> None:
    labels = dict.fromkeys(LABELS, f"{label}\n" * 3)
    assert refusal(tmp_path, SCORES, labels) == (
        f"{tmp_path / 'labels'}: all labels are the same; evaluating needs both classes"
    )


@pytest.mark.parametrize(
    "second", ["other/part-00000.libsvm.out", "part-00000.csv.out", "part-00000.libsvm"]
)
def test_a_second_file_of_predictions_for_a_part_is_refused(tmp_path: Path, second: str) -> None:
    assert "part-00000" in refusal(tmp_path, SCORES | {second: "0.1\n0.9\n0.1\n"}, LABELS)


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    written = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        evaluated(folder, SCORES, LABELS)
        written.append((folder / "output" / "evaluation" / "evaluation.json").read_bytes())
    assert written[0] == written[1]
