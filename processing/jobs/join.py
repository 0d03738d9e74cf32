"""Join: writes the scores of new reviews by their ids, and measures drift.

    predictions, rows -> scores.csv
    a profile of the same reviews, the version's reference profile -> drift.json, drift.html

A row that couldn't be scored has an empty label and an empty probability.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.atomic import atomic_path
from processing.evaluation.drift import Profile, measure_drift
from processing.evaluation.predictions import ScoredRows, read_scored_rows
from processing.features.preprocessing import read_preprocessing
from processing.json_files import read_json, write_json
from processing.names import Feedback
from processing.row_files import UNUSABLE, csv_field

HEADER = "id,label,probability\n"


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Join job."""
    parser = ArgumentParser(prog="join", description=__doc__, allow_abbrev=False)
    parser.add_argument("--predictions", type=Path, required=True, help="folder of *.out files")
    parser.add_argument("--rows", type=Path, required=True, help="folder of id,words,known")
    parser.add_argument("--version", type=Path, required=True, help="folder that FindModel wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--pipeline", default="", help="name of the pipeline, for the log")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if predictions and rows don't match."""
    preprocessing = read_preprocessing(options.version)
    evaluation = read_json(options.version / names.EVALUATION_FILE)
    labels = [csv_field(label) for label in preprocessing.labels]
    threshold = names.decision_threshold(evaluation)
    profile, unscored = Profile(threshold), 0
    with (
        atomic_path(options.output / names.SCORES / names.SCORES_FILE) as staging,
        staging.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        file.write(HEADER)
        for part in read_scored_rows(options.predictions, options.rows):
            file.writelines(_lines(part, labels, threshold))
            usable = part.words != UNUSABLE
            profile.add(
                words=part.words[usable], known=part.known[usable], scores=part.scores[usable]
            )
            unscored += int((~usable).sum())
    drift = measure_drift(evaluation.get(names.REFERENCE_PROFILE), profile.as_json(), unscored)
    document = {**drift, **_version(options.version, preprocessing.labels, evaluation)}
    folder = options.output / names.DRIFT
    write_json(folder / names.DRIFT_FILE, document)
    # It loads matplotlib, which needs more memory than the scores.
    from processing.report.scoring.drift_page import render

    (folder / names.DRIFT_PAGE).write_text(render(document), encoding="utf-8")
    _log(drift, options.pipeline)


def _version(
    folder: Path, labels: tuple[str, str], evaluation: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the drift report says about the version: ARN, classes, threshold, accuracy."""
    path = folder / names.VERSION_FILE
    version = read_json(path) if path.is_file() else {}
    accuracy = evaluation.get(names.METRICS, {}).get(names.ACCURACY, {})
    return {
        names.DECISION_THRESHOLD: names.decision_threshold(evaluation),
        names.LABELS: [*labels],
        names.PACKAGE_ARN_PATH: version.get(names.PACKAGE_ARN_PATH),
        Feedback.TEST_ACCURACY: accuracy.get(names.VALUE),
    }


def _lines(rows: ScoredRows, labels: Sequence[str], threshold: float) -> Iterator[str]:
    """Yield a line of ``scores.csv`` for each row."""
    for name, words, score in zip(rows.ids, rows.words.tolist(), rows.scores.tolist()):
        if words == UNUSABLE:
            yield f"{csv_field(name)},,\n"
        else:
            label = labels[names.is_positive(score, threshold)]
            yield f"{csv_field(name)},{label},{score:.6f}\n"


def _log(drift: Mapping[str, Any], pipeline: str) -> None:
    rows, unscored = drift[names.ROWS], drift[names.UNSCORED]
    print(f"scored {rows - unscored:,} of {rows:,} rows", flush=True)
    for name, value in drift[names.MEASURES].items():
        print(f"drift of {name.replace('_', ' ')}: {value:.3f}", flush=True)
    # CloudWatch turns a line that is a JSON object with the key `names.DRIFT` into a metric.
    line = {names.LOG_PIPELINE: pipeline, names.ROWS: rows}
    if drift[names.DRIFT_STATUS] == names.DRIFT_MEASURED:
        line[names.DRIFT] = drift[names.MAX_DRIFT]
        line[names.MAX_DRIFT_MEASURE] = drift[names.MAX_DRIFT_MEASURE]
    else:
        print(f"drift is unknown: {drift[names.DRIFT_REASON]}", flush=True)
        line["drift_status"] = drift[names.DRIFT_STATUS]
    print(json.dumps(line, sort_keys=True), flush=True)
