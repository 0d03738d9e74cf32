"""Calibration: the bins, and the error that scikit-learn doesn't have."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from processing.evaluation.calibration import calibration_curve, calibration_report

LABELS = np.array([1, 1, 0, 0, 1], np.uint8)
SCORES = np.array([0.75, 0.75, 0.75, 0.05, 0.95])


def test_expected_calibration_error_is_the_mean_distance_weighted_by_reviews() -> None:
    expected = (3 * abs(0.75 - 2 / 3) + 0.05 + 0.05) / 5
    assert calibration_curve(LABELS, SCORES).error == pytest.approx(expected)


def test_sizes_of_the_bins_belong_to_the_bins_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    # Multiples of 0.01 hit the bounds of the bins.
    scores = rng.integers(0, 101, 5_000) / 100
    labels = (rng.random(5_000) < scores).astype(np.uint8)
    curve = calibration_curve(labels, scores)
    assert curve.reviews.sum() == 5_000
    assert curve.scores @ curve.reviews == pytest.approx(scores.sum())
    assert curve.positive_shares @ curve.reviews == pytest.approx(labels.sum())


def test_metrics_are_rounded_values_of_scikit_learn() -> None:
    got = calibration_report(LABELS, SCORES)
    curve = got.pop("curve")
    assert sum(curve["reviews"]) == len(LABELS)
    assert got == {
        "brier": round(sk.brier_score_loss(LABELS, SCORES), 10),
        "expected_calibration_error": round(calibration_curve(LABELS, SCORES).error, 10),
        "log_loss": round(sk.log_loss(LABELS, SCORES), 10),
    }
