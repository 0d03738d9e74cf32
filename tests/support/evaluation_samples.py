"""Inputs of Evaluate: those of a tiny run, with the test's own predictions, labels and rows."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from processing.evaluation.decision_threshold import fixed_threshold
from processing.evaluation.predictions import Predictions
from processing.jobs import evaluate
from processing.json_files import write_json
from tests.support.scoring_samples import preprocessed, trained

Files = Mapping[str, str | bytes]

LIBSVM = "text/libsvm"
LABELS: Files = {"part-00000.csv": "1\n0\n1\n", "part-00001.csv": "0\n0\n1\n"}
SCORES: Files = {
    "part-00000.libsvm.out": "0.9\n0.2\n0.4\n",
    "part-00001.libsvm.out": "0.6\n0.1\n0.8\n",
}
BALANCED = (
    {"part-00000.csv": "0\n1\n" * 12_500},
    {"part-00000.libsvm.out": "0.1\n0.9\n" * 11_000 + "0.6\n0.7\n" * 1_500},
)
"""Labels and scores of a test set of the article's size."""

GIVEN = ("manifest", "vocabulary", "package", "train", "validation")


@cache
def run_of(features: str = "stems", feature_format: str = LIBSVM) -> Path:
    """Return a folder with the outputs of Preprocess and Package, which tests must not change."""
    folder = Path(tempfile.mkdtemp(prefix="evaluation-"))
    with redirect_stdout(StringIO()):
        out = preprocessed(folder, features, feature_format)
    (out / "package").mkdir()
    trained(out, feature_format, out / "package" / "model.tar.gz")
    write_json(out / "package" / "decision-threshold.json", fixed_threshold(0.5))
    return out


def put(folder: Path, files: Files) -> Path:
    """Write the files, keyed by their paths below the folder, and return the folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_as_bytes(content))
    return folder


def _as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")


def rows_for(labels: Files) -> Files:
    """Return a row with an id of its own for each label, with 10 words of which 9 are known."""
    return {
        name: "".join(
            f"{name[:10]}/{number},10,9\n" for number, _ in enumerate(content.split(), start=1)
        )
        for name, content in labels.items()
    }


def arguments(
    folder: Path,
    scores: Files = SCORES,
    labels: Files = LABELS,
    rows: Files | None = None,
    run: Path | None = None,
) -> list[str]:
    """Write the files below ``folder`` and return the arguments for all inputs."""
    run = run or run_of()
    written = {
        "predictions": put(folder / "predictions", scores),
        "labels": put(folder / "labels", labels),
        "rows": put(folder / "rows", rows_for(labels) if rows is None else rows),
    }
    given = {**written, **{name: run / name for name in GIVEN}}
    return [word for name, path in given.items() for word in (f"--{name}", str(path))]


def evaluated(output: Path, given: list[str], *more: str) -> dict[str, Any]:
    """Run Evaluate and return the content of ``evaluation.json``."""
    evaluate.run(evaluate.parser().parse_args([*given, *more, "--output", str(output)]))
    content = (output / "evaluation" / "evaluation.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(content)
    return found


def measured(output: Path, given: list[str], *more: str) -> dict[str, Any]:
    """Run Evaluate without its report and card, which take most of the time."""
    with (
        patch("processing.report.context.ReportContext.of"),
        patch("processing.report.model_card.write_model_card"),
        patch("processing.report.page.write_report"),
    ):
        return evaluated(output, given, *more)


def page(output: Path) -> str:
    """Return the HTML report that Evaluate wrote."""
    return (output / "evaluation" / "report.html").read_text(encoding="utf-8")


def predictions_of(
    labels: npt.ArrayLike, scores: npt.ArrayLike, words: npt.ArrayLike = 1
) -> Predictions:
    """Return the predictions of a test set, without ids and largest errors."""
    classes = np.array(labels, np.uint8)
    counts = np.broadcast_to(np.array(words, np.int32), classes.shape)
    return Predictions(
        scores=np.array(scores, np.float64),
        labels=classes,
        words=counts,
        known=counts,
        order=np.arange(len(classes), dtype=np.uint32),
        ids_sha256="",
        largest_errors=[],
    )


def champion(folder: Path, evaluation: dict[str, Any], arn: str = "arn:aws:x/sentiment/3") -> Path:
    """Write a ``champion.json`` and return its folder."""
    folder.mkdir()
    content = {"evaluation": evaluation, "model_package_arn": arn} if evaluation else {}
    (folder / "champion.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def changed(run: Path, target: Path, name: str, change: dict[str, Any]) -> Path:
    """Copy a run with other values in one of its JSON files, such as its manifest."""
    shutil.copytree(run, target)
    path = target / name / f"{name}.json"
    content = {**json.loads(path.read_text(encoding="utf-8")), **change}
    path.write_text(json.dumps(content), encoding="utf-8")
    return target


def with_threshold(target: Path, threshold: Mapping[str, Any]) -> Path:
    """Copy a run with another decision threshold, the content of its file."""
    shutil.copytree(run_of(), target)
    write_json(target / "package" / "decision-threshold.json", threshold)
    return target


def as_rows(rows: list[tuple[str, int, int]]) -> str:
    """Return the rows as CSV."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
