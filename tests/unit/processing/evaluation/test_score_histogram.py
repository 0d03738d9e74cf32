"""The table of scores: exact while it can be, bounded always."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from sklearn import metrics as sk

from processing.evaluation.metrics import confusion_matrix, model_quality
from processing.evaluation.score_histogram import ScoreTable, score_counts

FEW = 1 << 10


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count).astype(np.uint8)
    return np.clip(0.5 * rng.random(count) + 0.5 * labels * rng.random(count), 0, 1), labels


def test_batches_count_as_all_at_once() -> None:
    scores, labels = drawn(1_000)
    table = ScoreTable()
    for first in range(0, 1_000, 7):
        table.add(scores[first : first + 7], labels[first : first + 7])
    got, expected = table.counts(), score_counts(scores, labels)
    for name in ("scores", "negatives", "positives"):
        assert np.array_equal(getattr(got, name), getattr(expected, name))


def test_asking_in_between_changes_nothing() -> None:
    scores, labels = drawn(100)
    table = ScoreTable()
    table.add(scores[:50], labels[:50])
    assert table.counts().reviews.sum() == 50
    table.add(scores[50:], labels[50:])
    assert np.array_equal(table.counts().scores, score_counts(scores, labels).scores)


def test_more_scores_than_fit_are_rounded_and_all_reviews_still_count() -> None:
    scores, labels = drawn(20_000)
    table = ScoreTable(most=FEW)
    for first in range(0, 20_000, 1_000):
        table.add(scores[first : first + 1_000], labels[first : first + 1_000])
    counts = table.counts()
    assert counts.reviews.sum() == 20_000
    assert np.array_equal(counts.scores * 2**20 % 1, np.zeros(len(counts.scores)))
    exact = score_counts(scores, labels)
    assert confusion_matrix(counts) == confusion_matrix(exact)
    auc = model_quality(counts)["binary_classification_metrics"]["auc"]["value"]
    assert auc == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-6)


@pytest.mark.parametrize(("score", "called"), [(0.5, 0), (np.nextafter(0.5, 1), 1), (1.0, 1)])
def test_rounding_moves_no_score_across_the_middle(score: float, called: int) -> None:
    table = ScoreTable(most=1)
    table.add(np.array([score, 0.1, 0.2]), np.array([1, 0, 0], np.uint8))
    assert confusion_matrix(table.counts()).true_positive == called


def test_memory_does_not_grow_with_the_reviews() -> None:
    table = ScoreTable()
    rng = np.random.default_rng(1)
    size = 1 << 18

    def added(batches: int) -> int:
        tracemalloc.reset_peak()
        for _ in range(batches):
            table.add(rng.random(size), np.ones(size, np.uint8))
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        added(8)  # more distinct scores than the table keeps
        first = added(4)
        assert added(8) < 1.1 * first
        assert first < 150_000_000
    finally:
        tracemalloc.stop()
    assert len(table.counts().scores) <= 2**20 + 1
