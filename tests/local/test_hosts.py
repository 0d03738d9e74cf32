"""The committed definition with several instances for training and for Batch Transform."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from tests.support.local_runs import Run, definition_until, invented_reviews, pack, run

TEST_ROWS = 2_400  # in three files, one for each host
SEVERAL = ("NumRound=20", "TrainingInstanceCount=2")


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviews")
    return pack(folder / "wide.tar.gz", invented_reviews(test=TEST_ROWS))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, reviews: Path) -> Run:
    workdir = tmp_path_factory.mktemp("several") / "runs"
    return run(workdir, reviews, *SEVERAL, "TransformInstanceCount=3")


@pytest.fixture(scope="module")
def one_scorer(several: Run, reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same model, from the cache, and one host for scoring."""
    definition = definition_until("Transform", tmp_path_factory.mktemp("one-scorer"))
    return run(several.workdir, reviews, *SEVERAL, definition=definition)


def score(workdir: Path, reviews: Path, folder: Path, *parameters: str) -> bytes:
    """Score new reviews with the newest version, and return the scores."""
    output = folder / "scores.csv"
    options = [word for it in ("DriftThreshold=100", *parameters) for word in ("--parameter", it)]
    subprocess.run(
        [
            *(sys.executable, "-m", "operations", "score", str(reviews), *options),
            *("--workdir", str(workdir), "--output", str(output)),
        ],
        check=True,
        cwd=ROOT,
        timeout=300,
    )
    return output.read_bytes()


@pytest.fixture(scope="module")
def one_host_scores(several: Run, reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return score(several.workdir, reviews, tmp_path_factory.mktemp("one-host"))


def files_of(ended: Run, output: str) -> dict[str, list[str]]:
    """Return the lines of an output's files by the files' names without extensions."""
    return {
        path.name.split(".")[0]: path.read_text().splitlines()
        for path in sorted(ended.artifact(output).iterdir())
    }


def test_model_of_two_hosts_learns(several: Run) -> None:
    assert (several.code, several.stderr) == (0, "")
    assert set(several.statuses.values()) == {"Succeeded"}
    assert 0.8 < several.summary["accuracy"] < 1.0
    assert len(files_of(several, "train")) == len(files_of(several, "validation")) == 2


def test_each_host_has_a_log(several: Run) -> None:
    logs = several.workdir / "executions/local-0001/logs"
    text = {path.name: path.read_text() for path in logs.iterdir()}
    assert sorted(name for name in text if name.startswith("T")) == [
        "Train.algo-1.log",
        "Train.algo-2.log",
        "Transform.algo-1.log",
        "Transform.algo-2.log",
        "Transform.algo-3.log",
    ]
    assert "validation-logloss:" in text["Train.algo-1.log"]
    assert "validation-logloss:" not in text["Train.algo-2.log"]
    for number in (1, 2, 3):
        assert text[f"Transform.algo-{number}.log"] == "scored 1 of 1 files\n"


def test_every_row_is_scored_and_keeps_its_label(several: Run) -> None:
    labels, predictions = files_of(several, "labels"), files_of(several, "predictions")
    assert list(labels) == list(predictions) == ["part-00000", "part-00001", "part-00002"]
    right = 0
    for part, scores in predictions.items():
        pairs = zip(scores, labels[part], strict=True)
        right += sum(int(float(score) > 0.5) == int(label) for score, label in pairs)
    assert several.summary["accuracy"] == pytest.approx(right / TEST_ROWS)


def test_number_of_scoring_hosts_changes_no_prediction(several: Run, one_scorer: Run) -> None:
    assert one_scorer.cached == ["Download", "Preprocess", "Train", "Package"]
    assert files_of(one_scorer, "predictions") == files_of(several, "predictions")


@pytest.mark.parametrize("hosts", [2, 3])
def test_number_of_hosts_changes_no_score_of_new_reviews(
    several: Run, one_host_scores: bytes, reviews: Path, tmp_path: Path, hosts: int
) -> None:
    found = score(several.workdir, reviews, tmp_path, f"TransformInstanceCount={hosts}")
    assert found == one_host_scores
    newest = max((several.workdir / "executions").iterdir())
    assert (newest / "logs" / f"Transform.algo-{hosts}.log").is_file()


def test_training_on_two_hosts_is_reproducible(several: Run, reviews: Path, tmp_path: Path) -> None:
    definition = definition_until("Train", tmp_path)
    again = run(tmp_path / "runs", reviews, *SEVERAL, definition=definition)
    assert again.artifact("model").read_bytes() == several.artifact("model").read_bytes()


def test_hosts_without_a_file_do_not_train(reviews: Path, tmp_path: Path) -> None:
    """One file in each channel and two hosts, which no parameter of the definition can request."""
    on_one = definition_until("Train", tmp_path)
    definition = json.loads(on_one.read_text())
    definition["Steps"][-1]["Arguments"]["ResourceConfig"]["InstanceCount"] = 2
    on_two = tmp_path / "two-hosts.json"
    on_two.write_text(json.dumps(definition))
    two, one = (
        run(tmp_path / "runs", reviews, "NumRound=20", definition=path) for path in (on_two, on_one)
    )
    assert (two.code, one.code) == (0, 0)
    assert two.artifact("model") != one.artifact("model")
    assert two.artifact("model").read_bytes() == one.artifact("model").read_bytes()
    log = (two.workdir / "executions/local-0001/logs/Train.algo-2.log").read_text()
    assert "Host algo-2 does not have training data; it will not be used" in log
