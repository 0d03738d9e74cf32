"""Ids of strings, and tokens of reviews in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.corpus.token_ids import ReviewTokens


@pytest.fixture
def reviews(tmp_path: Path) -> ReviewTokens:
    """Three tokens, none, and two."""
    path = tmp_path / "ids"
    path.write_bytes(np.array([7, 8, 9, 4_000_000_000, 1], np.uint32).tobytes())
    return ReviewTokens(path, np.array([0, 3, 3]), np.array([3, 0, 2], np.int32))


def test_all_tokens_are_read_one_review_after_the_other(reviews: ReviewTokens) -> None:
    assert reviews.read().tolist() == [7, 8, 9, 4_000_000_000, 1]


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ([2, 0], [4_000_000_000, 1, 7, 8, 9]),
        ([1], []),
        ([], []),
        ([2, 1, 2], [4_000_000_000, 1] * 2),
    ],
)
def test_selected_reviews_are_read_in_the_order_of_the_selection(
    reviews: ReviewTokens, rows: list[int], ids: list[int]
) -> None:
    assert reviews.select(np.array(rows, np.int64)).read().tolist() == ids
