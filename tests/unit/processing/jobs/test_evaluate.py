"""The Evaluate job: what it writes and logs. Other tests cover its parts."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from processing.errors import DataError, UsageError
from processing.evaluation.decision_threshold import fixed_threshold
from processing.jobs.evaluate import parser
from tests.support.comparison_samples import execution
from tests.support.evaluation_samples import (
    LABELS,
    SCORES,
    arguments,
    champion,
    evaluated,
    measured,
    rows_for,
    with_threshold,
)
from tests.support.files import contents


def test_evaluation_report_and_card_are_written_and_accuracy_is_logged_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    found = evaluated(output, arguments(tmp_path), "--pipeline", "sentiment-dev")
    assert set(contents(output)) == {
        "evaluation/evaluation.json",
        "evaluation/model-card.json",
        "evaluation/report.html",
    }
    metrics = found["binary_classification_metrics"]
    assert metrics["confusion_matrix"] == {"0": {"0": 2, "1": 1}, "1": {"0": 1, "1": 2}}
    assert metrics["accuracy"]["value"] == pytest.approx(4 / 6)
    logged = {"accuracy": 0.6666666667, "pipeline": "sentiment-dev", "reviews": 6}
    assert json.loads(capsys.readouterr().out) == logged


def test_metrics_bits_and_reference_profile_are_those_of_the_decision_threshold(
    tmp_path: Path,
) -> None:
    threshold = fixed_threshold(0.7)
    run = with_threshold(tmp_path / "run", threshold)
    found = measured(tmp_path / "output", arguments(tmp_path / "in", run=run))
    metrics = found["binary_classification_metrics"]
    assert found["decision_threshold"] == threshold
    assert metrics["confusion_matrix"] == {"0": {"0": 3, "1": 0}, "1": {"0": 1, "1": 2}}
    assert metrics["recall"]["value"] == pytest.approx(2 / 3)
    assert found["reference_profile"]["positive_share"] == pytest.approx(2 / 6, abs=1e-6)
    before = measured(tmp_path / "before", arguments(tmp_path / "as-before"))
    assert found["correct"] != before["correct"]
    assert metrics["auc"] == before["binary_classification_metrics"]["auc"]


def test_score_equal_to_the_threshold_is_negative(tmp_path: Path) -> None:
    run = with_threshold(tmp_path / "run", fixed_threshold(0.6))
    found = measured(tmp_path / "output", arguments(tmp_path / "in", run=run))
    matrix = found["binary_classification_metrics"]["confusion_matrix"]
    assert matrix["0"] == {"0": 3, "1": 0}


def test_nothing_is_written_if_the_inputs_do_not_match(tmp_path: Path) -> None:
    scores = {**SCORES, "part-00000.libsvm.out": "0.9\n0.2\n"}
    with pytest.raises(DataError):
        evaluated(tmp_path / "output", arguments(tmp_path, scores))
    assert not (tmp_path / "output").exists()


def test_one_part_and_many_give_the_same_bytes(tmp_path: Path) -> None:
    scores, labels, rows = (
        {"part-00000.x": "".join(map(str, files.values()))}
        for files in (SCORES, LABELS, rows_for(LABELS))
    )
    evaluated(tmp_path / "one", arguments(tmp_path / "whole", scores, labels, rows))
    evaluated(tmp_path / "many", arguments(tmp_path / "parts"))
    for name in ("evaluation.json", "model-card.json", "report.html"):
        one, many = (tmp_path / which / "evaluation" / name for which in ("one", "many"))
        assert one.read_bytes() == many.read_bytes()


@pytest.mark.parametrize("metric", ["accuracy", "f1", "auc"])
def test_gate_reads_the_metric_of_its_option(tmp_path: Path, metric: str) -> None:
    found = measured(tmp_path / "output", arguments(tmp_path), "--gate-metric", metric)
    value = found["binary_classification_metrics"][metric]["value"]
    assert found["gate"] == {
        "metric": metric,
        "measured": value,
        "passed": True,
        "threshold": 0.0,
    }


def test_a_gate_metric_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="recall"):
        parser().parse_args(["--gate-metric", "recall"])


def test_evaluation_has_labels_provenance_hashes_bits_and_reference_profile(
    tmp_path: Path,
) -> None:
    given = ("--provenance", "eta=0.2", "image=repo/xgboost:3.0-5", "note=a=b", "commit=")
    found = measured(tmp_path / "output", arguments(tmp_path), *given)
    assert found["labels"] == {"negative": "neg", "positive": "pos", "source": "common pair"}
    assert found["provenance"] == {
        "commit": "",
        "eta": "0.2",
        "image": "repo/xgboost:3.0-5",
        "note": "a=b",
    }
    assert set(found["inputs_sha256"]) == {"manifest.json", "vocabulary.json", "xgboost-model"}
    bits = np.unpackbits(np.frombuffer(base64.b64decode(found["correct"]), np.uint8), count=6)
    assert sorted(bits.tolist()) == [0, 0, 1, 1, 1, 1]
    assert found["test_set"]["reviews"] == 6
    assert found["reference_profile"]["rows"] == 6
    assert found["reference_profile"]["unknown_words"] == 0.1


@pytest.mark.parametrize("pair", ["eta", "=0.2"])
def test_provenance_without_a_name_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parser().parse_args(["--provenance", pair])


def test_champion_is_compared_by_the_gate_metric_and_the_margin(tmp_path: Path) -> None:
    old = measured(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    given = ("--champion", str(folder), "--champion-margin", "0.01", "--gate-metric", "auc")
    found = measured(tmp_path / "new", arguments(tmp_path / "2"), *given)["champion"]
    of_old = old["binary_classification_metrics"]["auc"]["value"]
    assert (found["measured"], found["margin"]) == (of_old, 0.01)
    assert found["required"] == pytest.approx(of_old - 0.01)
    assert found["same_test_set"] is True


def test_champion_of_the_same_reviews_in_another_order_is_compared_review_by_review(
    tmp_path: Path,
) -> None:
    old, new = (tmp_path / name / "out" / "evaluation" / "evaluation.json" for name in "on")
    execution(tmp_path, "o", 40)
    folder = champion(tmp_path / "champion", json.loads(old.read_text()))
    execution(tmp_path, "n", 12, "--champion", str(folder), first=36, reverse=True)
    found = json.loads(new.read_text())["champion"]
    assert found["same_test_set"] is True
    # Rows 36 to 39 are misclassified by both.
    assert (found["test"]["only_new"], found["test"]["only_champion"]) == (36, 8)


@pytest.mark.parametrize("name", ["manifest", "vocabulary", "package"])
def test_a_missing_input_is_named(tmp_path: Path, name: str) -> None:
    given = arguments(tmp_path)
    given[given.index(f"--{name}") + 1] = str(tmp_path / "nowhere")
    with pytest.raises(DataError, match="nowhere"):
        evaluated(tmp_path / "output", given)
