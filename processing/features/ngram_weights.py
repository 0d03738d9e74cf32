"""Weights of n-grams: what is learned from the train split to score the n-grams of a review.

An n-gram has two weights in log-odds of the positive class: its log-count ratio, as in naive Bayes
(Wang and Manning, 2012), and its weight in a linear model (`features.linear_model`). Those that
fewer than two reviews contain have none. Both are stored as integers, so sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.features.ngrams import NGRAMS

Ngrams = npt.NDArray[np.uint32]
Ratios = npt.NDArray[np.int8]
LinearWeights = npt.NDArray[np.int16]

RATIO_STEPS = 16
WEIGHT_STEPS = 1024
"""How many steps of the integers are one unit of log-odds."""

_RECORD = np.dtype([("ngram", "<u4"), ("ratio", "i1"), ("weight", "<i2")])


@dataclass(frozen=True)
class NgramWeights:
    """The weights of g n-grams, in k tables.

    ngrams: their numbers (`features.ngrams`), ascending, of shape (g,).
    ratios: the log-count ratios, of shape (k, g), in steps of 1/16.
    linear: the weights in the linear model, of shape (k, g), in steps of 1/1024.
    """

    ngrams: Ngrams
    ratios: Ratios
    linear: LinearWeights

    @cached_property
    def positions(self) -> npt.NDArray[np.int32]:
        """The position + 1 of each n-gram by its number, 0 for others; of shape (`NGRAMS`,)."""
        positions = np.zeros(NGRAMS, np.int32)
        positions[self.ngrams] = np.arange(1, len(self.ngrams) + 1)
        return positions

    @property
    def of_folds(self) -> NgramWeights:
        """All tables but the last: those for the rows of train, by fold."""
        return NgramWeights(self.ngrams, self.ratios[:-1], self.linear[:-1])

    @property
    def of_all(self) -> NgramWeights:
        """The last table, for all other text."""
        return NgramWeights(self.ngrams, self.ratios[-1:], self.linear[-1:])


def write_weights(path: Path, weights: NgramWeights) -> None:
    """Write the weights of one table."""
    records = np.empty(len(weights.ngrams), _RECORD)
    records["ngram"], records["ratio"] = weights.ngrams, weights.ratios[0]
    records["weight"] = weights.linear[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, records, allow_pickle=False)


def read_weights(path: Path) -> NgramWeights:
    """Return the weights that `write_weights` wrote. Raise DataError for any other file."""
    try:
        records = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _invalid(path, f"can't be read ({error})") from None
    if not isinstance(records, np.ndarray) or records.dtype != _RECORD or records.ndim != 1:
        raise _invalid(path, "contains no weights of n-grams")
    ngrams = records["ngram"]
    if len(ngrams) and (ngrams[-1] >= NGRAMS or (ngrams[1:] <= ngrams[:-1]).any()):
        raise _invalid(path, "the n-grams aren't in ascending order")
    return NgramWeights(ngrams.copy(), records["ratio"][np.newaxis], records["weight"][np.newaxis])


def _invalid(path: Path, reason: str) -> DataError:
    return DataError(f"{path.name}: {reason}; use the file that Preprocess wrote")
