"""Intervals of differences of metrics, compared with what is known of them by other means."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from processing.evaluation.accuracy_difference import compare_correct
from processing.evaluation.metric_differences import METRICS, influence, margin
from processing.evaluation.predictions import Predictions
from processing.evaluation.significance import Z95
from tests.support.evaluation_samples import predictions_of

ROWS = 400


def predictions(seed: int, noise: float, rows: int = ROWS) -> Predictions:
    """Scores of the same reviews; the lower the noise, the better."""
    labels = np.arange(rows) % 2
    scores = labels * 0.4 + 0.3 + np.random.default_rng(seed).normal(0, noise, rows)
    return predictions_of(labels, np.clip(np.round(scores, 2), 0.01, 0.99))


def value(metric: str, found: Predictions, rows: np.ndarray) -> float:
    """The metric of some of the reviews, by scikit-learn."""
    labels, scores, predicted = found.labels[rows], found.scores[rows], found.predicted[rows]
    functions = {
        "accuracy": lambda: sk.accuracy_score(labels, predicted),
        "auc": lambda: sk.roc_auc_score(labels, scores),
        "brier": lambda: sk.brier_score_loss(labels, scores),
        "f1": lambda: sk.f1_score(labels, predicted),
        "log_loss": lambda: sk.log_loss(labels, scores),
        "precision": lambda: sk.precision_score(labels, predicted),
        "recall": lambda: sk.recall_score(labels, predicted),
    }
    return float(functions[metric]())


@pytest.mark.parametrize("metric", METRICS)
def test_influence_of_a_review_is_what_the_metric_loses_without_it(metric: str) -> None:
    found = predictions(1, 0.3)
    everything = np.arange(ROWS)
    whole = value(metric, found, everything)
    without = [value(metric, found, np.delete(everything, row)) for row in range(0, ROWS, 20)]
    expected = [(ROWS - 1) * (whole - other) for other in without]
    terms = influence(metric, found)
    assert terms.mean() == pytest.approx(0, abs=1e-12)
    assert terms[::20].tolist() == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("metric", METRICS)
def test_interval_contains_95_percent_of_the_differences_of_resampled_test_sets(
    metric: str,
) -> None:
    one, other = predictions(1, 0.3), predictions(2, 0.35)
    rng = np.random.default_rng(0)
    samples = (rng.integers(0, ROWS, ROWS) for _ in range(200))
    differences = [value(metric, one, rows) - value(metric, other, rows) for rows in samples]
    half = margin(metric, one, other, paired=True)
    assert half == pytest.approx(Z95 * np.std(differences), rel=0.2)


def test_paired_interval_of_the_accuracy_is_that_of_mcnemars_test() -> None:
    one, other = predictions(1, 0.3), predictions(2, 0.4)
    difference = compare_correct(one.correct, other.correct).difference
    half = margin("accuracy", one, other, paired=True)
    assert (difference.high - difference.low) / 2 == pytest.approx(half)


def test_intervals_of_models_with_the_same_difficult_reviews_are_narrower_if_paired() -> None:
    one, rng = predictions(1, 0.3), np.random.default_rng(3)
    other = predictions_of(one.labels, np.clip(one.scores + rng.normal(0, 0.02, ROWS), 0.01, 0.99))
    for metric in METRICS:
        paired = margin(metric, one, other, paired=True)
        assert paired < margin(metric, one, other, paired=False) / 2


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_constant_scores_have_an_interval(score: float) -> None:
    constant, other = (
        predictions_of([0, 1] * 5, [score] * 10),
        predictions_of([0, 1] * 5, [0.5] * 10),
    )
    for metric in METRICS:
        assert np.isfinite(margin(metric, constant, other, paired=True))
