"""Outputs of other definitions that have names of this project's outputs, but other schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_runner.workdir import Workdir
from operations.local.results import summarize
from tests.support.runner_samples import (
    FakeContainer,
    document,
    execute,
    leave,
    planned,
    processing,
)

ABALONE = {"regression_metrics": {"mse": {"value": 4.9, "standard_deviation": 2.2}}}
GATE = {
    "binary_classification_metrics": {"accuracy": {"value": 0.9, "standard_deviation": "NaN"}},
    "gate": "passed",
}


@pytest.mark.parametrize(
    ("output", "file", "content"),
    [
        ("evaluation", "evaluation.json", ABALONE),
        ("evaluation", "evaluation.json", GATE),
        ("evaluation", "evaluation.json", [0.9]),
        ("evaluation", "evaluation.json", "not a report"),
        ("manifest", "manifest.json", {"files": "train.csv"}),
        ("manifest", "manifest.json", [1]),
        ("drift", "drift.json", {"psi": 0.1}),
        ("drift", "drift.json", 0.1),
    ],
)
def test_output_with_another_schema_is_an_artifact_without_results(
    tmp_path: Path, output: str, file: str, content: Any
) -> None:
    definition = document(processing("Write", outputs={output: f"s3://b/{output}"}))
    program = leave(output, file, json.dumps(content))
    execution = execute(planned(definition), tmp_path, FakeContainer({"Write": program}))
    summary = summarize(execution, Workdir(tmp_path))
    assert summary.status == "Succeeded"
    assert (summary.accuracy, summary.gate, summary.drift, summary.splits) == (None,) * 4
    assert json.loads(Path((summary.artifacts or {})[output]).read_bytes()) == content


def test_output_without_its_main_file_is_an_artifact_as_a_folder(tmp_path: Path) -> None:
    definition = document(processing("Write", outputs={"vocabulary": "s3://b/vocabulary"}))
    program = leave("vocabulary", "words.txt", "good\n")
    execution = execute(planned(definition), tmp_path, FakeContainer({"Write": program}))
    summary = summarize(execution, Workdir(tmp_path))
    assert (Path((summary.artifacts or {})["vocabulary"]) / "words.txt").is_file()
