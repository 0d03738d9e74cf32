"""Accuracy by the length of reviews."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processing.evaluation.predictions import Predictions

GROUPS = 10


@dataclass(frozen=True)
class LengthGroup:
    """Reviews of ``shortest`` to ``longest`` words, and how many are classified correctly."""

    shortest: int
    longest: int
    reviews: int
    correct: int


def length_groups(predictions: Predictions) -> list[LengthGroup]:
    """Return up to `GROUPS` groups of about the same size, the shortest reviews first."""
    words = predictions.words
    shares = np.arange(1, GROUPS + 1) / GROUPS
    longest = np.unique(np.quantile(words, shares, method="inverted_cdf")).astype(np.int64)
    shortest = np.append(words.min(), longest[:-1] + 1)
    group = np.searchsorted(longest, words)
    reviews = np.bincount(group, minlength=len(longest))
    correct = np.bincount(group[predictions.correct], minlength=len(longest))
    columns = (shortest, longest, reviews, correct)
    return [LengthGroup(*values) for values in zip(*(column.tolist() for column in columns))]
