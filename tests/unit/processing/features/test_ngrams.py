"""N-grams are numbers that depend on their words alone."""

from __future__ import annotations

import numpy as np
import pytest

from processing.features.ngrams import distinct_ngrams, hashes_of, ngrams
from tests.support.ngram_reference import ngrams_of


def test_buckets_never_change_because_weights_are_stored_by_them() -> None:
    lengths = np.array([4], np.int32)
    found = [
        buckets.tolist() for _, buckets in ngrams(hashes_of("not a good film".split()), lengths)
    ]
    assert found == [
        [381_434, 774_297, 798_038, 1_493_807],
        [1_931_974, 1_666_066, 1_643_264],
        [2_030_251, 813_932],
    ]


@pytest.mark.parametrize("lengths", [[], [0], [1], [2], [0, 1, 0, 2, 3, 0, 7]])
def test_ngrams_dont_cross_the_border_of_a_review(lengths: list[int]) -> None:
    words = [f"word{number % 5}" for number in range(sum(lengths))]
    reviews, at = [], 0
    for length in lengths:
        reviews.append(" ".join(words[at : at + length]))
        at += length
    rows, found = distinct_ngrams(hashes_of(words), np.array(lengths, np.int32))
    assert list(zip(rows.tolist(), found.tolist(), strict=True)) == [
        (row, ngram)
        for size in (1, 2, 3)
        for row, text in enumerate(reviews)
        for ngram in sorted(ngrams_of(text, [size]))
    ]
