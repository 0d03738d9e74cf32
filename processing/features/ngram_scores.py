"""N-gram scores: eight numbers that say how much the n-grams of a review point to which class.

For the log-count ratios and for the weights of the linear model (`features.ngram_weights`), a
review has the sums of its distinct single words, pairs and triples, and of all. Each is divided by
the square root of the number of n-grams with a ratio other than 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, TokenIds
from processing.features.ngram_weights import RATIO_STEPS, WEIGHT_STEPS, NgramWeights
from processing.features.ngrams import (
    BUCKET_BITS,
    SIZES,
    Hashes,
    distinct_ngrams,
    hashes_of,
    ngrams,
)

SCORE_NAMES = tuple(
    f"{kind}, {of}"
    for kind in ("log-count ratios", "linear model")
    for of in ("words", "pairs", "triples", "all")
)
"""The names of the columns of scores."""

_KINDS = 2
_DECIMALS = 4

NgramScores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NgramScorer:
    """Scores the reviews of a corpus with t terms.

    hashes: of the terms, of shape (t,).
    weights: in k tables. Row i is scored with table i % k.
    """

    hashes: Hashes
    weights: NgramWeights

    def scores(self, ids: TokenIds, lengths: Lengths, first_row: int = 0) -> NgramScores:
        """Return the scores of r reviews, of shape (r, 8), rounded to four decimals.

        ids: the tokens of the reviews, one review after the other. lengths: of shape (r,).
        first_row: the number of the first review's row.
        """
        rows, found = distinct_ngrams(self.hashes[ids], lengths)
        positions = self.weights.positions.take(found)
        known = np.flatnonzero(positions)
        rows, found, positions = rows.take(known), found.take(known), positions.take(known) - 1
        tables, count = (first_row + rows) % len(self.weights.ratios), len(lengths)
        cells = tables * len(self.weights.ngrams) + positions
        ratios, linear = self.weights.ratios.take(cells), self.weights.linear.take(cells)
        groups = rows * len(SIZES) + (found >> BUCKET_BITS)
        add_up = partial(np.bincount, groups, minlength=count * len(SIZES))
        sums = np.empty((count, _KINDS, len(SIZES) + 1))
        sums[:, 0, :-1] = add_up(weights=ratios).reshape(count, len(SIZES)) / RATIO_STEPS
        sums[:, 1, :-1] = add_up(weights=linear).reshape(count, len(SIZES)) / WEIGHT_STEPS
        sums[:, :, -1] = sums[:, :, :-1].sum(axis=2)
        roots = np.sqrt(np.bincount(rows, ratios != 0, count).clip(1))
        scores: NgramScores = sums.reshape(count, len(SCORE_NAMES)) / roots[:, np.newaxis]
        return np.round(scores, _DECIMALS) + 0.0  # turns -0.0 into 0.0


@dataclass(frozen=True)
class WeightedNgram:
    """An n-gram of a text: its number of words, the words, and its weight in the linear model."""

    size: int
    text: str
    weight: float


def weighted_ngrams(words: Sequence[str], weights: NgramWeights) -> list[WeightedNgram]:
    """Return the distinct n-grams of one text whose weight isn't 0, by size, in reading order.

    weights: one table.
    """
    found = []
    lengths = np.array([len(words)], np.int32)
    for number, (first, buckets) in enumerate(ngrams(hashes_of(words), lengths)):
        size = SIZES[number]
        _, once = np.unique(buckets, return_index=True)
        for at in np.sort(once).tolist():
            position = weights.positions[int(buckets[at]) | number << BUCKET_BITS] - 1
            if position >= 0 and (weight := weights.linear[0, position]):
                text = " ".join(words[first[at] : first[at] + size])
                found.append(WeightedNgram(size, text, float(weight) / WEIGHT_STEPS))
    return found
