"""The model-quality report: its values, and its deviations compared with the bootstrap."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics as sk

from processing.evaluation.metrics import (
    CURVE_POINTS,
    average_precision,
    model_quality,
    precision_recall_curve,
)
from tests.support.clean_room import ROOT
from tests.support.evaluation_samples import predictions_of

Sample = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


def sample(seed: int, count: int = 500, share: float = 0.5, noise: float = 0.25) -> Sample:
    """Return labels, and scores that correlate with them, some of which are equal."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < share).astype(np.int64)
    labels[:2] = 0, 1
    scores = np.clip(0.35 + 0.3 * labels + noise * rng.standard_normal(count), 0, 1)
    return labels, scores.round(2)


def report(labels: npt.ArrayLike, scores: npt.ArrayLike) -> dict[str, Any]:
    whole = model_quality(predictions_of(labels, scores))
    assert list(whole) == ["binary_classification_metrics"]
    metrics: dict[str, Any] = whole["binary_classification_metrics"]
    return metrics


SAMPLES = {
    "balanced": sample(0),
    "few positives": sample(1, share=0.1),
    "few negatives": sample(2, share=0.9),
    "small": sample(3, count=11),
    "no better than chance": sample(4, noise=5.0),
}


@pytest.mark.parametrize("seen", SAMPLES.values(), ids=SAMPLES.keys())
def test_each_value_is_the_metric_of_its_name(seen: Sample) -> None:
    labels, scores = seen
    predicted = (scores > 0.5).astype(int)
    (tn, fp), (fn, tp) = sk.confusion_matrix(labels, predicted).tolist()
    got = report(labels, scores)
    assert {
        name: metric["value"] for name, metric in got.items() if "value" in metric
    } == pytest.approx(
        {
            "accuracy": sk.accuracy_score(labels, predicted),
            "auc": sk.roc_auc_score(labels, scores),
            "f1": sk.f1_score(labels, predicted),
            "false_negative_rate": fn / (fn + tp),
            "false_positive_rate": fp / (fp + tn),
            "precision": sk.precision_score(labels, predicted),
            "recall": sk.recall_score(labels, predicted),
            "true_negative_rate": tn / (fp + tn),
            "true_positive_rate": tp / (fn + tp),
        },
        abs=1e-9,
    )
    assert got["confusion_matrix"] == {"0": {"0": tn, "1": fp}, "1": {"0": fn, "1": tp}}


@pytest.mark.parametrize("name", ["balanced", "few positives"])
def test_standard_deviations_are_close_to_the_bootstrap(name: str) -> None:
    labels, scores = SAMPLES[name]
    rng = np.random.default_rng(5)
    drawn: dict[str, list[float]] = {}
    for _ in range(200):
        rows = rng.integers(0, len(labels), len(labels))
        for metric, content in report(labels[rows], scores[rows]).items():
            if "value" in content:
                drawn.setdefault(metric, []).append(content["value"])
    got = report(labels, scores)
    assert {metric: got[metric]["standard_deviation"] for metric in drawn} == {
        metric: pytest.approx(np.std(values), rel=0.2) for metric, values in drawn.items()
    }


def test_standard_deviation_of_f1_is_close_to_that_of_multinomial_counts() -> None:
    labels = np.repeat([1, 1, 0, 0], [180, 90, 90, 40])
    scores = np.repeat([0.9, 0.1, 0.9, 0.1], [180, 90, 90, 40])
    drawn = np.random.default_rng(7).multinomial(400, [0.45, 0.45, 0.1], 50_000)
    correct, wrong = drawn[:, 0], drawn[:, 1]
    expected = np.std(2 * correct / (2 * correct + wrong))
    assert report(labels, scores)["f1"]["standard_deviation"] == pytest.approx(expected, rel=0.03)


