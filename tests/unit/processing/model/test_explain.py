"""The contributions of n-gram scores are divided among the n-grams of the text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from processing.feature_sets import FEATURE_SETS
from processing.features.ngram_scores import SCORE_NAMES
from processing.features.ngram_weights import WEIGHT_STEPS, NgramWeights
from processing.features.preprocessing import Preprocessing
from processing.model.explain import word_contributions
from processing.names import CSV, LIBSVM
from tests.support.ngram_reference import number_of

WEIGHTS = {"good": 3, "bad": -1, "good film": 2, "not bad film": 1, "boring": -2}
TEXT = "not bad film good film".split()


def explained(feature_format: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Shares of a column of the word "film", of 0.05, and of these scores."""
    numbers = sorted((number_of(text.split()), weight) for text, weight in WEIGHTS.items())
    weights = NgramWeights(
        np.array([number for number, _ in numbers], np.uint32),
        np.ones((1, len(numbers)), np.int8),
        WEIGHT_STEPS * np.array([[weight for _, weight in numbers]], np.int16),
    )
    preprocessing = Preprocessing(FEATURE_SETS["ngrams"], ["film"], feature_format, ("neg", "pos"))
    columns = [0.05, *(scores.get(name, 0.0) for name in SCORE_NAMES)]
    padded = [0.0, *columns, 0.0] if feature_format == LIBSVM else columns
    return dict(word_contributions(TEXT, preprocessing, weights, padded))


@pytest.mark.parametrize("feature_format", [LIBSVM, CSV])
def test_shares_of_ngrams_add_up_to_the_contributions_of_all_scores(feature_format: str) -> None:
    scores = {
        "log-count ratios, words": 0.2,
        "log-count ratios, pairs": 0.1,
        "log-count ratios, triples": 0.3,
        "linear model, words": 0.4,
        "linear model, pairs": 0.1,
        "linear model, all": 1.0,
    }
    shares = explained(feature_format, scores)
    assert shares == pytest.approx(
        {"good": 1.5, "bad": -0.5, "good film": 0.6, "not bad film": 0.5, "film": 0.05}
    )
    assert sum(shares.values()) == pytest.approx(0.05 + sum(scores.values()))


def test_no_ngram_has_a_share_with_the_opposite_sign_of_its_weight() -> None:
    shares = explained(LIBSVM, {"linear model, pairs": -0.4})
    assert {word for word, share in shares.items() if share} == {"film"}
