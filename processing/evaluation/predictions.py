"""The scored test set: predictions, labels and rows of the same reviews."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from processing import names
from processing.errors import DataError
from processing.part_files import numbered_lines, pair_parts, read_scores
from processing.row_files import read_rows

MAX_ERRORS = 20

Scores = npt.NDArray[np.float64]
Classes = npt.NDArray[np.uint8]
WordCounts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Order = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class ScoredRows:
    """The n rows of one part file, in their order.

    scores: probabilities of the positive class, float64. words: the number of words in each review,
    or `row_files.UNUSABLE`; known: how many of these are in the vocabulary, both int32. All of
    length n.
    """

    ids: list[str]
    scores: Scores
    words: WordCounts
    known: WordCounts


@dataclass(frozen=True)
class PredictionFolders:
    """Folders with the part files of the predictions, labels and rows of a test set."""

    predictions: Path
    labels: Path
    rows: Path


@dataclass(frozen=True)
class MisclassifiedReview:
    """A review whose score is on the wrong side of the decision threshold."""

    id: str
    score: float
    label: int
    words: int

    @property
    def error(self) -> float:
        """Distance of the score from the label."""
        return abs(self.score - self.label)


@dataclass(frozen=True)
class Predictions:
    """The n scored reviews of a test set, in the order of their rows; both classes occur.

    scores: probabilities of the positive class, float64. labels: 0 or 1, uint8. words: the number
    of words in each review; known: how many of these are in the vocabulary, both int32. All of
    shape (n,). order: the rows in the order of hashes of their ids, which doesn't depend on the
    seed; if an id occurs twice, in their own. ids_sha256: hash of the ids in that order.
    largest_errors: at most `MAX_ERRORS` misclassified reviews, the largest error first; for equal
    errors, the earlier row first. threshold: the decision threshold.
    """

    scores: Scores
    labels: Classes
    words: WordCounts
    known: WordCounts
    order: Order
    ids_sha256: str
    largest_errors: list[MisclassifiedReview]
    threshold: float = names.DecisionThreshold.DEFAULT

    @property
    def predicted(self) -> Flags:
        """Whether each review is predicted positive."""
        predicted: Flags = names.is_positive(self.scores, self.threshold)
        return predicted

    @property
    def correct(self) -> Flags:
        """Whether each review is classified correctly."""
        correct: Flags = self.predicted == (self.labels == 1)
        return correct

    @property
    def test_set(self) -> dict[str, Any]:
        """Size and hashes of the test set: equal if and only if it has the same reviews."""
        return {
            "ids_sha256": self.ids_sha256,
            "labels_sha256": hashlib.sha256(self.labels[self.order].tobytes()).hexdigest(),
            "reviews": len(self.labels),
        }


def read_predictions(folders: PredictionFolders, threshold: float) -> Predictions:
    """Read a test set, part by part in the order of the parts' names.

    threshold: the decision threshold.

    Raise DataError if predictions, labels and rows don't match, or if all labels are the same.
    """
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    errors: list[MisclassifiedReview] = []
    where = {
        names.PREDICTIONS: folders.predictions,
        names.LABELS: folders.labels,
        names.ROWS: folders.rows,
    }
    for part in pair_parts(where):
        rows = _scored_rows(part[names.PREDICTIONS], part[names.ROWS])
        classes = _read_labels(part[names.LABELS], len(rows.ids))
        # nlargest keeps the order of equal items.
        candidates = [*errors, *_misclassified(rows, classes, threshold)]
        errors = heapq.nlargest(MAX_ERRORS, candidates, key=lambda review: review.error)
        parts.append((rows.scores, classes, rows.words, rows.known, _keys(rows.ids)))
    scores, labels, words, known, keys = map(np.concatenate, zip(*parts))
    del parts
    if len(np.unique(labels)) < 2:
        raise DataError(f"{folders.labels}: all labels are the same; evaluation needs both classes")
    order = _order(keys)
    return Predictions(
        scores=scores,
        labels=labels,
        words=np.maximum(words, 0),  # a test set has no unusable row, but one wouldn't be an error
        known=known,
        order=order,
        ids_sha256=hashlib.sha256(keys[order].tobytes()).hexdigest(),
        largest_errors=errors,
        threshold=threshold,
    )


def read_scored_rows(predictions: Path, rows: Path) -> Iterator[ScoredRows]:
    """Read the rows and their scores, part by part in the order of the parts' names.

    Raise DataError if predictions and rows don't match.
    """
    for part in pair_parts({names.PREDICTIONS: predictions, names.ROWS: rows}):
        yield _scored_rows(part[names.PREDICTIONS], part[names.ROWS])


def _scored_rows(predictions: Path, rows: Path) -> ScoredRows:
    scores = np.fromiter(read_scores(predictions), np.float64)
    read = list(read_rows(rows))
    if len(scores) != len(read):
        raise DataError(
            f"{predictions.name}: {len(scores):,} predictions for {len(read):,} rows in "
            f"{rows.name}; every row must be scored exactly once"
        )
    return ScoredRows(
        ids=[row.id for row in read],
        scores=scores,
        words=np.array([row.words for row in read], np.int32),
        known=np.array([row.known for row in read], np.int32),
    )


def _keys(ids: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Return a hash of each id, because millions of strings don't fit into memory."""
    digests = b"".join(
        hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        for name in ids
    )
    return np.frombuffer(digests, "<u8")


def _order(keys: npt.NDArray[np.uint64]) -> Order:
    order = np.argsort(keys).astype(np.uint32)
    ordered = keys[order]
    is_unique = bool((ordered[1:] != ordered[:-1]).all())
    return order if is_unique else np.arange(len(keys), dtype=np.uint32)


def _read_labels(path: Path, rows: int) -> Classes:
    labels = np.fromiter(_labels(path), np.uint8)
    if len(labels) != rows:
        raise DataError(
            f"{path.name}: {len(labels):,} labels for {rows:,} rows; "
            "both must come from the same execution of Preprocess"
        )
    return labels


def _labels(path: Path) -> Iterator[int]:
    for number, line in numbered_lines(path):
        if line not in ("0", "1"):
            raise DataError(
                f"{path.name}, line {number}: the label must be 0 or 1, got {line[:40]!r}"
            )
        yield int(line)


def _misclassified(
    rows: ScoredRows, labels: Classes, threshold: float
) -> Iterator[MisclassifiedReview]:
    """Yield the part's `MAX_ERRORS` largest errors, in the order of the rows."""
    errors = np.abs(rows.scores - labels)
    errors[names.is_positive(rows.scores, threshold) == (labels == 1)] = 0
    largest = np.sort(np.argsort(-errors, kind="stable")[:MAX_ERRORS])
    for row in largest[errors[largest] > 0].tolist():
        yield MisclassifiedReview(
            rows.ids[row], float(rows.scores[row]), int(labels[row]), int(rows.words[row])
        )