def test_a_score_of_exactly_one_half_is_a_negative_prediction() -> None:
    got = report([1, 1, 0, 0], [0.5, 0.5000001, 0.5, 0.5000001])
    assert got["confusion_matrix"] == {"0": {"0": 1, "1": 1}, "1": {"0": 1, "1": 1}}


ZERO = {"value": 0.0, "standard_deviation": 0.0}


def test_without_a_positive_prediction_precision_and_f1_are_zero() -> None:
    got = report([0, 1, 1], [0.1, 0.2, 0.3])
    assert got["precision"] == got["recall"] == got["f1"] == ZERO
    assert got["confusion_matrix"] == {"0": {"0": 1, "1": 0}, "1": {"0": 2, "1": 0}}
    assert got["auc"]["value"] == 1.0


def test_without_a_correct_prediction_every_rate_is_reported() -> None:
    got = report([0, 1], [0.9, 0.1])
    assert got["accuracy"] == got["precision"] == got["f1"] == got["auc"] == ZERO
    assert got["false_positive_rate"]["value"] == 1.0


def test_perfect_predictions_have_no_deviation() -> None:
    got = report([0, 1, 0, 1], [0.0, 1.0, 0.1, 0.9])
    certain = {"value": 1.0, "standard_deviation": 0.0}
    assert got["accuracy"] == got["precision"] == got["recall"] == got["f1"] == certain
    assert got["auc"] == certain


def test_a_short_roc_curve_is_kept_whole() -> None:
    labels, scores = SAMPLES["small"]
    false_rates, true_rates, _ = sk.roc_curve(labels, scores)
    curve = report(labels, scores)["receiver_operating_characteristic_curve"]
    assert curve == {
        "false_positive_rates": pytest.approx(false_rates.tolist(), abs=1e-9),
        "true_positive_rates": pytest.approx(true_rates.tolist(), abs=1e-9),
    }


def test_a_long_roc_curve_is_thinned_and_keeps_both_ends() -> None:
    rng = np.random.default_rng(6)
    labels, scores = rng.integers(0, 2, 5_000), rng.random(5_000)
    curve = report(labels, scores)["receiver_operating_characteristic_curve"]
    points = list(zip(curve["false_positive_rates"], curve["true_positive_rates"], strict=True))
    assert len(points) == CURVE_POINTS
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert points == sorted(points)
    false_rates, true_rates, _ = sk.roc_curve(labels, scores)
    whole = zip(false_rates.round(10).tolist(), true_rates.round(10).tolist(), strict=True)
    assert set(whole).issuperset(points)


def test_report_has_the_keys_of_sagemakers_schema() -> None:
    got = report(*SAMPLES["balanced"])
    rates = {
        *("accuracy", "auc", "f1", "precision", "recall"),
        *(f"{kind}_{side}_rate" for kind in ("true", "false") for side in ("positive", "negative")),
    }
    assert set(got) == {*rates, "confusion_matrix", "receiver_operating_characteristic_curve"}
    assert {frozenset(got[name]) for name in rates} == {frozenset(["value", "standard_deviation"])}


@pytest.mark.parametrize(
    "seen",
    [
        *SAMPLES.values(),
        (np.array([0, 1]), np.array([0.0, 0.0])),
        (np.array([1, 0, 0]), np.array([0.1, 0.9, 1.0])),
    ],
)
def test_report_is_plain_json_without_nan(seen: Sample) -> None:
    got = report(*seen)
    assert json.loads(json.dumps(got, allow_nan=False)) == got


def test_average_precision_is_the_area_of_the_precision_recall_curve() -> None:
    labels, scores = predictions_of(*SAMPLES["few positives"]).labels, SAMPLES["few positives"][1]
    recall, precision = precision_recall_curve(labels, scores)
    assert (recall[0], precision[0], recall[-1]) == (0, 1, 1)
    area = float(np.sum(np.diff(recall) * precision[1:]))
    assert average_precision(labels, scores) == pytest.approx(area)


def test_evaluate_imports_no_pandas() -> None:
    program = "import sys, processing.jobs.evaluate; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
