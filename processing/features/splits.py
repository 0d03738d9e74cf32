"""Splits: assignment of the reviews to train, validation and test, seeded and stratified.

A hash of the seed and a review's name decides where the review goes. So the same reviews are in the
same split in the same order on any machine, with any version of NumPy, in whatever order the
archive stores them, and however many machines share the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from processing import names
from processing.corpus.corpus import Corpus
from processing.corpus.string_file import StringFile
from processing.dataset.given_splits import SPLITS
from processing.dataset.hashing import sort_key
from processing.dataset.labels import ARCHIVE_LABELS, Classes
from processing.dataset.reviews import LAYOUT
from processing.errors import DataError, printable
from processing.features.manifest import Duplicates

Rows = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]
Digests = npt.NDArray[np.uint64]

CLASSES = (1, 0)
"""The two labels, in the order in which errors and shares are computed."""

COMPARED_BYTES = 8
"""Bytes of each sort key that are compared first; the others matter only where these are equal."""


@dataclass(frozen=True)
class Splits:
    """Row numbers of the corpus, in the order in which the rows are written.

    validation_is_given: whether the data give the validation set.
    """

    train: Rows
    validation: Rows
    test: Rows
    validation_is_given: bool = False

    def named(self) -> dict[str, Rows]:
        """Return the three splits by name."""
        return {
            names.TRAIN: self.train,
            names.VALIDATION: self.validation,
            names.TEST: self.test,
        }


def count_duplicates(train: Digests, test: Digests) -> Duplicates:
    """Count the repeated texts of two sets, given the digests of their texts."""
    of_train, of_test = np.unique(train), np.unique(test)
    return Duplicates(
        train=len(train) - len(of_train),
        test=len(test) - len(of_test),
        test_texts_in_train=len(np.intersect1d(of_train, of_test, assume_unique=True)),
    )


def split(
    corpus: Corpus, validation_fraction: float, seed: int, compared_bytes: int = COMPARED_BYTES
) -> Splits:
    """Divide the training set into train and validation, unless the validation set is given.

    Train and validation have the same share of both classes, to the row. The test set, and a given
    validation set, stay as they are.
    Raise DataError if a class is missing from the training set, the test set or train, if
    validation would be empty, or if a name occurs twice.
    """
    _require_both_sets(corpus)
    shuffled = _shuffled(corpus.names, seed, compared_bytes)
    of_split = {
        name: shuffled[corpus.splits[shuffled] == SPLITS.index(name)]
        for name in (names.TRAIN, names.VALIDATION, names.TEST)
    }
    if len(of_split[names.VALIDATION]):
        return Splits(**of_split, validation_is_given=True)
    training_set = of_split[names.TRAIN]
    in_validation = _stratified(corpus.labels[training_set], validation_fraction)
    return Splits(
        train=training_set[~in_validation],
        validation=training_set[in_validation],
        test=of_split[names.TEST],
    )


def validation_shares(of_class: Mapping[int, int], fraction: float) -> dict[int, int]:
    """Return how many reviews of each label go to validation; their sum is exact to half a row.

    of_class: the number of training reviews of each label.
    Raise DataError if validation would be empty, or train without both classes.

    >>> validation_shares({1: 3, 0: 2}, 0.4)
    {1: 1, 0: 1}
    """
    total = sum(of_class.values())
    exact = {label: count * fraction for label, count in of_class.items()}
    take = {label: int(share) for label, share in exact.items()}
    missing = int(total * fraction + 0.5) - sum(take.values())
    # The largest remainder gets the next row; of equal ones, that of the positive class.
    by_remainder = sorted(of_class, key=lambda label: (take[label] - exact[label], -label))
    for label in by_remainder[:missing]:
        take[label] += 1
    if not any(take.values()) or any(take[label] == of_class[label] for label in of_class):
        raise DataError(
            f"{total} training reviews with a validation fraction of {fraction} leave validation "
            "empty or train without both classes; give more reviews"
        )
    return take


def require_classes(reviews: Mapping[tuple[str, int], int], classes: Classes) -> None:
    """Raise DataError unless there are reviews of each class in train and in test.

    reviews: their number by (`names.TRAIN` or `names.TEST`, label).
    """
    for subset in (names.TRAIN, names.TEST):
        for label in CLASSES:
            if not reviews.get((subset, label)):
                raise _no_review(subset, classes.labels[label], classes)


def _no_review(subset: str, label: str, classes: Classes) -> DataError:
    if classes.labels == ARCHIVE_LABELS:
        return DataError(
            f"no usable review in {subset}/{label}; expected {LAYOUT}, or a table with two labels"
        )
    name = "training" if subset == names.TRAIN else "test"
    return DataError(
        f"no usable review labelled {printable(label)!r} in the {name} set; give more reviews"
    )


def occurs_twice(name: str) -> DataError:
    """Return the error for a review whose name occurs twice."""
    return DataError(f"{name} occurs twice; give each review once, or ids of their own")


def _shuffled(
    review_names: Sequence[str] | StringFile, seed: int, compared_bytes: int = COMPARED_BYTES
) -> Rows:
    """Return the row numbers in the order of a hash of seed and name.

    Raise DataError if a name occurs twice.

    >>> _shuffled(["train/pos/0_9.txt", "train/pos/1_7.txt", "train/neg/0_3.txt"], seed=0).tolist()
    [2, 1, 0]
    """
    beginnings = (sort_key(name, seed)[:compared_bytes] for name in review_names)
    integers = (int.from_bytes(key, "big") for key in beginnings)
    keys = np.fromiter(integers, np.uint64, len(review_names))
    order = np.argsort(keys)
    ordered = keys[order]
    if np.all(ordered[1:] != ordered[:-1]):
        return order
    known = list(review_names)
    rows = sorted(range(len(known)), key=lambda row: sort_key(known[row], seed))
    if again := [row for before, row in pairwise(rows) if known[before] == known[row]]:
        raise occurs_twice(known[min(again)])
    return np.array(rows, np.int64)


def _stratified(labels: Labels, fraction: float) -> npt.NDArray[np.bool_]:
    """Return a mask of the first ``fraction`` of each class.

    >>> _stratified(np.array([1, 0, 1, 0, 1], dtype=np.uint8), 0.4).astype(int).tolist()
    [1, 1, 0, 0, 0]
    """
    of_class = {label: np.flatnonzero(labels == label) for label in CLASSES}
    take = validation_shares({label: len(rows) for label, rows in of_class.items()}, fraction)
    mask = np.zeros(len(labels), dtype=np.bool_)
    for label, rows in of_class.items():
        mask[rows[: take[label]]] = True
    return mask


def _require_both_sets(corpus: Corpus) -> None:
    require_classes(
        {
            (name, label): int(
                np.count_nonzero((corpus.splits == SPLITS.index(name)) & (corpus.labels == label))
            )
            for name in (names.TRAIN, names.TEST)
            for label in CLASSES
        },
        corpus.classes,
    )
