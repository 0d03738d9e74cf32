"""The model-quality report beside scikit-learn's metrics and the bootstrap's deviations."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from processing.evaluation.calibration import calibration
from processing.evaluation.metrics import ConfusionMatrix, confusion_matrix, model_quality
from processing.evaluation.score_histogram import ScoreCounts, score_counts

Sample = tuple[np.ndarray, np.ndarray]
CLOSE = {"abs": 1e-9}


def sample(seed: int, count: int = 500, share: float = 0.5, noise: float = 0.25) -> Sample:
    """Labels, and scores that tell something about them; some scores are equal."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < share).astype(np.int64)
    labels[:2] = 0, 1
    scores = np.clip(0.35 + 0.3 * labels + noise * rng.standard_normal(count), 0, 1)
    return labels, scores.round(2)


def counts_of(labels: Any, scores: Any) -> ScoreCounts:
    return score_counts(np.array(scores, np.float64), np.array(labels, np.uint8))


def report(labels: Any, scores: Any) -> dict[str, Any]:
    whole = model_quality(counts_of(labels, scores))
    assert list(whole) == ["binary_classification_metrics"]
    return whole["binary_classification_metrics"]


SAMPLES = {
    "balanced": sample(0),
    "few positives": sample(1, share=0.1),
    "few negatives": sample(2, share=0.9),
    "small": sample(3, count=11),
    "no better than chance": sample(4, noise=5.0),
}


@pytest.mark.parametrize("seen", SAMPLES.values(), ids=SAMPLES.keys())
def test_values_are_those_of_sklearn(seen: Sample) -> None:
    labels, scores = seen
    called = (scores > 0.5).astype(int)
    (tn, fp), (fn, tp) = sk.confusion_matrix(labels, called).tolist()
    got = report(labels, scores)
    assert {
        name: metric["value"] for name, metric in got.items() if "value" in metric
    } == pytest.approx(
        {
            "accuracy": sk.accuracy_score(labels, called),
            "auc": sk.roc_auc_score(labels, scores),
            "f1": sk.f1_score(labels, called),
            "false_negative_rate": fn / (fn + tp),
            "false_positive_rate": fp / (fp + tn),
            "precision": sk.precision_score(labels, called),
            "recall": sk.recall_score(labels, called),
            "true_negative_rate": tn / (fp + tn),
            "true_positive_rate": tp / (fn + tp),
        },
        **CLOSE,
    )
    assert got["confusion_matrix"] == {"0": {"0": tn, "1": fp}, "1": {"0": fn, "1": tp}}


@pytest.mark.parametrize("name", ["balanced", "few positives"])
def test_deviations_are_those_of_the_bootstrap(name: str) -> None:
    labels, scores = SAMPLES[name]
    rng = np.random.default_rng(5)
    drawn: dict[str, list[float]] = {}
    for _ in range(500):
        rows = rng.integers(0, len(labels), len(labels))
        for metric, content in report(labels[rows], scores[rows]).items():
            if "value" in content:
                drawn.setdefault(metric, []).append(content["value"])
    got = report(labels, scores)
    assert {metric: got[metric]["standard_deviation"] for metric in drawn} == {
        metric: pytest.approx(np.std(values), rel=0.2) for metric, values in drawn.items()
    }


def test_the_deviation_of_f1_is_that_of_drawn_counts() -> None:
    labels = np.repeat([1, 1, 0, 0], [180, 90, 90, 40])
    scores = np.repeat([0.9, 0.1, 0.9, 0.1], [180, 90, 90, 40])
    drawn = np.random.default_rng(7).multinomial(400, [0.45, 0.45, 0.1], 50_000)
    right, wrong = drawn[:, 0], drawn[:, 1]
    expected = np.std(2 * right / (2 * right + wrong))
    assert report(labels, scores)["f1"]["standard_deviation"] == pytest.approx(expected, rel=0.03)


def test_a_score_of_exactly_one_half_is_negative() -> None:
    labels, scores = np.array([1, 1, 0, 0]), np.array([0.5, 0.5000001, 0.5, 0.5000001])
    assert confusion_matrix(counts_of(labels, scores)) == ConfusionMatrix(
        true_positive=1, false_positive=1, true_negative=1, false_negative=1
    )


