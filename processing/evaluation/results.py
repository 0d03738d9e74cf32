"""What one pass over the scored test set leaves, in memory that doesn't grow with it."""

from __future__ import annotations

import base64
import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.evaluation.drift import Profile
from processing.evaluation.predictions import Folders, Scored, read
from processing.evaluation.score_histogram import Reviews, ScoreCounts, ScoreTable

MOST_BITS = 1_000_000
"""So many reviews' bits take 170 kB of the evaluation, which SageMaker reads whole."""

_LENGTHS = 20_001
_MISTAKES = 20


@dataclass(frozen=True)
class Mistake:
    """A review that was told wrong: its score, its label, and how many words it has."""

    id: str
    score: float
    label: int
    words: int


@dataclass(frozen=True)
class Lengths:
    """Reviews by their number of words, the last place being for that many or more.

    reviews: how many there are of each length; right: how many of these were told right. Both
    int64 of one shape.
    """

    reviews: Reviews
    right: Reviews


@dataclass(frozen=True)
class Observed:
    """The test set as it was scored.

    test_set: what tells one test set from another. correct: one bit a review, or None if there are
    more than `MOST_BITS`. mistakes: the worst ones, the worst first.
    """

    scores: ScoreCounts
    lengths: Lengths
    mistakes: list[Mistake]
    test_set: dict[str, Any]
    correct: str | None
    profile: dict[str, Any]


def observe(folders: Folders) -> Observed:
    """Reads all of it. Raises DataError where it doesn't fit together, or has one class only."""
    table, profile, lengths = ScoreTable(), Profile(), _new_lengths()
    identity, bits = _Identity(), _Bits()
    mistakes: list[Mistake] = []
    for batch in read(folders):
        right = (batch.scores > 0.5) == (batch.labels == 1)
        table.add(batch.scores, batch.labels)
        profile.add(words=batch.words, known=batch.known, scores=batch.scores)
        _add_lengths(lengths, batch.words, right)
        identity.add(batch)
        bits.add(right)
        # nlargest keeps the order of equal ones, so a tie goes to the earlier row.
        mistakes = heapq.nlargest(_MISTAKES, [*mistakes, *_wrong(batch, right)], key=_error)
    counts = table.counts()
    if not counts.negatives.any() or not counts.positives.any():
        raise DataError(f"{folders.labels}: all labels are the same; evaluating needs both classes")
    return Observed(
        scores=counts,
        lengths=lengths,
        mistakes=mistakes,
        test_set=identity.as_json(),
        correct=bits.as_text(),
        profile=profile.as_json(),
    )


def correct_bits(text: str, reviews: int) -> npt.NDArray[np.bool_]:
    """Which of so many reviews were told right, as ``Observed.correct`` says it; bool."""
    packed = np.frombuffer(base64.b64decode(text), np.uint8)
    return np.unpackbits(packed, count=reviews).astype(bool)


def _new_lengths() -> Lengths:
    return Lengths(np.zeros(_LENGTHS, np.int64), np.zeros(_LENGTHS, np.int64))


def _add_lengths(lengths: Lengths, words: Reviews, right: npt.NDArray[np.bool_]) -> None:
    places = np.minimum(words, _LENGTHS - 1)
    np.add.at(lengths.reviews, places, 1)
    np.add.at(lengths.right, places[right], 1)


def _wrong(batch: Scored, right: npt.NDArray[np.bool_]) -> Iterable[Mistake]:
    """The batch's worst mistakes, in the order of their rows."""
    errors = np.where(right, 0.0, np.abs(batch.scores - batch.labels))
    worst = np.sort(np.argsort(-errors, kind="stable")[:_MISTAKES])
    for row in worst[errors[worst] > 0].tolist():
        score, label = float(batch.scores[row]), int(batch.labels[row])
        yield Mistake(batch.ids[row], score, label, int(batch.words[row]))


def _error(mistake: Mistake) -> float:
    return abs(mistake.score - mistake.label)


class _Identity:
    """Hashes of the labels and of the ids, both in the order of the rows."""

    def __init__(self) -> None:
        self._labels, self._ids = hashlib.sha256(), hashlib.sha256()
        self._reviews = 0

    def add(self, batch: Scored) -> None:
        self._labels.update(batch.labels.tobytes())
        for name in batch.ids:
            self._ids.update(name.encode("utf-8", "surrogateescape") + b"\0")
        self._reviews += len(batch.ids)

    def as_json(self) -> dict[str, Any]:
        return {
            "ids_sha256": self._ids.hexdigest(),
            "labels_sha256": self._labels.hexdigest(),
            "reviews": self._reviews,
        }


class _Bits:
    """One byte a review, until they are packed, and up to `MOST_BITS` reviews."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._too_many = False

    def add(self, right: npt.NDArray[np.bool_]) -> None:
        self._too_many = self._too_many or len(self._bytes) + len(right) > MOST_BITS
        if not self._too_many:
            self._bytes += right.astype(np.uint8).tobytes()

    def as_text(self) -> str | None:
        if self._too_many:
            return None
        packed = np.packbits(np.frombuffer(self._bytes, np.uint8))
        return base64.b64encode(packed.tobytes()).decode()
