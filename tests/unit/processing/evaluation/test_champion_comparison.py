"""The new model compared with the champion: what the gate requires, and which test is used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from processing.evaluation.accuracy_difference import MAX_BITS, correctness_bits
from processing.evaluation.champion_comparison import compare_with_champion
from processing.evaluation.metrics import model_quality
from tests.support.evaluation_samples import predictions_of

LABELS = [1, 0, 1, 0, 0, 1]
OLD = [0.9, 0.2, 0.4, 0.6, 0.1, 0.8]
NEW = [0.9, 0.2, 0.6, 0.6, 0.1, 0.8]


def evaluation(scores: list[float], ids: str = "same ids") -> dict[str, Any]:
    predictions = predictions_of(LABELS, scores)
    return {
        **model_quality(predictions),
        **correctness_bits(predictions),
        "test_set": {**predictions.test_set, "ids_sha256": ids},
    }


def compared(champion: dict[str, Any], metric: str = "accuracy") -> dict[str, Any]:
    content = {"evaluation": champion, "model_package_arn": "arn:aws:x/sentiment/3"}
    return compare_with_champion(evaluation(NEW), content, metric=metric, margin=0.01)


def test_without_a_champion_nothing_is_required() -> None:
    found = compare_with_champion(evaluation(NEW), {}, metric="auc", margin=0.01)
    assert found == {"model_package_arn": None, "margin": 0.01, "required": 0.0}


@pytest.mark.parametrize("metric", ["accuracy", "f1", "auc"])
def test_required_is_the_champions_value_of_the_gate_metric_less_the_margin(metric: str) -> None:
    old = evaluation(OLD)
    measured = old["binary_classification_metrics"][metric]["value"]
    found = compared(old, metric)
    assert found["model_package_arn"] == "arn:aws:x/sentiment/3"
    assert found["measured"] == measured
    assert found["required"] == pytest.approx(measured - 0.01)
    assert found["difference"] == pytest.approx(1 / 6)


def test_models_of_the_same_test_set_are_compared_review_by_review() -> None:
    found = compared(evaluation(OLD))
    assert found["same_test_set"] is True
    assert found["test"]["kind"] == "mcnemar"
    assert (found["test"]["only_new"], found["test"]["only_champion"]) == (1, 0)
    assert found["test"]["p_value"] == 1.0
    assert found["test"]["low"] < found["test"]["difference"] < found["test"]["high"]


@pytest.mark.parametrize(
    ("missing", "same"), [("correct", True), ("test_set", None)], ids=["no bits", "no test set"]
)
def test_a_champion_without_bits_or_test_set_is_compared_unpaired(
    missing: str, same: bool | None
) -> None:
    old = evaluation(OLD)
    del old[missing]
    found = compared(old)
    assert found["same_test_set"] is same
    assert found["test"]["kind"] == "unpaired"
    assert 0 < found["test"]["p_value"] < 1


def test_a_champion_of_another_test_set_is_compared_unpaired() -> None:
    found = compared(evaluation(OLD, ids="other ids"))
    assert found["same_test_set"] is False
    assert found["test"]["kind"] == "unpaired"


def test_bits_of_too_many_reviews_are_omitted() -> None:
    few, many = (predictions_of(*np.ones((2, MAX_BITS + more))) for more in (0, 1))
    assert correctness_bits(few)
    assert correctness_bits(many) == {}
