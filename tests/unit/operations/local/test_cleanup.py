"""`sentiment clean` of a work folder: what it deletes and keeps, and that it can be repeated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.workdir import Workdir
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import ARN, register

CODE = "s3://sentiment-local/code"


def cached(name: str) -> str:
    """The name of the file of a cached result."""
    return f"{hashlib.sha256(name.encode()).hexdigest()}.json"


class Folder:
    """A work folder whose executions wrote one file each with Preprocess and Train."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workdir = Workdir(root)

    def write(self, uri: str, text: str = "text") -> Path:
        path = self.workdir.store.path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(
        self,
        status: str = SUCCEEDED,
        *,
        version: int | None = None,
        cached_from: str = "",
        code: str = "one.pyz",
        pipeline: str = "training",
    ) -> str:
        """Add an execution. cached_from: the execution that preprocessed."""
        store = self.workdir.executions
        execution = PipelineExecution(
            store.new_id(), "", {}, "2026-01-01T00:00:00+00:00", status, pipeline=pipeline
        )
        owner = cached_from or execution.execution_id
        rows = f"s3://sentiment-local/executions/{owner}/rows"
        model = f"s3://sentiment-local/models/{execution.execution_id}/model"
        self.write(f"{rows}/part-0.csv")
        self.write(f"{model}/output/model.tar.gz")
        self.write(f"{CODE}/{code}")
        preprocess = {
            "AppSpecification": {"ContainerEntrypoint": ["python3", f"{CODE}/{code}"]},
            "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": rows}}]},
        }
        train = {
            "ModelArtifacts": {"S3ModelArtifacts": f"{model}/output/model.tar.gz"},
            "OutputDataConfig": {"S3OutputPath": "s3://sentiment-local/models"},
        }
        steps = [
            StepExecution("Preprocess", "Processing", SUCCEEDED, properties=preprocess),
            StepExecution("Train", "Training", SUCCEEDED, properties=train),
        ]
        if version:
            arn = {"ModelPackageArn": f"{ARN}/{version}"}
            steps.append(StepExecution("Register", "RegisterModel", SUCCEEDED, properties=arn))
        execution.steps = {step.name: step for step in steps}
        store.save(execution)
        self.cache(execution.execution_id, train)
        return execution.execution_id

    def cache(self, name: str, properties: Any) -> None:
        self.workdir.cache.mkdir(exist_ok=True)
        (self.workdir.cache / cached(name)).write_text(json.dumps(properties))

    def clean(self, *options: str) -> Any:
        return json_output(invoke("clean", "--workdir", str(self.root), "--json", *options))

    @property
    def files(self) -> set[str]:
        """Paths of all files in the object store."""
        found = self.workdir.store.root.rglob("*")
        return {str(it.relative_to(self.workdir.store.root)) for it in found if it.is_file()}

    @property
    def everything(self) -> set[Path]:
        return set(self.root.rglob("*"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "runs")


def test_nothing_is_deleted_without_yes(folder: Folder) -> None:
    folder.run()
    folder.run()
    before = folder.everything
    found = folder.clean()
    assert (found["dry_run"], found["executions"]) == (True, ["local-0001"])
    assert folder.everything == before


def test_older_executions_are_deleted_with_everything_that_only_they_use(folder: Folder) -> None:
    folder.run(FAILED, code="old.pyz")
    folder.run()
    found = folder.clean("--yes")
    assert found["executions"] == ["local-0001"]
    assert folder.files == {
        "sentiment-local/code/one.pyz",
        "sentiment-local/executions/local-0002/rows/part-0.csv",
        "sentiment-local/models/local-0002/model/output/model.tar.gz",
    }
    assert sorted(path.name for path in (folder.root / "executions").iterdir()) == ["local-0002"]
    assert [path.name for path in folder.workdir.cache.iterdir()] == [cached("local-0002")]
    assert [path for path in folder.everything if path.is_dir() and not any(path.iterdir())] == []


def test_cleaning_again_deletes_nothing(folder: Folder) -> None:
    folder.run()
    folder.run()
    folder.clean("--yes")
    before = folder.everything
    again = folder.clean("--yes")
    assert (again["executions"], again["outputs"], again["bytes"]) == ([], [], 0)
    assert folder.everything == before


def test_newest_execution_of_each_pipeline_is_kept(folder: Folder) -> None:
    folder.run(pipeline="other")
    folder.run()
    folder.run()
    assert folder.clean()["executions"] == ["local-0002"]


@pytest.mark.parametrize(
    ("options", "deleted"),
    [
        ((), ["local-0003"]),
        (("--pending",), ["local-0003", "local-0002"]),
        (("--all-versions",), ["local-0004", "local-0003", "local-0002", "local-0001"]),
    ],
    ids=["default", "pending", "all versions"],
)
def test_executions_of_versions_that_may_be_used_are_kept(
    folder: Folder, options: tuple[str, ...], deleted: list[str]
) -> None:
    register(folder.root, "Approved", "PendingManualApproval", "Rejected", "PendingManualApproval")
    for version in (1, 2, 3, 4):
        folder.run(version=version)
    folder.run(FAILED)
    found = folder.clean("--yes", *options)
    assert found["executions"] == deleted
    assert found["versions"] == [f"{ARN}/{int(execution[-1])}" for execution in deleted]
    assert len(found["kept_versions"]) == 4 - len(deleted)
    registered = {path.stem for path in (folder.root / "model-registry").rglob("*.json")}
    assert registered == {arn.rpartition("/")[2] for arn in found["kept_versions"]}


def test_outputs_that_a_kept_execution_took_from_the_cache_are_kept(folder: Folder) -> None:
    folder.run()
    folder.run(cached_from="local-0001")
    folder.clean("--yes")
    assert "sentiment-local/executions/local-0001/rows/part-0.csv" in folder.files
    assert "sentiment-local/models/local-0001/model/output/model.tar.gz" not in folder.files


def test_outputs_of_a_kept_version_are_kept(folder: Folder) -> None:
    register(folder.root, "Approved")
    vocabulary = folder.write("s3://sentiment-local/models/local-0001/vocabulary/vocabulary.json")
    for _ in range(2):
        folder.run()
    assert folder.clean("--yes")["executions"] == ["local-0001"]
    assert vocabulary.is_file()


def test_what_a_kept_execution_has_yet_to_read_is_kept(folder: Folder) -> None:
    """It can be retried."""
    folder.run()
    store = folder.workdir.executions
    rows = "s3://sentiment-local/executions/local-0001/rows"
    given = {"CodeUri": CODE, "CodeFile": "new.pyz", "Rows": rows, "ArtifactsUri": "s3://b"}
    code = folder.write(f"{CODE}/new.pyz")
    store.save(
        PipelineExecution(
            store.new_id(), "", given, "2026-01-02T00:00:00+00:00", FAILED, pipeline="training"
        )
    )
    assert folder.clean("--yes")["executions"] == ["local-0001"]
    assert code.is_file()
    assert folder.workdir.store.path(f"{rows}/part-0.csv").is_file()


def test_uploads_of_programs_that_were_killed_are_deleted(folder: Folder) -> None:
    folder.run()
    with NamedTemporaryFile(dir=folder.workdir.store.staging(), delete=False) as part:
        part.write(b"a part")
    assert folder.clean()["incomplete_uploads"] == [part.name]
    folder.clean("--yes")
    assert not folder.workdir.store.staging_path.exists()


def test_files_that_no_execution_wrote_are_kept(folder: Folder) -> None:
    own = folder.write("s3://bucket/raw/reviews.csv")
    folder.run()
    folder.run()
    folder.clean("--yes")
    assert own.is_file()


def test_files_of_executions_whose_records_are_gone_are_deleted(folder: Folder) -> None:
    orphan = folder.write("s3://sentiment-local/executions/local-0001/rows/part-0.csv")
    (folder.root / "executions/local-0001").mkdir(parents=True)
    folder.run()
    folder.clean("--yes")
    assert not orphan.exists()


def test_unused_datasets_are_deleted(folder: Folder) -> None:
    used, unused, demo = (
        folder.root / "datasets" / name for name in ("a" * 16, "b" * 16, "demo-20-5.tar")
    )
    for path in (used / "used.csv", unused / "unused.csv", demo):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    execution = folder.workdir.executions.load(folder.run())
    assert execution
    execution.parameters = {"DatasetUri": (used / "used.csv").as_uri()}
    folder.workdir.executions.save(execution)
    assert folder.clean("--yes")["datasets"] == [str(unused), str(demo)]
    assert list(used.parent.iterdir()) == [used]


def test_files_of_others_in_the_same_folder_are_kept(folder: Folder) -> None:
    """The current folder may be a work folder."""
    names = ("datasets/reviews.csv", "models/mine.json", "cache/page.json", "s3/notes.txt")
    own = [folder.root / name for name in names]
    for path in own:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    folder.run()
    folder.run()
    folder.clean("--yes", "--all-versions")
    assert [path for path in own if not path.is_file()] == []


@pytest.mark.parametrize("text", ["", "not JSON"])
def test_cached_results_that_cannot_be_used_are_deleted(folder: Folder, text: str) -> None:
    folder.run()
    folder.cache("lambda", {"Result": "s3://elsewhere"})
    folder.cache("gone", {"ModelArtifacts": {"S3ModelArtifacts": "s3://sentiment-local/gone"}})
    (folder.workdir.cache / cached("damaged")).write_text(text)
    folder.clean("--yes")
    left = {path.name for path in folder.workdir.cache.iterdir()}
    assert left == {cached("lambda"), cached("local-0001")}


def test_only_bytes_without_another_link_are_freed(folder: Folder) -> None:
    folder.run()
    for path in folder.workdir.store.root.rglob("*"):
        if path.is_file():
            path.write_text("x" * 10_000)
    folder.run()
    before = folder.clean()["bytes"]
    assert before > 20_000  # the rows and the model, records and cached results
    rows = folder.workdir.store.path("s3://sentiment-local/executions/local-0001/rows/part-0.csv")
    rows.with_name("same.csv").hardlink_to(rows)
    assert folder.clean()["bytes"] == before
    (folder.root / "mine.csv").hardlink_to(rows)
    assert folder.clean()["bytes"] == before - 10_000


def test_running_execution_is_refused_with_the_command_that_stops_it(folder: Folder) -> None:
    execution = folder.run(EXECUTING)
    with folder.workdir.executions.locked(execution):
        result = invoke("clean", "--workdir", str(folder.root), "--yes")
    assert_refused(result, 1, f"sentiment stop {execution} --workdir")


def test_path_that_cannot_be_deleted_is_reported(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *, missing_ok: bool) -> None:
        raise PermissionError(13, "Permission denied")

    folder.run()
    folder.run()
    monkeypatch.setattr(Path, "unlink", refuse)
    result = invoke("clean", "--workdir", str(folder.root), "--yes", "--json")
    assert result.exit_code == 1
    assert "Permission denied" in json_output(result)["failures"].values()


def test_log_streams_are_refused(tmp_path: Path) -> None:
    assert_refused(invoke("clean", "--logs", "--workdir", str(tmp_path)), 2, "--logs")


def test_empty_work_folder_has_nothing_to_delete(tmp_path: Path) -> None:
    result = invoke("clean", "--workdir", str(tmp_path / "none"), "--yes")
    assert (result.exit_code, "nothing to delete" in result.stdout) == (0, True)
