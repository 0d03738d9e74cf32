"""The scored test set: predictions, labels and rows, part by part and some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from processing import names
from processing.errors import DataError
from processing.evaluation.score_histogram import Labels, Reviews, Scores
from processing.part_files import numbered_lines, pair_parts, read_scores
from processing.row_files import Row, read_rows

_ROWS_AT_A_TIME = 4_096


@dataclass(frozen=True)
class Folders:
    """Where the part files of predictions, labels and rows lie."""

    predictions: Path
    labels: Path
    rows: Path


@dataclass(frozen=True)
class Scored:
    """n reviews of the test set, in the order of their rows.

    scores: float64 in [0, 1]. labels: uint8, 0 or 1. ids: the reviews' names. words: how many were
    counted; known: how many of these the vocabulary has, both int64. All of shape (n,).
    """

    scores: Scores
    labels: Labels
    ids: list[str]
    words: Reviews
    known: Reviews


def read(folders: Folders) -> Iterator[Scored]:
    """All reviews in the order of the parts' names.

    Raises DataError where predictions, labels and rows don't match, line by line.
    """
    where = {
        names.PREDICTIONS: folders.predictions,
        names.LABELS: folders.labels,
        names.ROWS: folders.rows,
    }
    for part in pair_parts(where):
        yield from _part(part[names.PREDICTIONS], part[names.LABELS], part[names.ROWS])


def _part(predictions: Path, labels: Path, rows: Path) -> Iterator[Scored]:
    scores, classes, told = read_scores(predictions), _labels(labels), read_rows(rows)
    read = 0
    while True:
        batch: list[list[Any]] = [
            list(islice(values, _ROWS_AT_A_TIME)) for values in (scores, classes, told)
        ]
        counts = [len(values) for values in batch]
        if len(set(counts)) > 1:
            rest = [sum(1 for _ in values) for values in (scores, classes, told)]
            totals = [read + count + more for count, more in zip(counts, rest)]
            raise _mismatch(predictions, rows, *totals)
        if not counts[0]:
            return
        read += counts[0]
        yield _scored(*batch)


def _scored(scores: list[float], labels: list[int], rows: list[Row]) -> Scored:
    return Scored(
        scores=np.array(scores, np.float64),
        labels=np.array(labels, np.uint8),
        ids=[row.id for row in rows],
        # The test set has no row that can't be scored, but a file that says so is no fault.
        words=np.array([max(row.words, 0) for row in rows], np.int64),
        known=np.array([row.known for row in rows], np.int64),
    )


def _mismatch(predictions: Path, rows: Path, scored: int, labelled: int, told: int) -> DataError:
    if scored != labelled:
        return DataError(
            f"{predictions.name}: {scored:,} predictions for {labelled:,} labels; "
            "every row must be scored exactly once"
        )
    return DataError(
        f"{rows.name}: {told:,} rows for {labelled:,} labels; both must come from one Preprocess"
    )


def _labels(path: Path) -> Iterator[int]:
    for number, line in numbered_lines(path):
        if line not in ("0", "1"):
            raise DataError(f"{path.name}, line {number}: {line[:40]!r} is no label; use 0 or 1")
        yield int(line)
