"""Accuracy by length: groups of about the same size that cover every review once."""

from __future__ import annotations

import numpy as np
import pytest

from processing.evaluation.length_groups import LengthGroup, length_groups
from tests.support.evaluation_samples import predictions_of


def test_groups_cover_every_review_once_and_have_about_the_same_size() -> None:
    rng = np.random.default_rng(2)
    labels, scores = rng.integers(0, 2, 2_000), rng.random(2_000)
    words = rng.permutation(2_000)
    predictions = predictions_of(labels, scores, words)
    groups = length_groups(predictions)
    assert [group.reviews for group in groups] == [200] * 10
    assert [(group.shortest, group.longest) for group in groups] == [
        (200 * number, 200 * number + 199) for number in range(10)
    ]
    for group in groups:
        inside = (words >= group.shortest) & (words <= group.longest)
        assert group.correct == predictions.correct[inside].sum()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([7, 7, 7, 7], [LengthGroup(7, 7, 4, 2)]),
        ([0, 0, 9, 9], [LengthGroup(0, 0, 2, 1), LengthGroup(1, 9, 2, 1)]),
    ],
)
def test_reviews_of_one_length_are_in_one_group(
    words: list[int], expected: list[LengthGroup]
) -> None:
    predictions = predictions_of([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.6], words)
    correct = predictions_of([0, 1, 0, 1], [0.1, 0.2, 0.9, 0.6], words)
    assert [group.reviews for group in length_groups(predictions)] == [
        group.reviews for group in expected
    ]
    assert length_groups(correct) == expected
