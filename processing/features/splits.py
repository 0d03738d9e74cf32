"""Which review goes where: the seeded, stratified, engine-independent split.

A review's place is decided by a hash of the seed and its name. So the same reviews fall into the
same split in the same order on any machine, with any version of NumPy, whatever the order in
which the archive stores them, and however many machines share the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from processing.corpus.corpus import Corpus
from processing.corpus.string_file import TextFile
from processing.dataset.hashing import sort_key
from processing.dataset.labels import ARCHIVE_LABELS
from processing.dataset.reviews import LAYOUT
from processing.errors import DataError, printable

Rows = npt.NDArray[np.int64]

CLASSES = (1, 0)
"""The labels, in the order in which they are looked at."""
_COMPARED = 8  # bytes of each sort key; the rest only decides where these are equal


@dataclass(frozen=True)
class Split:
    """Row numbers of the corpus in the order in which they are written, int64 each."""

    train: Rows
    validation: Rows
    test: Rows

    def named(self) -> dict[str, Rows]:
        """The three splits by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


def split(corpus: Corpus, validation_fraction: float, seed: int) -> Split:
    """The test half stays whole; ``validation_fraction`` of the training half is set apart.

    Both classes keep their share (to the row) in train and validation.
    Raises DataError if a class is missing from a half or from train, if validation would be
    empty, or if a name occurs twice.
    """
    _require_complete(corpus)
    shuffled = _shuffled(corpus.names, seed)
    in_train_half = corpus.in_train_half[shuffled]
    training_half = shuffled[in_train_half]
    chosen = _stratified(corpus.labels[training_half], validation_fraction)
    return Split(
        train=training_half[~chosen],
        validation=training_half[chosen],
        test=shuffled[~in_train_half],
    )


def validation_shares(of_class: Mapping[int, int], fraction: float) -> dict[int, int]:
    """How many of each label's training reviews go to validation; the total is exact to half a row.

    Raises DataError if validation would be empty, or train without both classes.

    >>> validation_shares({1: 3, 0: 2}, 0.4)
    {1: 1, 0: 1}
    """
    total = sum(of_class.values())
    exact = {label: count * fraction for label, count in of_class.items()}
    take = {label: int(share) for label, share in exact.items()}
    missing = int(total * fraction + 0.5) - sum(take.values())
    # The largest remainder gets the next row; between equals, the positive class.
    by_remainder = sorted(of_class, key=lambda label: (take[label] - exact[label], -label))
    for label in by_remainder[:missing]:
        take[label] += 1
    if not any(take.values()) or any(take[label] == of_class[label] for label in of_class):
        raise DataError(
            f"{total} training reviews with a validation fraction of {fraction} leave validation "
            "empty or train without both classes; give more reviews"
        )
    return take


def require_classes(rows: Mapping[tuple[str, int], int], classes: tuple[str, str]) -> None:
    """Raises DataError if there is no review of a half and label; ``rows`` counts them."""
    for half in ("train", "test"):
        for label in CLASSES:
            if not rows.get((half, label)):
                raise _no_review(half, classes[label], classes)


def _no_review(half: str, label: str, classes: tuple[str, str]) -> DataError:
    if classes == ARCHIVE_LABELS:
        return DataError(
            f"no usable review in {half}/{label}; expected {LAYOUT}, or a table with two labels"
        )
    return DataError(
        f"no usable review labelled {printable(label)!r} in the {half} half; give more reviews"
    )


def occurs_twice(name: str) -> DataError:
    """What is said of a review that is there twice."""
    return DataError(f"{name} occurs twice; give each review once, or ids of their own")


def _shuffled(names: Sequence[str] | TextFile, seed: int) -> Rows:
    """The row numbers, ordered by the hash of seed and name. Raises DataError if one comes twice.

    >>> _shuffled(["train/pos/0_9.txt", "train/pos/1_7.txt", "train/neg/0_3.txt"], seed=0).tolist()
    [2, 1, 0]
    """
    beginnings = (sort_key(name, seed)[:_COMPARED] for name in names)
    keys = np.fromiter((int.from_bytes(key, "big") for key in beginnings), np.uint64, len(names))
    order = np.argsort(keys)
    ordered = keys[order]
    if np.all(ordered[1:] != ordered[:-1]):
        return order
    known = list(names)
    rows = sorted(range(len(known)), key=lambda row: sort_key(known[row], seed))
    if again := [row for before, row in pairwise(rows) if known[before] == known[row]]:
        raise occurs_twice(known[min(again)])
    return np.array(rows, np.int64)


def _stratified(labels: npt.NDArray[np.uint8], fraction: float) -> npt.NDArray[np.bool_]:
    """The first ``fraction`` of each class, as a mask.

    >>> _stratified(np.array([1, 0, 1, 0, 1], dtype=np.uint8), 0.4).astype(int).tolist()
    [1, 1, 0, 0, 0]
    """
    of_class = {label: np.flatnonzero(labels == label) for label in CLASSES}
    take = validation_shares({label: len(rows) for label, rows in of_class.items()}, fraction)
    mask = np.zeros(len(labels), dtype=np.bool_)
    for label, rows in of_class.items():
        mask[rows[: take[label]]] = True
    return mask


def _require_complete(corpus: Corpus) -> None:
    halves = {"train": corpus.in_train_half, "test": ~corpus.in_train_half}
    require_classes(
        {
            (half, label): int(np.count_nonzero(in_half & (corpus.labels == label)))
            for half, in_half in halves.items()
            for label in CLASSES
        },
        corpus.classes,
    )
