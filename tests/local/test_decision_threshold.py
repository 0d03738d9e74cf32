"""A decision threshold chosen for a goal, in everything that a run and its version predict."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import ROOT
from tests.support.local_runs import Run, invented_reviews, run

GOAL = "cost(fp=9,fn=1)"
REVIEWS = {name: text for name, text in invented_reviews() if name.startswith("test/")}


@pytest.fixture(scope="module")
def cautious(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Run:
    """A run whose model predicts positive only if it is certain."""
    parameters = ("NumRound=5", "GateThreshold=0.5", f"DecisionThreshold={GOAL}")
    ended = run(tmp_path_factory.mktemp("cautious") / "runs", archive, *parameters)
    assert ended.summary["status"] == "Succeeded", ended.summary["failure_reason"]
    return ended


@pytest.fixture(scope="module")
def evaluation(cautious: Run) -> Any:
    return json.loads(cautious.artifact("evaluation").read_text())


def sentiment(workdir: Path, *words: str) -> Any:
    command = [sys.executable, "-m", "operations", *words, "--workdir", str(workdir), "--json"]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    return json.loads(ended.stdout)


def expected_labels(cautious: Run, threshold: float) -> dict[str, str]:
    """Return the label of each review by its id, from Batch Transform's predictions."""
    scores = {name.rpartition("test/")[2]: score for name, score in cautious.scores().items()}
    return {name: "pos" if float(score) > threshold else "neg" for name, score in scores.items()}


def test_evaluation_has_the_threshold_of_the_package_and_its_predictions(
    cautious: Run, evaluation: Any
) -> None:
    chosen = evaluation["decision_threshold"]
    stored = cautious.artifact("package") / "decision-threshold.json"
    assert json.loads(stored.read_text()) == chosen
    assert (chosen["goal"], chosen["validation"]["reviews"]) == (GOAL, 160)
    matrix = evaluation["binary_classification_metrics"]["confusion_matrix"]
    positive = list(expected_labels(cautious, chosen["value"]).values()).count("pos")
    assert matrix["0"]["1"] + matrix["1"]["1"] == positive
    by_default = list(expected_labels(cautious, 0.5).values()).count("pos")
    assert positive != by_default, "the test needs a goal that changes predictions"


def test_package_scores_and_predictions_have_the_labels_of_the_threshold(
    cautious: Run, evaluation: Any, tmp_path: Path
) -> None:
    threshold = evaluation["decision_threshold"]["value"]
    expected = expected_labels(cautious, threshold)
    reviews = {name.removeprefix("test/"): text for name, text in REVIEWS.items()}
    handler = cautious.package(tmp_path / "package")
    instances = [{"id": name, "text": text} for name, text in reviews.items()]
    answer = handler.answer(json.dumps(instances).encode(), "application/json")
    assert {it["id"]: it["label"] for it in json.loads(answer.body)["predictions"]} == expected

    table = tmp_path / "reviews.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *reviews.items()])
    scored = tmp_path / "scores.csv"
    sentiment(cautious.workdir, "score", str(table), "--output", str(scored))
    with scored.open(newline="") as file:
        assert {row["id"]: row["label"] for row in csv.DictReader(file)} == expected

    saved = tmp_path / "predictions.csv"
    sentiment(cautious.workdir, "scores", "--predictions", "--output", str(saved))
    with saved.open(newline="") as file:
        found = {row["id"].rpartition("test/")[2]: row["label"] for row in csv.DictReader(file)}
    assert found == expected

    name, text = next(iter(reviews.items()))
    predicted = sentiment(cautious.workdir, "predict", text)
    assert (predicted["label"], predicted["threshold"]) == (expected[name], threshold)
    probability = predicted["probability"]
    below = sentiment(cautious.workdir, "predict", text, "--threshold", str(probability - 0.01))
    assert below["label"] == "pos"


def test_goal_that_cannot_be_met_fails_before_anything_is_registered(tmp_path: Path) -> None:
    table = tmp_path / "same.csv"
    rows = [f"the same review,{label}\n" for label in ("pos", "neg")] * 60
    table.write_text("text,label\n" + "".join(rows))
    ended = run(tmp_path / "runs", table, "NumRound=1", "DecisionThreshold=precision>=0.9")
    assert ended.summary["status"] == "Failed"
    assert ended.statuses["Package"] == "Failed"
    assert "DecisionThreshold precision>=0.9 can't be met" in ended.summary["failure_reason"]
    assert "Evaluate" not in ended.statuses
    assert ended.versions() == []
