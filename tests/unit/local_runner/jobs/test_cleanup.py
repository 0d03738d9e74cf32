"""Cleanup steps delete outputs of earlier steps from the object store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.execution.record import StepExecution
from local_runner.inputs import external_inputs
from local_runner.platform.containers import Invocation
from local_runner.workdir import Workdir
from tests.support.files import contents
from tests.support.runner_samples import (
    XGBOOST,
    Document,
    FakeContainer,
    document,
    execute,
    leave,
    output_of,
    planned,
    processing,
    put_object,
)

FOLDER = {"Std:Join": {"On": "/", "Values": [output_of("Prepare", "rows"), "rows.csv"]}}
TRAIN: Document = {
    "Name": "Train",
    "Type": "Training",
    "Arguments": {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    },
}


def clean(*sources: Any, **keys: Any) -> Document:
    arguments = {"Resources": {"S3": list(sources)}}
    return {"Name": "Clean", "Type": "Cleanup", "Arguments": arguments, **keys}


def source(step: str, *uris: Any) -> Document:
    return {"StepName": step, "S3Uris": list(uris)} if uris else {"StepName": step}


def prepare(**keys: Any) -> Document:
    return processing("Prepare", outputs={"rows": "s3://b/rows"}, **keys)


def train(invocation: Invocation) -> None:
    (invocation.opt_ml / "model" / "xgboost-model").write_bytes(b"trees")
    (invocation.opt_ml / "output" / "data" / "notes").write_bytes(b"notes")


def run(root: Path, *steps: Document, **programs: Any) -> StepExecution:
    programs = {"Prepare": leave("rows", "rows.csv", "1\n"), "train": train, **programs}
    execution = execute(planned(document(*steps)), root, FakeContainer(programs))
    return execution.steps["Clean"]


def stored(root: Path) -> list[str]:
    return list(contents(root / "s3"))


def test_listed_objects_of_a_processing_step_are_deleted(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/rows/kept.csv", "2\n")
    cleaned = run(tmp_path, prepare(), clean(source("Prepare", FOLDER, "s3://b/rows/missing")))
    assert cleaned.status == "Succeeded"
    assert cleaned.properties["CleanedSteps"] == ["Prepare"]
    assert stored(tmp_path) == ["b/rows/kept.csv"]


def test_archives_of_a_training_step_are_deleted(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/models/kept", "")
    cleaned = run(tmp_path, TRAIN, clean(source("Train")))
    assert cleaned.properties["CleanedSteps"] == ["Train"]
    assert stored(tmp_path) == ["b/models/kept"]


def test_cached_step_runs_again_after_its_outputs_were_deleted(tmp_path: Path) -> None:
    steps = {**TRAIN, "CacheConfig": {"Enabled": True}}, clean(source("Train"))
    container = FakeContainer({"train": train})
    for _ in range(2):
        execute(planned(document(*steps)), tmp_path, container)
    assert container.ran == ["train", "train"]


def test_step_that_failed_is_skipped(tmp_path: Path) -> None:
    def failing(_: Invocation) -> None:
        raise JobFailed("AlgorithmError: bad")

    cleaned = run(
        tmp_path,
        prepare(),
        clean(source("Prepare", FOLDER), DependsOn=[{"Step": "Prepare", "Trigger": "Any"}]),
        Prepare=failing,
    )
    assert cleaned.status == "Succeeded"
    assert cleaned.properties["SkippedSteps"] == ["Prepare"]


def test_objects_elsewhere_are_not_deleted(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/rows2/kept.csv", "")
    steps = prepare(), clean(source("Prepare", FOLDER, "s3://b/rows2/kept.csv"))
    cleaned = run(tmp_path, *steps)
    assert cleaned.status == "Failed"
    assert "s3://b/rows2/kept.csv" in cleaned.failure_reason
    assert stored(tmp_path) == ["b/rows/rows.csv", "b/rows2/kept.csv"]


def test_mapped_files_are_not_deleted(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("1\n")
    store = Workdir(tmp_path, {"s3://b/own.csv": own}).store
    with pytest.raises(JobFailed, match="mapped"):
        store.delete("s3://b/own.csv")
    assert own.exists()


def test_iterations_clean_up_their_own_steps(tmp_path: Path) -> None:
    item = {"Get": "ForEach.CurrentItem"}
    uri = {"Std:Join": {"On": "/", "Values": ["s3://b", item]}}
    file = {"Std:Join": {"On": "/", "Values": [uri, "rows.csv"]}}
    body = [
        processing("Prepare", outputs={"rows": uri}),
        clean(source("Prepare", file)),
    ]
    arguments = {"IterableItems": ["one", "two"], "MaxConcurrency": 1, "ForEachBody": body}
    loop = {"Name": "Loop", "Type": "ForEach", "Arguments": arguments}
    container = FakeContainer({"Prepare": leave("rows", "rows.csv", "1\n")})
    execution = execute(planned(document(loop)), tmp_path, container)
    assert execution.status == "Succeeded"
    assert execution.steps["Clean-1"].properties["CleanedSteps"] == ["Prepare-1"]
    assert stored(tmp_path) == []


def test_sources_are_dependencies_and_their_objects_no_inputs() -> None:
    plan = planned(document(clean(source("Prepare", "s3://b/rows/rows.csv")), prepare()))
    assert [step.step.name for step in plan.steps] == ["Prepare", "Clean"]
    assert external_inputs(plan) == []


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ((prepare(), clean(source("Prepare"))), "S3Uris"),
        ((TRAIN, clean(source("Train", "s3://b/models/x"))), "S3Uris"),
        ((clean(source("Nothing")),), "Nothing"),
        (
            (
                prepare(),
                clean(source("Prepare", FOLDER), source("Clean2")),
                {
                    "Name": "Clean2",
                    "Type": "Cleanup",
                    "DependsOn": [],
                    "Arguments": {"Resources": {"S3": [source("Prepare", FOLDER)]}},
                },
            ),
            "Clean2",
        ),
        ((clean(),), "Resources.S3"),
        ((clean({"StepName": ""}),), "StepName"),
        ((clean({"StepName": "Prepare", "Uris": []}),), "Uris"),
        ((prepare(), {"Name": "Clean", "Type": "Cleanup", "Arguments": {}}), "Resources"),
        (
            (
                {**TRAIN, "Arguments": {**TRAIN["Arguments"], "VpcConfig": {"Subnets": ["s"]}}},
                clean(source("Train")),
            ),
            "VpcConfig",
        ),
        (
            (
                prepare(),
                clean(source("Prepare", FOLDER)),
                processing("Next", program=("x", {"Get": "Steps.Clean.CleanedSteps"})),
            ),
            "properties",
        ),
    ],
    ids=[
        "listed",
        "found",
        "unknown",
        "type",
        "none",
        "name",
        "key",
        "form",
        "vpc",
        "properties",
    ],
)
def test_sources_that_cannot_be_cleaned_up_are_refused_in_the_plan(
    steps: tuple[Document, ...], named: str
) -> None:
    with pytest.raises(DefinitionError, match=named):
        planned(document(*steps))
