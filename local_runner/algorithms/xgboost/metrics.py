"""Metrics that the image computes with scikit-learn, beside those of XGBoost.

In the image: metrics/custom_metrics.py. A prediction above 0 counts as class 1, as if predictions
were log-odds. XGBoost passes what the objective returns: with ``binary:logistic``, all rows are in
class 1. With ``multi:softprob``, the class is the most probable one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy.typing as npt
import xgboost

Metric = Callable[[npt.NDArray[Any], npt.NDArray[Any]], float]
CustomMetric = Callable[[npt.NDArray[Any], xgboost.DMatrix], list[tuple[str, float]]]

COMPUTED_BY_IMAGE = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mae", "mse", "precision"),
    *("precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro", "rmse"),
)


def custom_metric(names: Sequence[str]) -> CustomMetric:
    """Return the function that XGBoost calls after each round, with predictions and rows."""
    # Only here: the import takes a second.
    from sklearn import metrics

    of_classes: dict[str, Metric] = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1": partial(metrics.f1_score, average="macro"),
        "f1_binary": metrics.f1_score,
        "f1_macro": partial(metrics.f1_score, average="macro"),
        "precision": metrics.precision_score,
        "precision_macro": partial(metrics.precision_score, average="macro"),
        "precision_micro": partial(metrics.precision_score, average="micro"),
        "recall": metrics.recall_score,
        "recall_macro": partial(metrics.recall_score, average="macro"),
        "recall_micro": partial(metrics.recall_score, average="micro"),
    }
    of_numbers: dict[str, Metric] = {
        "mae": metrics.mean_absolute_error,
        "mse": metrics.mean_squared_error,
        "r2": metrics.r2_score,
        "rmse": metrics.root_mean_squared_error,
    }

    def measured(predictions: npt.NDArray[Any], rows: xgboost.DMatrix) -> list[tuple[str, float]]:
        labels = rows.get_label()
        return [
            (name, of_numbers[name](labels, predictions))
            if name in of_numbers
            else (name, _of_classes(of_classes[name], labels, predictions))
            for name in names
        ]

    return measured


def _of_classes(metric: Metric, labels: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> float:
    if not predictions.size:
        return 0.0
    several = predictions.ndim > 1
    return metric(labels, predictions.argmax(axis=-1) if several else (predictions > 0).astype(int))
