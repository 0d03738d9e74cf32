"""Profiles and drift: exact, streaming, blind to chance, and large for what is really different."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError
from processing.evaluation.drift import LENGTH_EDGES, Profile, drift


def reviews(count: int, seed: int, **other: float) -> dict[str, Any]:
    """Lengths and scores as those of the original reviews are, about."""
    rng = np.random.default_rng(seed)
    words = np.round(np.exp(rng.normal(other.get("log_length", 4.6), 0.6, count))).astype(np.int64)
    known = rng.binomial(words, other.get("known", 0.9))
    scores = rng.beta(other.get("positive", 0.5), 0.5, count)
    return {"words": words, "known": known, "scores": scores}


def profile(*batches: dict[str, Any]) -> dict[str, Any]:
    counted = Profile()
    for batch in batches:
        counted.add(**batch)
    return counted.as_json()


def test_profile_in_batches_is_that_of_the_whole() -> None:
    whole = reviews(1_000, seed=1)
    for size in (1, 7, 999):
        batches = [
            {name: values[start : start + size] for name, values in whole.items()}
            for start in range(0, 1_000, size)
        ]
        assert profile(*batches) == profile(whole)


def test_every_length_and_score_falls_into_the_bin_that_says_so() -> None:
    words = np.arange(20_000)
    told = profile({"words": words, "known": words, "scores": np.linspace(0, 1, 20_000)})
    edges = [*LENGTH_EDGES, 20_000]
    assert told["length"]["counts"] == np.diff(edges).tolist()
    assert told["score"]["counts"] == [1_000] * 20


def test_profile_of_nothing_divides_by_nothing() -> None:
    nothing = {name: values[:0] for name, values in reviews(1, seed=1).items()}
    told = profile(nothing)
    assert (told["rows"], told["unknown_words"], told["positive_share"]) == (0, 0.0, 0.0)
    assert set(drift(profile(reviews(1_000, seed=1)), told).values()) == {0.0}


def test_score_of_a_half_is_negative_as_in_the_metrics() -> None:
    words = np.ones(2, np.int64)
    scores = np.array([0.5, np.nextafter(0.5, 1)])
    assert profile({"words": words, "known": words, "scores": scores})["positive_share"] == 0.5


def test_stability_index_is_that_of_its_formula() -> None:
    baseline, current = profile(reviews(5_000, seed=1)), profile(reviews(3_000, seed=2, positive=1))
    old = [count + 0.5 for count in baseline["score"]["counts"]]
    expected = 0.0
    for before, now in zip(old, current["score"]["counts"], strict=True):
        p = before / sum(old)
        q = (now + 100 * p) / 3_100
        expected += (q - p) * math.log(q / p)
    assert drift(baseline, current)["score"] == pytest.approx(expected, abs=1e-6)


def test_reviews_of_the_same_kind_never_drift_however_few_they_are() -> None:
    baseline = profile(reviews(25_000, seed=1))
    for count in (1, 3, 10, 30, 100, 300, 1_000, 10_000):
        for seed in range(2, 22):
            measures = drift(baseline, profile(reviews(count, seed=seed)))
            assert max(measures.values()) < 0.1, (count, seed, measures)


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("length", {"log_length": 3.5}),
        ("unknown_words", {"known": 0.5}),
        ("score", {"positive": 5.0}),
        ("positive_share", {"positive": 5.0}),
    ],
)
@pytest.mark.parametrize("count", [300, 10_000])
def test_other_reviews_drift_in_what_is_other(
    measure: str, change: dict[str, float], count: int
) -> None:
    baseline = profile(reviews(25_000, seed=1))
    assert drift(baseline, profile(reviews(count, seed=2, **change)))[measure] > 0.25


def test_profile_with_other_bins_is_refused() -> None:
    new = profile(reviews(10, seed=1))
    old = {**new, "length": {"edges": [0, 1], "counts": [5, 5]}}
    with pytest.raises(DataError, match="with other bins; evaluate it with this code"):
        drift(old, new)
