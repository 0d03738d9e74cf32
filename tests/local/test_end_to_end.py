"""The committed definition from the archive to the registered model, on this machine."""

from __future__ import annotations

import csv
import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from tests.support.local_runs import Run, invented_reviews, run

STEPS = [
    "Download",
    "Preprocess",
    "Train",
    "CreateModel",
    "Transform",
    "Evaluate",
    "QualityGate",
    "RegisterModel",
]


@pytest.fixture(scope="session")
def second(first: Run, archive: Path) -> Run:
    """The same command again."""
    return run(first.workdir, archive, "NumRound=20")


@pytest.fixture(scope="session")
def rejected(second: Run, archive: Path) -> Run:
    """The same but for a threshold that nothing reaches."""
    return run(second.workdir, archive, "NumRound=20", "GateThreshold=0.99999")


def test_every_step_succeeds_and_the_model_has_learned(first: Run) -> None:
    assert (first.code, first.stderr) == (0, "")
    assert first.summary["status"] == "Succeeded"
    assert first.summary["execution_id"] == "local-0001"
    assert first.statuses == dict.fromkeys(STEPS, "Succeeded")
    assert first.cached == []
    assert 0.8 < first.summary["accuracy"] < 1.0


def test_every_artefact_lies_where_the_summary_says(first: Run) -> None:
    assert sorted(first.summary["artifacts"]) == [
        "evaluation",
        "labels",
        "manifest",
        "model",
        "predictions",
        "raw",
        "report",
        "rows",
        "test",
        "train",
        "validation",
        "vocabulary",
    ]
    assert [name for name in first.summary["artifacts"] if not first.artifact(name).exists()] == []


def test_the_splits_have_the_rows_that_the_manifest_tells(first: Run, archive: Path) -> None:
    manifest = json.loads(first.artifact("manifest").read_text())
    rows = {name: split["rows"] for name, split in manifest["splits"].items()}
    assert rows == {"train": 240, "validation": 160, "test": 200}
    assert {name: len(first.lines(name)) for name in rows} == rows
    [told] = manifest["files"]
    assert told["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_the_model_archive_holds_the_model_and_nothing_else(first: Run) -> None:
    with tarfile.open(first.artifact("model")) as archive:
        assert archive.getnames() == ["xgboost-model"]


def test_there_is_one_prediction_for_each_label_and_they_make_the_accuracy(first: Run) -> None:
    labels, predictions = first.lines("labels"), first.lines("predictions")
    assert len(labels) == len(predictions) == 200
    right = sum(
        int(float(score) > 0.5) == int(label)
        for score, label in zip(predictions, labels, strict=True)
    )
    assert first.summary["accuracy"] == pytest.approx(right / 200)


def test_the_registered_version_tells_where_everything_lies(first: Run) -> None:
    package = json.loads((first.workdir / "model-registry/sentiment-local/1.json").read_text())
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    (container,) = package["InferenceSpecification"]["Containers"]
    uri = container["ModelDataUrl"]
    assert first.workdir / "s3" / uri.removeprefix("s3://") == first.artifact("model")
    assert sorted(package["CustomerMetadataProperties"]) == ["manifest", "vocabulary"]


def test_nothing_of_the_jobs_sandboxes_is_left(first: Run) -> None:
    folder = first.workdir / "executions/local-0001"
    assert sorted(path.name for path in folder.iterdir()) == ["execution.json", "lock", "logs"]


def test_a_second_run_takes_the_costly_steps_from_the_cache(first: Run, second: Run) -> None:
    assert second.code == 0
    assert second.summary["execution_id"] == "local-0002"
    assert second.cached == ["Download", "Preprocess", "Train"]
    assert second.artifact("model") == first.artifact("model")
    assert second.summary["accuracy"] == first.summary["accuracy"]


def test_each_execution_registers_a_version_of_its_own(second: Run) -> None:
    assert {"1.json", "2.json"} <= set(second.versions())


def test_below_the_threshold_the_execution_fails_with_the_measured_accuracy(
    rejected: Run,
) -> None:
    assert (rejected.code, rejected.stderr) == (1, "")
    assert rejected.summary["status"] == "Failed"
    accuracy = rejected.summary["accuracy"]
    reason = (
        f"The model's accuracy {accuracy} is below GateThreshold 0.99999; it was not registered."
    )
    assert rejected.summary["failure_reason"] == f"step Reject: {reason}"
    assert rejected.statuses == {
        **dict.fromkeys(STEPS[:-1], "Succeeded"),
        "Reject": "Failed",
    }


def test_below_the_threshold_nothing_is_registered(second: Run, rejected: Run) -> None:
    assert rejected.versions() == ["1.json", "2.json"]


def test_a_parameter_of_the_training_reruns_the_training_only(rejected: Run, archive: Path) -> None:
    changed = run(rejected.workdir, archive, "NumRound=20", "Eta=0.3")
    assert changed.code == 0
    assert changed.cached == ["Download", "Preprocess"]
    assert changed.artifact("model") != rejected.artifact("model")
    assert changed.versions() == ["1.json", "2.json", "3.json"]


def test_the_articles_own_csv_files_work_from_end_to_end(rejected: Run, archive: Path) -> None:
    run_ = run(rejected.workdir, archive, "NumRound=20", "FeatureFormat=text/csv")
    assert run_.code == 0
    assert run_.cached == ["Download"]
    assert run_.summary["accuracy"] > 0.8
    vocabulary = json.loads(run_.artifact("vocabulary").read_text())
    rows = list(csv.reader(run_.lines("train")))
    assert {len(row) for row in rows} == {1 + len(vocabulary["terms"])}
    assert {row[0] for row in rows} == {"0", "1"}
    assert len(run_.lines("predictions")) == 200


def test_a_folder_in_a_fresh_work_folder_gives_the_same_model_and_predictions(
    first: Run, tmp_path: Path
) -> None:
    for name, text in invented_reviews():
        path = tmp_path / "reviews" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    again = run(tmp_path / "runs", tmp_path / "reviews", "NumRound=20")
    assert again.code == 0
    assert again.artifact("model").read_bytes() == first.artifact("model").read_bytes()
    for name in ("train", "validation", "test", "labels", "predictions"):
        assert again.lines(name) == first.lines(name), name
    vocabularies = [run_.artifact("vocabulary").read_bytes() for run_ in (first, again)]
    assert vocabularies[0] == vocabularies[1]


def test_a_folder_of_several_tables_gives_what_one_table_of_their_rows_gives(
    tmp_path: Path,
) -> None:
    rows = [(name, name.split("/")[1], text) for name, text in invented_reviews(400, 0)]
    for name, share in (
        ("one/all.csv", rows),
        ("many/2.csv", rows[::2]),
        ("many/older/1.csv", rows[1::2]),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "label", "text"), *share])
    one, many = (
        run(tmp_path / f"runs-{name}", tmp_path / name, "NumRound=20") for name in ("one", "many")
    )
    assert (many.code, many.stderr) == (0, "")
    assert many.artifact("model").read_bytes() == one.artifact("model").read_bytes()
    one_scored, many_scored = (
        sorted(zip(ended.lines("rows"), ended.lines("predictions"), strict=True))
        for ended in (one, many)
    )
    assert many_scored == one_scored
    files = json.loads(many.artifact("manifest").read_text())["files"]
    assert [file["name"] for file in files] == ["2.csv", "older/1.csv"]
