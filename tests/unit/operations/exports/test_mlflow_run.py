"""`sentiment export mlflow`: what is in MLflow's store afterwards."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest

from local_runner.execution.record import FAILED, SUCCEEDED, StepExecution
from local_runner.workdir import Workdir
from operations.exports.mlflow_run import ENVIRONMENT
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.files import contents
from tests.support.local_samples import executed

HASH = "ab" * 32
EVALUATION = {
    "binary_classification_metrics": {"accuracy": {"value": 0.75}, "auc": {"value": 0.875}}
}
MANIFEST = {"files": [{"name": "reviews.csv", "sha256": HASH}], "splits": {}}
FILES: dict[str, dict[str, str]] = {
    "evaluation": {"evaluation.json": json.dumps(EVALUATION), "report.html": "<html>"},
    "manifest": {"manifest.json": json.dumps(MANIFEST)},
    "vocabulary": {"vocabulary.json": "{}", "ngram-scores.npy": ""},
}
PARAMETERS = {
    "CodeFile": "c0de.pyz",
    "CodeUri": "s3://sentiment-local/code",
    "Commit": "f00d",
    "DatasetUri": "file:///reviews.csv",
    "MaxDepth": 5,
}


@pytest.fixture(autouse=True)
def _own_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what the command sets for MLflow in this process."""
    for name in (*ENVIRONMENT, "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield
    mlflow.set_tracking_uri(None)


def _execution(workdir: Path, status: str = SUCCEEDED) -> str:
    """The ID of an execution whose outputs are in the work folder."""
    folder = Workdir(workdir)
    outputs = [
        {"OutputName": name, "S3Output": {"S3Uri": f"s3://b/{name}"}} for name in sorted(FILES)
    ]
    for name, files in FILES.items():
        place = folder.store.path(f"s3://b/{name}")
        place.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (place / file).write_text(content)
    model = folder.store.path("s3://b/model/model.tar.gz")
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(b"model")
    train = StepExecution("Train", "Training", SUCCEEDED, "2026-01-01T00:00:00+00:00", 60.0)
    train.properties = {"ModelArtifacts": {"S3ModelArtifacts": "s3://b/model/model.tar.gz"}}
    evaluate = StepExecution("Evaluate", "Processing", SUCCEEDED, "2026-01-01T00:01:00+00:00", 30.0)
    evaluate.properties = {"ProcessingOutputConfig": {"Outputs": outputs}}
    execution_id = executed(workdir, status, train, evaluate)
    record = folder.executions.load(execution_id)
    assert record is not None
    folder.executions.save(replace(record, parameters=PARAMETERS))
    return execution_id


def _export(root: Path, *arguments: str) -> Any:
    words = ("--workdir", str(root / "runs"), "--tracking-uri", (root / "mlruns").as_uri())
    return json_output(invoke("export", "mlflow", *words, "--json", *arguments))


def _runs(root: Path, experiment: str = "sentiment") -> list[Any]:
    client = mlflow.MlflowClient(tracking_uri=(root / "mlruns").as_uri())
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id])) if found else []


def test_run_has_the_parameters_metrics_and_times_of_the_execution(tmp_path: Path) -> None:
    _execution(tmp_path / "runs")
    exported = _export(tmp_path)
    [run] = _runs(tmp_path)
    assert (run.info.run_id, run.info.run_name) == (exported["run_id"], "local-0001")
    assert run.data.params == {"DatasetUri": "file:///reviews.csv", "MaxDepth": "5"}
    assert run.data.metrics == {
        "accuracy": 0.75,
        "auc": 0.875,
        "decision_threshold": 0.5,
        "seconds": 90.0,
        "seconds.Train": 60.0,
        "seconds.Evaluate": 30.0,
    }
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 90_000


def test_tags_identify_commit_code_and_data(tmp_path: Path) -> None:
    _execution(tmp_path / "runs")
    _export(tmp_path)
    [run] = _runs(tmp_path)
    tags = run.data.tags
    assert tags["mlflow.source.git.commit"] == "f00d"
    assert tags["sentiment.code"] == "c0de.pyz"
    assert tags["sentiment.data"] == HASH
    assert tags["sentiment.execution_id"] == "local-0001"


def test_artifacts_are_the_reports_the_vocabulary_and_the_model(tmp_path: Path) -> None:
    _execution(tmp_path / "runs")
    _export(tmp_path)
    [run] = _runs(tmp_path)
    assert set(contents(Path(run.info.artifact_uri.removeprefix("file://")))) == {
        *("evaluation.json", "report.html", "manifest.json", "model/model.tar.gz"),
        *("vocabulary/vocabulary.json", "vocabulary/ngram-scores.npy"),
    }


def test_exporting_again_updates_the_same_run(tmp_path: Path) -> None:
    _execution(tmp_path / "runs")
    first, second = _export(tmp_path), _export(tmp_path)
    assert (first["created"], second["created"]) == (True, False)
    assert first["run_id"] == second["run_id"]
    [run] = _runs(tmp_path)
    client = mlflow.MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    assert len(client.get_metric_history(run.info.run_id, "accuracy")) == 1


def test_executions_of_two_work_folders_are_two_runs(tmp_path: Path) -> None:
    _execution(tmp_path / "runs")
    _export(tmp_path)
    record = Workdir(tmp_path / "runs").executions
    execution = record.load("local-0001")
    assert execution is not None
    record.save(replace(execution, started="2026-01-02T00:00:00+00:00"))
    _export(tmp_path)
    assert [run.info.run_name for run in _runs(tmp_path)] == ["local-0001", "local-0001"]


def test_rejected_model_is_a_failed_run_of_the_given_experiment(tmp_path: Path) -> None:
    _execution(tmp_path / "runs", FAILED)
    _export(tmp_path, "--experiment", "mine", "local-0001")
    assert [run.info.status for run in _runs(tmp_path, "mine")] == ["FAILED"]
    assert _runs(tmp_path) == []


def test_missing_client_is_an_error_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _execution(tmp_path / "runs")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    words = ("--workdir", str(tmp_path / "runs"), "--tracking-uri", str(tmp_path / "mlruns"))
    assert_refused(invoke("export", "mlflow", *words), 1, "mlflow", "`make mlflow`")


@pytest.mark.parametrize("uri", ["nope://me:secret@host/x", "/proc/nope"])
def test_unusable_tracking_uri_is_an_error_without_credentials(tmp_path: Path, uri: str) -> None:
    _execution(tmp_path / "runs")
    words = ("--workdir", str(tmp_path / "runs"), "--tracking-uri", uri)
    result = invoke("export", "mlflow", *words)
    assert_refused(result, 1, "--tracking-uri")
    assert "secret" not in result.stderr


def test_execution_without_an_evaluation_is_refused(tmp_path: Path) -> None:
    executed(tmp_path / "runs", SUCCEEDED)
    words = ("local-0001", "--workdir", str(tmp_path / "runs"), "--tracking-uri", str(tmp_path))
    assert_refused(invoke("export", "mlflow", *words), 1, "local-0001")


@pytest.mark.parametrize(
    "name",
    ["abcdefghij12", "arn:aws:sagemaker:us-east-1:123456789012:pipeline/x/execution/abcdefghij12"],
)
def test_execution_on_aws_is_refused_as_such(name: str) -> None:
    result = invoke("export", "mlflow", name, "--tracking-uri", "mlruns")
    assert_refused(result, 2, name, "on AWS")
