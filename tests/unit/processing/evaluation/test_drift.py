"""Profiles and drift: exact, small for samples of the same kind, large for different reviews."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from processing.evaluation.drift import LENGTH_EDGES, Profile, measure_drift


def reviews(count: int, seed: int, **other: float) -> dict[str, Any]:
    """Return lengths and scores that resemble those of the original reviews."""
    rng = np.random.default_rng(seed)
    words = np.round(np.exp(rng.normal(other.get("log_length", 4.6), 0.6, count))).astype(np.int32)
    known = rng.binomial(words, other.get("known", 0.9)).astype(np.int32)
    scores = rng.beta(other.get("positive", 0.5), 0.5, count)
    return {"words": words, "known": known, "scores": scores}


def profile(*batches: dict[str, Any]) -> dict[str, Any]:
    counted = Profile(0.5)
    for batch in batches:
        counted.add(**batch)
    return counted.as_json()


def measures(reference: dict[str, Any], current: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = measure_drift(reference, current, unscored=0)["measures"]
    return found


def test_profile_doesnt_depend_on_the_batches() -> None:
    whole = reviews(1_000, seed=1)
    for size in (1, 7, 999):
        batches = [
            {name: values[start : start + size] for name, values in whole.items()}
            for start in range(0, 1_000, size)
        ]
        assert profile(*batches) == profile(whole)


def test_lengths_and_scores_are_counted_in_the_bins_of_their_edges() -> None:
    words = np.arange(20_000, dtype=np.int32)
    found = profile({"words": words, "known": words, "scores": np.linspace(0, 1, 20_000)})
    edges = [*LENGTH_EDGES, 20_000]
    assert found["length"]["counts"] == np.diff(edges).tolist()
    assert found["score"]["counts"] == [1_000] * 20


def test_profile_of_no_reviews_has_shares_of_0_and_no_drift() -> None:
    nothing = {name: values[:0] for name, values in reviews(1, seed=1).items()}
    empty = profile(nothing)
    assert (empty["rows"], empty["unknown_words"], empty["positive_share"]) == (0, 0.0, 0.0)
    assert set(measures(profile(reviews(1_000, seed=1)), empty).values()) == {0.0}


def test_score_of_one_half_is_negative_as_in_the_metrics() -> None:
    words = np.ones(2, np.int32)
    scores = np.array([0.5, np.nextafter(0.5, 1)])
    assert profile({"words": words, "known": words, "scores": scores})["positive_share"] == 0.5


def test_stability_index_follows_its_formula() -> None:
    reference, current = (
        profile(reviews(5_000, seed=1)),
        profile(reviews(3_000, seed=2, positive=1)),
    )
    old = [count + 0.5 for count in reference["score"]["counts"]]
    expected = 0.0
    for before, now in zip(old, current["score"]["counts"], strict=True):
        p = before / sum(old)
        q = (now + 100 * p) / 3_100
        expected += (q - p) * math.log(q / p)
    assert measures(reference, current)["score"] == pytest.approx(expected, abs=1e-6)


def test_small_samples_of_the_same_kind_have_little_drift() -> None:
    reference = profile(reviews(25_000, seed=1))
    for count in (1, 3, 10, 30, 100, 300, 1_000, 10_000):
        for seed in range(2, 22):
            found = measures(reference, profile(reviews(count, seed=seed)))
            assert max(found.values()) < 0.1, (count, seed, found)


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
def test_different_reviews_drift_in_the_measure_that_differs(
    measure: str, change: dict[str, float], count: int
) -> None:
    reference = profile(reviews(25_000, seed=1))
    current = profile(reviews(count, seed=2, **change))
    assert measures(reference, current)[measure] > 0.25


def test_max_drift_is_the_largest_measure_and_named() -> None:
    reference = profile(reviews(25_000, seed=1))
    found = measure_drift(reference, profile(reviews(900, seed=2, known=0.5)), unscored=100)
    assert found["status"] == "measured"
    assert found["reason"] is None
    assert found["max_drift"] == max(found["measures"].values())
    assert found["measures"][found["max_drift_measure"]] == found["max_drift"]
    assert (found["rows"], found["unscored"]) == (1_000, 100)
    assert found["measures"]["unscored"] == pytest.approx(100 / 1_100, abs=1e-6)


def test_drift_is_unknown_without_a_comparable_reference_profile() -> None:
    current = profile(reviews(10, seed=1))
    other_bins = {**current, "length": {"edges": [0, 1], "counts": [5, 5]}}
    without, incomparable = (
        measure_drift(reference, current, unscored=2) for reference in (None, other_bins)
    )
    for found in (without, incomparable):
        assert (found["status"], found["max_drift"], found["measures"]) == ("unknown", None, {})
        assert found["max_drift_measure"] is None
        assert (found["rows"], found["unscored"]) == (12, 2)
    assert without["reason"] != incomparable["reason"]
