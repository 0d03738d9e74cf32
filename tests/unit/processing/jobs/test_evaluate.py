"""Predictions against labels: how parts are paired, and what is refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError, UsageError
from processing.jobs.evaluate import parser
from tests.support.evaluation_samples import (
    LABELS,
    SCORES,
    Files,
    arguments,
    champion,
    rows_for,
)
from tests.support.evaluation_samples import evaluated as evaluated_with


def evaluated(tmp_path: Path, scores: Files, labels: Files) -> dict[str, Any]:
    output = tmp_path / "output"
    found = evaluated_with(output, arguments(tmp_path, scores, labels))
    written = sorted(path.relative_to(output) for path in output.rglob("*") if path.is_file())
    assert [str(path) for path in written] == [
        "evaluation/evaluation.json",
        "evaluation/report.html",
    ]
    return found["binary_classification_metrics"]


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
        f"part-00001.libsvm.out, line 3: {line!r} is not a probability; "
        "train the model with binary:logistic"
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
        f"part-00000.libsvm.out, line 1: '{'x' * 40}' is not a probability"
    )


def test_bytes_that_are_no_text_are_refused_by_file(tmp_path: Path) -> None:
    scores = SCORES | {"part-00000.libsvm.out": b"0.9\n\xff\n"}
    assert refusal(tmp_path, scores, LABELS) == "part-00000.libsvm.out: not UTF-8 at byte 4"


def test_a_part_without_predictions_is_refused_by_name(tmp_path: Path) -> None:
    scores = {"part-00000.libsvm.out": SCORES["part-00000.libsvm.out"]}
    assert refusal(tmp_path, scores, LABELS) == (
        "part-00001: no predictions for this part; score all parts again"
    )


def test_a_part_without_labels_is_refused_by_name(tmp_path: Path) -> None:
    labels = {"part-00001.csv": LABELS["part-00001.csv"]}
    assert refusal(tmp_path, SCORES, labels) == (
        "part-00000: no labels for this part; score all parts again"
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
        evaluated(folder, SCORES, LABELS)
        names = ("evaluation.json", "report.html")
        written.append([(folder / "output" / "evaluation" / name).read_bytes() for name in names])
    assert written[0] == written[1]


def test_rows_of_another_number_are_refused_by_their_parts_name(tmp_path: Path) -> None:
    rows = {**rows_for(LABELS), "part-00001.csv": "a,1,1\nb,2,2\n"}
    with pytest.raises(DataError) as caught:
        evaluated_with(tmp_path / "output", arguments(tmp_path, rows=rows))
    assert str(caught.value) == (
        "part-00001.csv: 2 rows for 3 labels; both must come from one Preprocess"
    )


def test_one_part_and_many_give_the_same_evaluation(tmp_path: Path) -> None:
    rows = rows_for(LABELS)
    whole = [{"part-00000.x": "".join(files.values())} for files in (SCORES, LABELS, rows)]
    one = evaluated_with(tmp_path / "1", arguments(tmp_path / "whole", *whole))
    many = evaluated_with(tmp_path / "2", arguments(tmp_path / "parts"))
    assert one == many
    pages = [(tmp_path / which / "evaluation" / "report.html").read_bytes() for which in "12"]
    assert pages[0] == pages[1]


def test_a_part_of_more_rows_than_are_read_at_once_is_read_wholly(tmp_path: Path) -> None:
    count = 10_000
    labels = {"part-00000.csv": "0\n1\n" * (count // 2)}
    scores = {"part-00000.out": "0.25\n0.75\n" * (count // 2 - 1) + "0.25\n0.125\n"}
    found = evaluated_with(tmp_path / "output", arguments(tmp_path, scores, labels))
    assert found["test_set"]["reviews"] == count
    assert found["binary_classification_metrics"]["confusion_matrix"]["1"] == {
        "0": 1,
        "1": count // 2 - 1,
    }


def test_the_gate_reads_the_metric_that_was_asked_for(tmp_path: Path) -> None:
    given = arguments(tmp_path)
    for metric in ("accuracy", "f1", "auc"):
        found = evaluated_with(tmp_path / metric, given, "--gate-metric", metric)
        value = found["binary_classification_metrics"][metric]["value"]
        assert found["gate"] == {"metric": metric, "measured": value}


def test_a_metric_that_no_gate_reads_is_refused() -> None:
    with pytest.raises(UsageError, match="recall"):
        parser().parse_args(["--gate-metric", "recall"])


def test_the_evaluation_tells_who_was_told_right(tmp_path: Path) -> None:
    found = evaluated_with(tmp_path / "output", arguments(tmp_path))
    bits = np.unpackbits(np.frombuffer(base64.b64decode(found["correct"]), np.uint8), count=6)
    assert bits.tolist() == [1, 1, 0, 0, 1, 1]


def test_the_evaluation_tells_labels_provenance_and_hashes(tmp_path: Path) -> None:
    given = ("--provenance", "eta=0.2", "image=repo/xgboost:3.0-5", "note=a=b", "commit=")
    found = evaluated_with(tmp_path / "output", arguments(tmp_path), *given)
    assert found["labels"] == {"negative": "neg", "positive": "pos"}
    assert found["provenance"] == {
        "commit": "",
        "eta": "0.2",
        "image": "repo/xgboost:3.0-5",
        "note": "a=b",
    }
    assert set(found["inputs_sha256"]) == {"manifest.json", "vocabulary.json", "xgboost-model"}
    assert found["baseline"]["rows"] == 6
    assert found["baseline"]["unknown_words"] == 0.1


@pytest.mark.parametrize("pair", ["eta", "=0.2"])
def test_provenance_without_a_name_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parser().parse_args(["--provenance", pair])


def test_another_order_of_reviews_is_another_test_set(tmp_path: Path) -> None:
    rows = rows_for(LABELS)
    turned = {name: "".join(reversed(text.splitlines(True))) for name, text in rows.items()}
    one = evaluated_with(tmp_path / "1", arguments(tmp_path / "one", rows=rows))
    other = evaluated_with(tmp_path / "2", arguments(tmp_path / "other", rows=turned))
    assert one["test_set"]["labels_sha256"] == other["test_set"]["labels_sha256"]
    assert one["test_set"] != other["test_set"]


def test_without_a_champion_every_model_will_do(tmp_path: Path) -> None:
    none = champion(tmp_path / "champion", {})
    given = (*arguments(tmp_path), "--champion", str(none), "--champion-margin", "0.01")
    found = evaluated_with(tmp_path / "output", list(given))["champion"]
    assert found == {"model_package_arn": None, "margin": 0.01, "required": 0.0}


BETTER: Files = {**SCORES, "part-00000.libsvm.out": "0.9\n0.2\n0.6\n"}


@pytest.mark.parametrize("metric", ["accuracy", "f1", "auc"])
def test_the_champion_asks_for_its_own_value_of_the_gates_metric(
    tmp_path: Path, metric: str
) -> None:
    old = evaluated_with(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    given = ("--champion", str(folder), "--champion-margin", "0.01", "--gate-metric", metric)
    new = evaluated_with(tmp_path / "new", arguments(tmp_path / "2", BETTER), *given)
    measured = old["binary_classification_metrics"][metric]["value"]
    assert new["champion"]["measured"] == measured
    assert new["champion"]["required"] == pytest.approx(measured - 0.01)
    assert new["champion"]["difference"] == pytest.approx(1 / 6)


def test_a_champion_of_the_same_reviews_is_compared_review_by_review(tmp_path: Path) -> None:
    old = evaluated_with(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    given = ("--champion", str(folder))
    new = evaluated_with(tmp_path / "new", arguments(tmp_path / "2", BETTER), *given)["champion"]
    assert new["same_test_set"] is True
    assert new["test"]["kind"] == "mcnemar"
    assert (new["test"]["only_new"], new["test"]["only_champion"]) == (1, 0)
    assert new["test"]["p_value"] == 1.0


@pytest.mark.parametrize(
    ("dropped", "same"), [("correct", True), ("test_set", None)], ids=["no bits", "no test set"]
)
def test_a_champion_that_tells_less_is_compared_unpaired(
    tmp_path: Path, dropped: str, same: bool | None
) -> None:
    old = evaluated_with(tmp_path / "old", arguments(tmp_path / "1"))
    del old[dropped]
    folder = champion(tmp_path / "champion", old)
    given = arguments(tmp_path / "2", BETTER)
    new = evaluated_with(tmp_path / "new", given, "--champion", str(folder))["champion"]
    assert new["same_test_set"] is same
    assert new["test"]["kind"] == "unpaired"
    assert 0 < new["test"]["p_value"] < 1


def test_a_champion_of_other_reviews_is_compared_unpaired(tmp_path: Path) -> None:
    rows = {name: text.replace("part", "other") for name, text in rows_for(LABELS).items()}
    old = evaluated_with(tmp_path / "old", arguments(tmp_path / "1", rows=rows))
    folder = champion(tmp_path / "champion", old)
    given = arguments(tmp_path / "2", BETTER)
    new = evaluated_with(tmp_path / "new", given, "--champion", str(folder))["champion"]
    assert new["same_test_set"] is False
    assert new["test"]["kind"] == "unpaired"


@pytest.mark.parametrize("name", ["manifest", "vocabulary", "model"])
def test_an_input_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    given = arguments(tmp_path)
    given[given.index(f"--{name}") + 1] = str(tmp_path / "nowhere")
    with pytest.raises(DataError, match="nowhere"):
        evaluated_with(tmp_path / "output", given)
