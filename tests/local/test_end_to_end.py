"""The committed definition, run on this machine from the archive to the registered model."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_runs import Run, definition_until, invented_reviews, run

STEPS = [
    "Download",
    "Preprocess",
    "Train",
    "CreateModel",
    "Package",
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
    """The same with a threshold that no model reaches."""
    return run(second.workdir, archive, "NumRound=20", "GateThreshold=0.99999")


def test_every_step_succeeds_and_the_model_learns(first: Run) -> None:
    assert (first.code, first.stderr) == (0, "")
    assert first.summary["status"] == "Succeeded"
    assert first.summary["execution_id"] == "local-0001"
    assert first.statuses == dict.fromkeys(STEPS, "Succeeded")
    assert first.cached == []
    assert 0.8 < first.summary["accuracy"] < 1.0


def test_summary_has_the_path_of_every_output(first: Run) -> None:
    assert sorted(first.summary["artifacts"]) == [
        "evaluation",
        "labels",
        "manifest",
        "model",
        "package",
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


def test_manifest_has_the_rows_of_each_split_and_the_hash_of_the_archive(
    first: Run, archive: Path
) -> None:
    manifest = json.loads(first.artifact("manifest").read_text())
    rows = {name: split["rows"] for name, split in manifest["splits"].items()}
    assert rows == {"train": 240, "validation": 160, "test": 200}
    assert {name: len(first.lines(name)) for name in rows} == rows
    [file] = manifest["files"]
    assert file["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_model_archive_contains_the_model_only(first: Run) -> None:
    with tarfile.open(first.artifact("model")) as archive:
        assert archive.getnames() == ["xgboost-model"]


def test_accuracy_is_that_of_the_predictions(first: Run) -> None:
    labels, predictions = first.lines("labels"), first.lines("predictions")
    assert len(labels) == len(predictions) == 200
    right = sum(
        int(float(score) > 0.5) == int(label)
        for score, label in zip(predictions, labels, strict=True)
    )
    assert first.summary["accuracy"] == pytest.approx(right / 200)


def test_registered_version_refers_to_package_model_manifest_and_vocabulary(first: Run) -> None:
    package = json.loads((first.workdir / "model-registry/sentiment-local/1.json").read_text())
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    (container,) = package["InferenceSpecification"]["Containers"]
    metadata = package["CustomerMetadataProperties"]
    assert sorted(metadata) == ["manifest", "model", "vocabulary"]
    uris = {"model": metadata["model"], "package": container["ModelDataUrl"].rpartition("/")[0]}
    for name, uri in uris.items():
        assert first.workdir / "s3" / uri.removeprefix("s3://") == first.artifact(name)


def test_registered_version_has_a_card_with_the_numbers_of_its_evaluation(first: Run) -> None:
    package = json.loads((first.workdir / "model-registry/sentiment-local/1.json").read_text())
    evaluation = json.loads(first.artifact("evaluation").read_text())
    card = json.loads(package["ModelCard"]["ModelCardContent"])
    [evaluated] = card["evaluation_details"]
    found = {
        item["name"]: item["value"]
        for group in evaluated["metric_groups"]
        for item in group["metric_data"]
    }
    metrics = evaluation["binary_classification_metrics"]
    for name, metric in metrics.items():
        if "value" in metric:
            assert found[name] == metric["value"]
    details = _details_of_the_card(first)
    assert details["dataset SHA-256"] == evaluation["data"]["sha256"]
    assert details["commit"] == package["MetadataProperties"]["CommitId"]
    statistics = package["DriftCheckBaselines"]["ModelDataQuality"]["Statistics"]["S3Uri"]
    assert first.workdir / "s3" / statistics.removeprefix("s3://") == first.artifact("evaluation")
    assert "reference_profile" in evaluation


def test_command_of_the_card_trains_the_same_model(
    first: Run, archive: Path, tmp_path: Path
) -> None:
    details = _details_of_the_card(first)
    command = shlex.split(details["how to reproduce"].rpartition(" && ")[2])
    assert command[:4] == ["sentiment", "run", "--dataset", archive.name]
    parameters = [word for word in command[4:] if word != "--parameter"]
    again = run(tmp_path / "again", archive, *parameters)
    assert again.code == 0, again.stderr
    same = "xgboost-model SHA-256"
    assert _details_of_the_card(again)[same] == details[same]


def _details_of_the_card(registered: Run) -> Any:
    package = json.loads((registered.workdir / "model-registry/sentiment-local/1.json").read_text())
    card = json.loads(package["ModelCard"]["ModelCardContent"])
    return card["additional_information"]["custom_details"]


def test_sandboxes_of_jobs_are_deleted(first: Run) -> None:
    folder = first.workdir / "executions/local-0001"
    files = {"definition.json", "execution.json", "lock", "logs", "request.json"}
    assert {path.name for path in folder.iterdir()} == files


def test_second_run_takes_unchanged_steps_from_the_cache(first: Run, second: Run) -> None:
    assert second.code == 0
    assert second.summary["execution_id"] == "local-0002"
    assert second.cached == ["Download", "Preprocess", "Train", "Package"]
    assert second.artifact("model") == first.artifact("model")
    assert second.summary["accuracy"] == first.summary["accuracy"]


def test_each_execution_registers_a_version(second: Run) -> None:
    assert {"1.json", "2.json"} <= set(second.versions())


def test_execution_below_the_threshold_fails_with_the_measured_accuracy(
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


def test_execution_below_the_threshold_registers_nothing(second: Run, rejected: Run) -> None:
    assert rejected.versions() == ["1.json", "2.json"]


def test_training_parameter_reruns_the_training_only(
    rejected: Run, archive: Path, tmp_path: Path
) -> None:
    definition = definition_until("Train", tmp_path)
    parameters = ("NumRound=20", "Eta=0.3")
    changed = run(rejected.workdir, archive, *parameters, definition=definition)
    assert changed.code == 0
    assert changed.cached == ["Download", "Preprocess"]
    assert changed.artifact("model") != rejected.artifact("model")


def test_csv_features_work_from_end_to_end(rejected: Run, archive: Path) -> None:
    ended = run(rejected.workdir, archive, "NumRound=20", "FeatureFormat=text/csv")
    assert ended.code == 0
    assert ended.cached == ["Download"]
    assert ended.summary["accuracy"] > 0.8
    vocabulary = json.loads(ended.artifact("vocabulary").read_text())
    rows = list(csv.reader(ended.lines("train")))
    assert {len(row) for row in rows} == {1 + len(vocabulary["terms"])}
    assert {row[0] for row in rows} == {"0", "1"}
    assert len(ended.lines("predictions")) == 200


def test_folder_gives_the_same_model_and_predictions_as_an_archive(
    first: Run, tmp_path: Path
) -> None:
    for name, text in invented_reviews():
        path = tmp_path / "reviews" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    definition = definition_until("Transform", tmp_path)
    again = run(tmp_path / "runs", tmp_path / "reviews", "NumRound=20", definition=definition)
    assert again.code == 0
    assert again.artifact("model").read_bytes() == first.artifact("model").read_bytes()
    for name in ("train", "validation", "test", "labels", "predictions"):
        assert again.lines(name) == first.lines(name), name
    vocabularies = [ended.artifact("vocabulary").read_bytes() for ended in (first, again)]
    assert vocabularies[0] == vocabularies[1]


def test_several_tables_give_the_same_model_and_predictions_as_one(tmp_path: Path) -> None:
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
    definition = definition_until("Transform", tmp_path)
    one, many = (
        run(tmp_path / f"runs-{name}", tmp_path / name, "NumRound=20", definition=definition)
        for name in ("one", "many")
    )
    assert (many.code, many.stderr) == (0, "")
    assert many.artifact("model").read_bytes() == one.artifact("model").read_bytes()
    scores_of_one, scores_of_many = (
        sorted(zip(ended.lines("rows"), ended.lines("predictions"), strict=True))
        for ended in (one, many)
    )
    assert scores_of_many == scores_of_one
    files = json.loads(many.artifact("manifest").read_text())["files"]
    assert [file["name"] for file in files] == ["2.csv", "older/1.csv"]


def test_given_splits_common_columns_and_merged_labels_reach_the_results(tmp_path: Path) -> None:
    labels = {"pos": ("Rotten", "rotten", "Rotten"), "neg": ("fresh", "fresh", "fresh")}
    rows = [
        (text, labels[name.split("/")[1]][number % 3])
        for number, (name, text) in enumerate(invented_reviews(400, 0))
    ]
    rows.sort()  # by text, so that every file has both classes
    for name, share in (
        ("train-00000-of-00002.csv", rows[:150]),
        ("train-00001-of-00002.csv", rows[150:300]),
        ("validation.csv", rows[300:340]),
        ("test/part.csv", rows[340:]),
        ("unsupervised.csv", [("film", "")]),
    ):
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("Review", "SENTIMENT"), *share])
    ended = run(tmp_path / "runs", tmp_path / "own", "NumRound=20")
    assert (ended.code, ended.stderr) == (0, "")
    manifest = json.loads(ended.artifact("manifest").read_text())
    assert {name: (each["rows"], each["source"]) for name, each in manifest["splits"].items()} == {
        "train": (300, "path"),
        "validation": (40, "path"),
        "test": (60, "path"),
    }
    assert {file["name"]: file["columns"]["text"] for file in manifest["files"]} == dict.fromkeys(
        (
            *("test/part.csv", "train-00000-of-00002.csv", "train-00001-of-00002.csv"),
            "validation.csv",
        ),
        "Review",
    )
    assert ended.summary["positive_class"].startswith("Rotten (of fresh, Rotten); ")
