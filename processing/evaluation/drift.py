"""Drift: how far new reviews are from the test set that a model version was evaluated on.

Evaluate counts the test set in a `Profile`, the version's reference profile; Join counts the new
reviews in another one; `measure_drift` compares them.

Histograms are compared by the population stability index (PSI), sum((q - p) * ln(q / p)) over the
bins, with the shares p of the reference profile and q of the new reviews. By the rule of thumb of
credit scoring, where the index comes from, less than 0.1 means no change and more than 0.25 a large
change. Shares are compared by their absolute difference.

A small sample differs from the reference profile by chance: the PSI of n reviews of the same kind
is about bins / n. So new reviews are first mixed with 100 that have the reference profile. Then the
PSI of reviews of the same kind is at most 0.05 on average, whatever n is, and that of 1,000 reviews
reaches nine tenths of its full value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from processing import names
from processing.evaluation.predictions import Scores, WordCounts

LENGTH_EDGES = (
    *(0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768),
    *(1_024, 1_536, 2_048, 3_072, 4_096),
)
"""Lower bounds of the bins of a review's number of words; the last bin is open.

Two bins for each doubling, because lengths of texts vary by factors: with one, four bins would
contain nine tenths of the original reviews. Constant, so that any two profiles are comparable.
"""

SCORE_BINS = 20
"""Number of bins of equal width; a score of 1 belongs to the last one."""

HISTOGRAMS = ("length", "score")
"""The measures that compare histograms; the others compare shares."""

SMALL_DRIFT, LARGE_DRIFT = 0.1, 0.25
"""The limits of the rule of thumb for histograms."""

_REFERENCE_ROWS_MIXED_IN = 100
_PSEUDOCOUNT = 0.5  # in each bin of the reference profile, so that none is empty
_DIGITS = 6

Shares = npt.NDArray[np.float64]


class Profile:
    """Histograms of the lengths and scores of reviews, in memory that doesn't grow with them.

    threshold: the decision threshold of the version that scores them.

    >>> profile = Profile(0.5)
    >>> words, known = np.array([0, 5, 5], np.int32), np.array([0, 4, 4], np.int32)
    >>> profile.add(words=words, known=known, scores=np.array([0.5, 0.97, 1.0]))
    >>> content = profile.as_json()
    >>> content["length"]["counts"][:6], content["score"]["counts"][-2:]
    ([1, 0, 0, 0, 2, 0], [0, 2])
    >>> content["rows"], content["unknown_words"], content["positive_share"]
    (3, 0.2, 0.666667)
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._lengths = np.zeros(len(LENGTH_EDGES), np.int64)
        self._scores = np.zeros(SCORE_BINS, np.int64)
        self._words = self._known = self._positive = 0

    def add(self, *, words: WordCounts, known: WordCounts, scores: Scores) -> None:
        """Count n reviews.

        words: number of words in each review; known: how many of these are in the vocabulary.
        scores: probabilities of the positive class, in [0, 1]. All of shape (n,).
        """
        lengths = np.searchsorted(LENGTH_EDGES, words, side="right") - 1
        self._lengths += np.bincount(lengths, minlength=len(LENGTH_EDGES))
        bins = np.minimum((scores * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
        self._scores += np.bincount(bins, minlength=SCORE_BINS)
        self._words += int(words.sum(dtype=np.int64))
        self._known += int(known.sum(dtype=np.int64))
        self._positive += int(names.is_positive(scores, self._threshold).sum())

    def as_json(self) -> dict[str, Any]:
        """Return the histograms and shares; a share of nothing is 0."""
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


def measure_drift(
    reference: Mapping[str, Any] | None, current: Mapping[str, Any], unscored: int
) -> dict[str, Any]:
    """Return the drift report, the content of ``drift.json``.

    reference: the version's reference profile, or None if it has none. current: profile of the new
    reviews that were scored. unscored: number of those that weren't.

    Without a comparable reference profile the status is `names.DRIFT_UNKNOWN`, and ``max_drift`` is
    None: no drift was measured, which is not a drift of 0.
    """
    reason = _why_unknown(reference, current)
    measures: dict[str, float] = {}
    if reference is not None and reason is None:
        measures = _measures(reference, current, unscored)
    largest = max(measures, key=lambda name: measures[name]) if measures else None
    return {
        names.REFERENCE_PROFILE: reference,
        names.CURRENT_PROFILE: current,
        names.DRIFT_STATUS: names.DRIFT_UNKNOWN if reason else names.DRIFT_MEASURED,
        names.DRIFT_REASON: reason,
        names.MAX_DRIFT: measures[largest] if largest else None,
        names.MAX_DRIFT_MEASURE: largest,
        names.MEASURES: measures,
        names.ROWS: current["rows"] + unscored,
        names.UNSCORED: unscored,
    }


def _why_unknown(reference: Mapping[str, Any] | None, current: Mapping[str, Any]) -> str | None:
    if reference is None:
        return "the version's evaluation has no reference profile"
    if any(reference[name]["edges"] != current[name]["edges"] for name in HISTOGRAMS):
        return "the version's reference profile has different bins"
    return None


def _measures(
    reference: Mapping[str, Any], current: Mapping[str, Any], unscored: int
) -> dict[str, float]:
    """Return each measure of drift, which is 0 for no drift."""
    weight = _weight(current["rows"])
    rows = current["rows"] + unscored
    return {
        "length": _stability(reference["length"], current["length"], weight),
        "positive_share": _difference(reference, current, "positive_share", weight),
        "score": _stability(reference["score"], current["score"], weight),
        "unknown_words": _difference(reference, current, "unknown_words", weight),
        # Training skips what can't be used, so the test set has none of it.
        "unscored": round(_weight(rows) * unscored / max(rows, 1), _DIGITS),
    }


def _weight(rows: int) -> float:
    """Return the weight of new rows in the mixture with rows of the reference profile.

    >>> _weight(0), _weight(100), _weight(900)
    (0.0, 0.5, 0.9)
    """
    return rows / (rows + _REFERENCE_ROWS_MIXED_IN)


def _stability(reference: Mapping[str, Any], current: Mapping[str, Any], weight: float) -> float:
    """Return the population stability index of two histograms, the current one mixed.

    >>> even, right = {"counts": [50, 50]}, {"counts": [0, 100]}
    >>> _stability(even, even, 0.5), _stability(even, right, 0.5)
    (0.0, 0.274653)
    """
    expected = _shares(np.array(reference["counts"]) + _PSEUDOCOUNT)
    counts = np.array(current["counts"], np.float64)
    mixed = weight * _shares(counts) + (1 - weight) * expected
    index = np.sum((mixed - expected) * np.log(mixed / expected))
    return round(float(index), _DIGITS) + 0.0


def _shares(counts: Shares) -> Shares:
    shares: Shares = counts / max(counts.sum(), 1.0)
    return shares


def _difference(
    reference: Mapping[str, Any], current: Mapping[str, Any], name: str, weight: float
) -> float:
    return round(weight * abs(float(current[name]) - float(reference[name])), _DIGITS)


def _share(part: int, of: int) -> float:
    return round(part / of, _DIGITS) if of else 0.0
