"""Join: each review's id with its label and probability, in the order in which reviews came.

    predictions, rows -> scores.csv
                      -> a profile of the reviews, beside that of the test set -> drift.json

A row that couldn't be scored has an empty label and an empty probability.
"""

from __future__ import annotations

import argparse
import json
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from processing import names
from processing.arguments import ArgumentParser
from processing.atomic import atomic_path
from processing.errors import DataError
from processing.evaluation.drift import Profile, drift, weight_of
from processing.features.preprocessing import read_preprocessing
from processing.json_files import read_json, write_json
from processing.part_files import pair_parts, read_scores
from processing.row_files import UNUSABLE, Row, csv_field, read_rows

HEADER = "id,label,probability\n"

_ROWS_AT_A_TIME = 4_096
_DIGITS = 6


def parser() -> argparse.ArgumentParser:
    """The command line of the Join job."""
    parser = ArgumentParser(prog="join", description=__doc__, allow_abbrev=False)
    parser.add_argument("--predictions", type=Path, required=True, help="folder of *.out files")
    parser.add_argument("--rows", type=Path, required=True, help="folder of id,words,known")
    parser.add_argument("--version", type=Path, required=True, help="folder that FindModel wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--pipeline", default="", help="whose drift it is, for the log")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError where predictions and rows don't match, row by row."""
    preprocessing = read_preprocessing(options.version)
    evaluation = read_json(options.version / names.EVALUATION_FILE)
    scored = _Scored(preprocessing.labels)
    with (
        atomic_path(options.output / names.SCORES / names.SCORES_FILE) as staging,
        staging.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        file.write(HEADER)
        folders = {"predictions": options.predictions, "rows": options.rows}
        for part in pair_parts(folders):
            scored.write(part["predictions"], part["rows"], file)
    report = scored.drift_from(evaluation.get(names.BASELINE))
    write_json(options.output / names.DRIFT / names.DRIFT_FILE, report)
    _tell(report, options.pipeline)


class _Scored:
    """Reviews as they come together with their scores."""

    def __init__(self, labels: tuple[str, str]) -> None:
        self._labels = [csv_field(label) for label in labels]
        self._profile = Profile()
        self._rows = self._unscored = 0

    def write(self, predictions: Path, rows: Path, file: TextIO) -> None:
        """Writes a line for each row of a part."""
        scores, told = read_scores(predictions), read_rows(rows)
        while True:
            batch_scores = list(islice(scores, _ROWS_AT_A_TIME))
            batch_rows = list(islice(told, _ROWS_AT_A_TIME))
            if len(batch_scores) != len(batch_rows):
                raise DataError(
                    f"{predictions.name}: it has {_more_or_less(batch_scores, batch_rows)} "
                    f"predictions than {rows.name} has rows; every row must be scored exactly once"
                )
            if not batch_rows:
                return
            file.writelines(map(self._line, batch_rows, batch_scores))
            self._count(batch_rows, batch_scores)

    def drift_from(self, baseline: Any) -> dict[str, Any]:
        """What ``drift.json`` holds; without measures if the version has no baseline."""
        current = self._profile.as_json()
        measures = {}
        if baseline is not None:
            # Training skips what can't be used, so the test set has none of it.
            share = self._unscored / max(self._rows, 1)
            unscored = round(weight_of(self._rows) * share, _DIGITS)
            measures = {**drift(baseline, current), "unscored": unscored}
        return {
            names.BASELINE: baseline,
            "current": current,
            names.DRIFT_PATH: max(measures.values(), default=0.0),
            "measures": measures,
            "rows": self._rows,
            "unscored": self._unscored,
        }

    def _line(self, row: Row, score: float) -> str:
        if row.words == UNUSABLE:
            return f"{csv_field(row.id)},,\n"
        return f"{csv_field(row.id)},{self._labels[score > 0.5]},{score:.6f}\n"

    def _count(self, rows: list[Row], scores: list[float]) -> None:
        words = np.array([row.words for row in rows], np.int64)
        known = np.array([row.known for row in rows], np.int64)
        usable = words != UNUSABLE
        self._profile.add(
            words=words[usable], known=known[usable], scores=np.array(scores, np.float64)[usable]
        )
        self._rows += len(rows)
        self._unscored += int((~usable).sum())


def _more_or_less(some: list[Any], others: list[Any]) -> str:
    return "more" if len(some) > len(others) else "fewer"


def _tell(report: dict[str, Any], pipeline: str) -> None:
    print(f"scored {report['rows'] - report['unscored']:,} of {report['rows']:,} rows", flush=True)
    if report[names.BASELINE] is None:
        print("the version's evaluation has no baseline, so no drift was measured", flush=True)
    for name, value in sorted(report["measures"].items()):
        print(f"drift of {name.replace('_', ' ')}: {value:.3f}", flush=True)
    # One JSON object on a line of its own: CloudWatch makes a metric of such lines.
    measured = {
        "drift": report[names.DRIFT_PATH],
        "pipeline": pipeline,
        "rows": report["rows"],
    }
    print(json.dumps(measured, sort_keys=True), flush=True)
