"""Evaluate: predictions of the test set against its labels become ``evaluation.json``.

Batch Transform names the predictions of ``part-00000.libsvm`` ``part-00000.libsvm.out``; the
labels of the same rows are in ``part-00000.csv``. Parts are paired by what their names have in
common, so that no order of hosts or files can shift predictions against labels.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from processing import names
from processing.arguments import ArgumentParser, margin
from processing.errors import DataError
from processing.files import part_files, read_json, write_json
from processing.metrics import Labels, Scores, model_quality


def parser() -> argparse.ArgumentParser:
    """The command line of the Evaluate job."""
    parser = ArgumentParser(prog="evaluate", description=__doc__, allow_abbrev=False)
    parser.add_argument("--predictions", type=Path, required=True, help="folder of *.out files")
    parser.add_argument("--labels", type=Path, required=True, help="folder of one label a line")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--pipeline", default="", help="whose accuracy it is, for the log")
    parser.add_argument("--champion", type=Path, help="folder of champion.json, to compare with")
    parser.add_argument("--champion-margin", type=margin, default=0.0, help="how much may be lost")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError where predictions and labels don't match, line by line."""
    labels, scores = _read(options.predictions, options.labels)
    report = {**model_quality(labels, scores), names.TEST_SET: _test_set(labels)}
    if options.champion:
        champion = read_json(options.champion / names.CHAMPION_FILE)
        report[names.CHAMPION] = comparison(report, champion, options.champion_margin)
    write_json(options.output / names.EVALUATION / names.EVALUATION_FILE, report)
    accuracy = report[names.METRICS]["accuracy"]["value"]
    # One JSON object on a line of its own: CloudWatch makes a metric of such lines.
    measured = {"accuracy": accuracy, "pipeline": options.pipeline, "reviews": len(labels)}
    print(json.dumps(measured, sort_keys=True), flush=True)


def comparison(
    report: Mapping[str, Any], champion: Mapping[str, Any], margin: float
) -> dict[str, Any]:
    """The new model beside the champion, and the accuracy that the gate asks of it.

    Without a champion every model will do: the required accuracy is 0. ``same_test_set`` is false
    if the champion was measured on other reviews, and None if its report doesn't tell.
    """
    if not champion:
        return {"model_package_arn": None, "margin": margin, "required": 0.0}
    evaluation = champion["evaluation"]
    accuracy = evaluation[names.METRICS]["accuracy"]["value"]
    test_set = evaluation.get(names.TEST_SET)
    return {
        "accuracy": accuracy,
        "difference": round(report[names.METRICS]["accuracy"]["value"] - accuracy, 10),
        "margin": margin,
        "model_package_arn": champion["model_package_arn"],
        # Rounded as the accuracies are, so that a model without a change is good enough.
        "required": round(accuracy - margin, 10),
        "same_test_set": None if test_set is None else test_set == report[names.TEST_SET],
    }


def _test_set(labels: Labels) -> dict[str, Any]:
    """What tells one test set from another: its size, and its labels in their order."""
    digest = hashlib.sha256(labels.tobytes()).hexdigest()
    return {"labels_sha256": digest, "reviews": len(labels)}


def _read(predictions: Path, labels: Path) -> tuple[Labels, Scores]:
    scores_of = _by_part(predictions, "predictions")
    labels_of = _by_part(labels, "labels")
    if lone := sorted(scores_of.keys() ^ labels_of.keys()):
        side = "labels" if lone[0] in scores_of else "predictions"
        raise DataError(f"{lone[0]}: there are no {side} for this part; score all parts anew")
    all_scores, all_labels = array("d"), array("B")  # 9 bytes a review
    for part in sorted(labels_of):
        part_labels = _labels(labels_of[part])
        part_scores = _scores(scores_of[part])
        if len(part_labels) != len(part_scores):
            raise DataError(
                f"{scores_of[part].name}: {len(part_scores):,} predictions for "
                f"{len(part_labels):,} labels; every row must be scored exactly once"
            )
        all_labels.extend(part_labels)
        all_scores.extend(part_scores)
    if len(set(all_labels)) < 2:
        raise DataError(f"{labels}: all labels are the same; evaluating needs both classes")
    return np.frombuffer(all_labels, np.uint8), np.frombuffer(all_scores, np.float64)


def _by_part(folder: Path, what: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in part_files(folder, what):
        first = files.setdefault(_part(path), path)
        if first != path:
            both = f"{first.relative_to(folder)} and {path.relative_to(folder)}"
            raise DataError(f"{both}: both are {what} of {_part(path)}; leave one of them")
    return files


def _part(path: Path) -> str:
    """What the files of one part have in common.

    >>> _part(Path("predictions/part-00003.libsvm.out")), _part(Path("labels/part-00003.csv"))
    ('part-00003', 'part-00003')
    """
    return path.name.split(".", 1)[0]


def _lines(path: Path) -> list[tuple[int, str]]:
    """The file's lines with their numbers, blank ones left out: AssembleWith=Line adds some."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not text at byte {error.start}") from None
    numbered = enumerate(text.split("\n"), start=1)
    return [(number, line.strip()) for number, line in numbered if line.strip()]


def _scores(path: Path) -> list[float]:
    scores = []
    for number, line in _lines(path):
        try:
            score = float(line)
        except ValueError:
            score = math.nan
        if not 0.0 <= score <= 1.0:
            raise DataError(
                f"{path.name}, line {number}: {line[:40]!r} is no probability; "
                "the model must be trained with binary:logistic"
            )
        scores.append(score)
    return scores


def _labels(path: Path) -> list[int]:
    labels = []
    for number, line in _lines(path):
        if line not in ("0", "1"):
            raise DataError(f"{path.name}, line {number}: {line[:40]!r} is no label; use 0 or 1")
        labels.append(int(line))
    return labels
