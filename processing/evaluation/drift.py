"""How reviews look to a model, and how far new ones are from those that it was measured on.

Evaluate makes a `Profile` of the test set, Join one of new reviews; `drift` compares them.

Two histograms are compared by the population stability index, sum((q - p) * ln(q / p)) over the
bins, with p the baseline's shares and q those of the new reviews. The rule of thumb of credit
scoring, where it comes from: less than 0.1 is no change, more than 0.25 a large one. Two shares are
compared by their difference.

Few reviews differ from many by chance alone: the index of n equal ones is about bins / n. So before
they are compared, new reviews are mixed with 100 that look just like the baseline. What chance does
is then 0.05 on average at most, whatever n, and 1,000 reviews show nine tenths of what they have to
show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError

LENGTH_EDGES = (
    *(0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768),
    *(1_024, 1_536, 2_048, 3_072, 4_096),
)
"""The least number of words in each bin; the last bin is open.

Two bins for each doubling, because lengths of texts spread by factors: with one, four bins would
hold nine tenths of the original reviews. Fixed, so that any two profiles can be compared.
"""

SCORE_BINS = 20
"""Bins of equal width; 1 belongs to the last one."""

_LIKE_THE_BASELINE = 100  # reviews
_IN_EVERY_BIN = 0.5  # of a review, so that the baseline has no empty bin
_DIGITS = 6

Numbers = npt.NDArray[np.integer[Any]]
Scores = npt.NDArray[np.float64]
Shares = npt.NDArray[np.float64]


class Profile:
    """Counts reviews as they come, in memory that doesn't grow with them.

    >>> profile = Profile()
    >>> words, known = np.array([0, 5, 5]), np.array([0, 4, 4])
    >>> profile.add(words=words, known=known, scores=np.array([0.5, 0.97, 1.0]))
    >>> told = profile.as_json()
    >>> told["length"]["counts"][:6], told["score"]["counts"][-2:]
    ([1, 0, 0, 0, 2, 0], [0, 2])
    >>> told["rows"], told["unknown_words"], told["positive_share"]
    (3, 0.2, 0.666667)
    """

    def __init__(self) -> None:
        self._lengths = np.zeros(len(LENGTH_EDGES), np.int64)
        self._scores = np.zeros(SCORE_BINS, np.int64)
        self._words = self._known = self._positive = 0

    def add(self, *, words: Numbers, known: Numbers, scores: Scores) -> None:
        """Counts n reviews.

        words: how many words each one has; known: how many of these are in the vocabulary.
        scores: probabilities of the positive class, in [0, 1]. All of shape (n,).
        """
        lengths = np.searchsorted(LENGTH_EDGES, words, side="right") - 1
        self._lengths += np.bincount(lengths, minlength=len(LENGTH_EDGES))
        bins = np.minimum((scores * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
        self._scores += np.bincount(bins, minlength=SCORE_BINS)
        self._words += int(words.sum(dtype=np.int64))
        self._known += int(known.sum(dtype=np.int64))
        self._positive += int((scores > 0.5).sum())

    def as_json(self) -> dict[str, Any]:
        """The histograms by length and by score, and shares that are 0 where there is nothing."""
        rows = int(self._lengths.sum())
        return {
            "length": {"counts": self._lengths.tolist(), "edges": [*LENGTH_EDGES]},
            "positive_share": _share(self._positive, rows),
            "rows": rows,
            "score": {
                "counts": self._scores.tolist(),
                "edges": [number / SCORE_BINS for number in range(SCORE_BINS)],
            },
            "unknown_words": _share(self._words - self._known, self._words),
        }


def drift(baseline: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, float]:
    """How far two profiles are apart, by four measures; 0 is not at all.

    ``length`` and ``score`` are stability indices, ``unknown_words`` and ``positive_share``
    differences of shares. Raises DataError if the profiles have other bins.

    >>> profile = Profile().as_json()
    >>> drift(profile, profile)
    {'length': 0.0, 'positive_share': 0.0, 'score': 0.0, 'unknown_words': 0.0}
    """
    weight = weight_of(current["rows"])
    return {
        "length": _stability(baseline["length"], current["length"], weight),
        "positive_share": _difference(baseline, current, "positive_share", weight),
        "score": _stability(baseline["score"], current["score"], weight),
        "unknown_words": _difference(baseline, current, "unknown_words", weight),
    }


def weight_of(rows: int) -> float:
    """What part so many rows are of a mixture with those that look like the baseline.

    >>> weight_of(0), weight_of(100), weight_of(900)
    (0.0, 0.5, 0.9)
    """
    return rows / (rows + _LIKE_THE_BASELINE)


def _stability(baseline: Mapping[str, Any], current: Mapping[str, Any], weight: float) -> float:
    """The population stability index of two histograms, with the current one mixed.

    >>> even, right = {"edges": [0, 1], "counts": [50, 50]}, {"edges": [0, 1], "counts": [0, 100]}
    >>> _stability(even, even, 0.5), _stability(even, right, 0.5)
    (0.0, 0.274653)
    """
    if baseline["edges"] != current["edges"]:
        raise DataError("the version was evaluated with other bins; evaluate it with this code")
    of_baseline = _shares(np.array(baseline["counts"]) + _IN_EVERY_BIN)
    counts = np.array(current["counts"], np.float64)
    mixed = weight * _shares(counts) + (1 - weight) * of_baseline
    index = np.sum((mixed - of_baseline) * np.log(mixed / of_baseline))
    return round(float(index), _DIGITS) + 0.0


def _shares(counts: Shares) -> Shares:
    shares: Shares = counts / max(counts.sum(), 1.0)
    return shares


def _difference(
    baseline: Mapping[str, Any], current: Mapping[str, Any], name: str, weight: float
) -> float:
    return round(weight * abs(float(current[name]) - float(baseline[name])), _DIGITS)


def _share(part: int, of: int) -> float:
    return round(part / of, _DIGITS) if of else 0.0
