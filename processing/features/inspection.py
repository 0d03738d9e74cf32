"""What is known of a dataset without training: classes, splits, duplicates, lengths, faults."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from processing import names
from processing.dataset.given_splits import TRAIN_OR_TEST, sources_of_splits
from processing.dataset.hashing import sort_key, text_digest
from processing.dataset.labels import classes
from processing.dataset.reviews import Batch, Skipped, Unusable, labelled_text, usable_text
from processing.errors import printable
from processing.features.splits import (
    count_duplicates,
    occurs_twice,
    require_classes,
    validation_shares,
)
from processing.names import TEST, TRAIN, VALIDATION, Inspection

_BOUNDS = (0, 10, 25, 50, 100, 250, 500, 1_000, 2_500)
"""Lower bounds of the histogram's groups of texts, in words."""

_MAX_SKIPPED = 20
_PERCENTILES = {"min": 0, "median": 50, "p95": 95, "max": 100}


class Inspector:
    """Gathers reviews. positive: the label, or `labels.AUTO`; None for reviews to score."""

    def __init__(self, positive: str | None) -> None:
        self._positive = positive
        self._counts: Counter[tuple[str, str]] = Counter()  # by split and label
        self._names, self._words = array("Q"), array("I")
        self._texts = {split: array("Q") for split in (TRAIN, VALIDATION, TEST, TRAIN_OR_TEST)}
        self._skipped: Counter[str] = Counter()
        self._first: list[Skipped] = []
        self.rows = 0

    def add(self, batch: Batch) -> None:
        """Add a batch of reviews."""
        for name, stored, label, split in zip(batch.names, batch.texts, batch.labels, batch.splits):
            self.rows += 1
            text = labelled_text(stored, label) if self._is_labelled else usable_text(stored)
            if isinstance(text, Unusable):
                self._skipped[text.reason] += 1
                if len(self._first) < _MAX_SKIPPED:
                    self._first.append(Skipped(printable(name), text.reason))
                if self._is_labelled:
                    continue
                text = ""
            self._names.append(_key(name))
            self._counts[split, label] += 1
            self._texts[split].append(text_digest(text))
            self._words.append(len(text.split()))

    def require_unique_names(self, again: Iterable[Batch]) -> None:
        """Raise DataError if a name occurs twice; ``again`` are the batches once more."""
        keys, counts = np.unique(np.frombuffer(self._names, np.uint64), return_counts=True)
        if repeated := set(keys[counts > 1].tolist()):
            found = (name for batch in again for name in batch.names if _key(name) in repeated)
            raise occurs_twice(next(found))

    def result(
        self, found_splits: Iterable[tuple[str, str]], fraction: float, *, complete: bool
    ) -> dict[str, Any]:
        """Return what was found, as JSON.

        found_splits: all pairs of a split and a source of some of its reviews. fraction: of the
        training set for validation. complete: whether all reviews were added; then Preprocess
        would refuse what raises DataError here.
        """
        return {
            names.ROWS: self.rows,
            Inspection.COMPLETE: complete,
            Inspection.SKIPPED: {
                names.ROWS: self._skipped.total(),
                Inspection.REASONS: dict(self._skipped.most_common()),
                Inspection.FIRST: [asdict(skip) for skip in self._first],
            },
            Inspection.WORDS: self._lengths(),
            Inspection.NOTES: [],
            **(self._labelled(found_splits, fraction, complete) if self._is_labelled else {}),
        }

    def _labelled(
        self, found_splits: Iterable[tuple[str, str]], fraction: float, complete: bool
    ) -> dict[str, Any]:
        of_label: Counter[str] = Counter()
        for (_, label), count in self._counts.items():
            of_label[label] += count
        # The head may hold one class only.
        found = classes(of_label, self._positive or "") if complete or len(of_label) > 1 else None
        test_is_chosen = complete and not any(split == TEST for split, _ in self._counts)
        undecided = TEST if test_is_chosen else TRAIN
        counts: Counter[tuple[str, int]] = Counter()
        for (split, label), count in self._counts.items():
            number = found.number(label) if found else 0
            counts[undecided if split == TRAIN_OR_TEST else split, number] += count
        is_given = any(split == VALIDATION for split, _ in counts)
        if complete and found:
            require_classes(counts, found)
            if not is_given:
                _take_validation(counts, fraction)
        sources = sources_of_splits(
            found_splits,
            validation_is_given=is_given or not complete,
            test_is_chosen=test_is_chosen,
        )
        names_of_classes = found.labels if found else tuple(of_label)
        splits = {
            split: {
                names.ROWS: sum(counts[split, number] for number in (0, 1)),
                Inspection.CLASSES: {
                    name: counts[split, number] for number, name in enumerate(names_of_classes)
                },
                names.SOURCE: source,
            }
            for split, source in sources.items()
            if source
        }
        return {
            Inspection.CLASSES: list(names_of_classes),
            names.LABELS: found.as_json() if found else None,
            Inspection.SPLITS: splits,
            Inspection.DUPLICATES: self._duplicates(undecided),
            Inspection.NOTES: list(found.messages())[:-1] if found else [],
        }

    @property
    def _is_labelled(self) -> bool:
        return self._positive is not None

    def _duplicates(self, undecided: str) -> dict[str, int]:
        """Return how many texts repeat another of their set, and how many are in both sets."""
        test = self._digests(TEST, *([TRAIN_OR_TEST] if undecided == TEST else []))
        train = self._digests(TRAIN, VALIDATION, *([TRAIN_OR_TEST] if undecided == TRAIN else []))
        return asdict(count_duplicates(train, test))

    def _digests(self, *splits: str) -> npt.NDArray[np.uint64]:
        return np.concatenate([np.frombuffer(self._texts[split], np.uint64) for split in splits])

    def _lengths(self) -> dict[str, Any] | None:
        """Return the distribution of the texts' numbers of words; None without a text."""
        if not self._words:
            return None
        words = np.frombuffer(self._words, np.uint32)
        groups, _ = np.histogram(words, [*_BOUNDS, np.inf])
        return {
            **{
                name: int(np.percentile(words, percentile, method="lower"))
                for name, percentile in _PERCENTILES.items()
            },
            Inspection.HISTOGRAM: [
                [low, int(count)] for low, count in zip(_BOUNDS, groups, strict=True)
            ],
        }


def _take_validation(counts: Counter[tuple[str, int]], fraction: float) -> None:
    """Move the validation set's share of each class out of train."""
    of_class = {number: counts[TRAIN, number] for number in (0, 1)}
    for number, taken in validation_shares(of_class, fraction).items():
        counts[VALIDATION, number] += taken
        counts[TRAIN, number] -= taken


def _key(name: str) -> int:
    return int.from_bytes(sort_key(name, 0)[:8], "big")