NOTHING = {"value": 0.0, "standard_deviation": 0.0}


def test_without_a_positive_prediction_precision_and_f1_are_zero() -> None:
    got = report([0, 1, 1], [0.1, 0.2, 0.3])
    assert got["precision"] == got["recall"] == got["f1"] == NOTHING
    assert got["confusion_matrix"] == {"0": {"0": 1, "1": 0}, "1": {"0": 2, "1": 0}}
    assert got["auc"]["value"] == 1.0


def test_without_a_right_prediction_every_rate_is_told() -> None:
    got = report([0, 1], [0.9, 0.1])
    assert got["accuracy"] == got["precision"] == got["f1"] == NOTHING
    assert got["auc"] == NOTHING
    assert got["false_positive_rate"]["value"] == 1.0


def test_perfect_predictions_deviate_by_nothing() -> None:
    got = report([0, 1, 0, 1], [0.0, 1.0, 0.1, 0.9])
    certain = {"value": 1.0, "standard_deviation": 0.0}
    assert got["accuracy"] == got["precision"] == got["recall"] == got["f1"] == certain
    assert got["auc"] == certain


def test_equal_scores_have_an_auc_of_one_half() -> None:
    assert report([0, 1, 0, 1], [0.7] * 4)["auc"]["value"] == 0.5


def test_a_short_roc_curve_is_kept_whole() -> None:
    labels, scores = SAMPLES["small"]
    false_rates, true_rates, _ = sk.roc_curve(labels, scores)
    curve = report(labels, scores)["receiver_operating_characteristic_curve"]
    assert curve == {
        "false_positive_rates": pytest.approx(false_rates.tolist(), **CLOSE),
        "true_positive_rates": pytest.approx(true_rates.tolist(), **CLOSE),
    }


def test_a_long_roc_curve_is_thinned_and_keeps_both_ends() -> None:
    rng = np.random.default_rng(6)
    labels, scores = rng.integers(0, 2, 5_000), rng.random(5_000)
    false_rates, true_rates, _ = sk.roc_curve(labels, scores)
    assert len(false_rates) > 1_000
    curve = report(labels, scores)["receiver_operating_characteristic_curve"]
    points = list(zip(curve["false_positive_rates"], curve["true_positive_rates"], strict=True))
    assert len(points) == 200
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert points == sorted(points)
    whole = {
        (round(x, 10), round(y, 10))
        for x, y in zip(false_rates.tolist(), true_rates.tolist(), strict=True)
    }
    assert whole.issuperset(points)


def test_the_report_has_the_names_that_sagemaker_draws() -> None:
    got = report(*SAMPLES["balanced"])
    rates = {
        *("accuracy", "auc", "f1", "precision", "recall"),
        *(f"{kind}_{side}_rate" for kind in ("true", "false") for side in ("positive", "negative")),
    }
    assert set(got) == {
        *rates,
        "confusion_matrix",
        "receiver_operating_characteristic_curve",
    }
    assert {frozenset(got[name]) for name in rates} == {frozenset(["value", "standard_deviation"])}


@pytest.mark.parametrize(
    "seen",
    [
        *SAMPLES.values(),
        (np.array([0, 1]), np.array([0.0, 0.0])),
        (np.array([1, 0, 0]), np.array([0.1, 0.9, 1.0])),
    ],
)
def test_the_report_is_plain_json_without_nan(seen: Sample) -> None:
    got = model_quality(counts_of(*seen))
    assert json.loads(json.dumps(got, allow_nan=False)) == got


@pytest.mark.parametrize("seen", SAMPLES.values(), ids=SAMPLES.keys())
def test_log_loss_and_brier_score_are_those_of_sklearn(seen: Sample) -> None:
    labels, scores = seen
    got = calibration(counts_of(labels, scores))
    assert got["log_loss"] == pytest.approx(sk.log_loss(labels, scores), **CLOSE)
    assert got["brier"] == pytest.approx(sk.brier_score_loss(labels, scores), **CLOSE)


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    labels, scores = [1, 1, 0, 0, 1], [0.75, 0.75, 0.75, 0.05, 0.95]
    got = calibration(counts_of(labels, scores))["expected_calibration_error"]
    assert got == pytest.approx((3 * abs(0.75 - 2 / 3) + 0.05 + 0.05) / 5)
