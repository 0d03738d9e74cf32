"""Executions to compare: evaluations of small test sets with the test's own scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_runner.execution.record import SUCCEEDED, PipelineExecution, StepExecution
from local_runner.workdir import Workdir
from processing.jobs import compare
from tests.support.evaluation_samples import Files, arguments, measured, rows_for

REVIEWS = 200
FOLDERS = ("predictions", "labels", "rows")


def labels(reviews: int = REVIEWS) -> Files:
    """Return alternating labels."""
    return {"part-00000.csv": "0\n1\n" * (reviews // 2)}


def scores(errors: int, reviews: int = REVIEWS, first: int = 0) -> Files:
    """Return scores of which ``errors`` from row ``first`` on are wrong."""
    wrong = range(first, first + errors)
    right = [0.2 + 0.6 * (row % 2) for row in range(reviews)]
    found = [1 - score if row in wrong else score for row, score in enumerate(right)]
    return {"part-00000.libsvm.out": "".join(f"{score:.4f}\n" for score in found)}


def execution(
    folder: Path,
    name: str,
    errors: int,
    *more: str,
    first: int = 0,
    reviews: int = REVIEWS,
    reverse: bool = False,
    run: Path | None = None,
) -> dict[str, Any]:
    """Evaluate a model that misclassifies some reviews; return it as the job reads it.

    reverse: have the reviews in the opposite order. run: see `evaluation_samples.arguments`.
    """
    files = [scores(errors, reviews, first), labels(reviews), rows_for(labels(reviews))]
    if reverse:
        files = list(map(_reversed, files))
    given = arguments(folder / name, files[0], files[1], files[2], run)
    measured(folder / name / "out", given, *more)
    return {
        **{output: str(folder / name / output) for output in FOLDERS},
        "evaluation": str(folder / name / "out" / "evaluation"),
        "environment": "local",
        "name": name,
        "parameters": {"MaxDepth": 5},
        "started": "2026-11-29T20:00:00+00:00",
        "status": "Succeeded",
    }


def _reversed(files: Files) -> Files:
    return {name: "\n".join(str(text).split()[::-1]) + "\n" for name, text in files.items()}


def compared(folder: Path, executions: Sequence[dict[str, Any]], *more: str) -> dict[str, Any]:
    """Run the job Compare and return the content of ``comparison.json``."""
    folder.mkdir(exist_ok=True)
    request = folder / "executions.json"
    request.write_text(json.dumps({"executions": executions}))
    words = ["--executions", str(request), "--output", str(folder), *more]
    compare.run(compare.parser().parse_args(words))
    found: dict[str, Any] = json.loads((folder / "comparison.json").read_text())
    return found


def local_execution(
    workdir: Path, errors: int | None, parameters: dict[str, Any], *, reason: str = ""
) -> str:
    """Store an execution with an evaluation in a work folder; return its ID.

    errors: None for an execution whose training failed with ``reason``.
    """
    store = Workdir(workdir).executions
    record = PipelineExecution(
        store.new_id(), "", {"DatasetUri": "file:///own.csv", **parameters}, "2026-11-29T20:00:00"
    )
    place = f"s3://sentiment-local/{record.execution_id}"
    outputs = {}
    if errors is not None:
        folder = workdir / "s3" / "sentiment-local" / record.execution_id
        measured(folder, arguments(folder, scores(errors), labels()))
        outputs = {name: f"{place}/{name}" for name in (*FOLDERS, "evaluation")}
    listed = [{"OutputName": name, "S3Output": {"S3Uri": uri}} for name, uri in outputs.items()]
    step = StepExecution(
        "Evaluate" if outputs else "Train",
        "Processing",
        SUCCEEDED if outputs else "Failed",
        failure_reason=reason,
        properties={"ProcessingOutputConfig": {"Outputs": listed}},
    )
    record.steps, record.status = {step.name: step}, step.status
    store.save(record)
    return record.execution_id
