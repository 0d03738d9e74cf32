"""Metrics that the image computes with scikit-learn, beside those of XGBoost.

In the image: metrics/custom_metrics.py. A prediction above 0 counts as class 1, as if predictions
were log-odds. To version 3.0-5, XGBoost passes what the objective returns: with
``binary:logistic``, all rows are in class 1. With ``multi:softprob``, the class is the most
probable one. Older versions get margins, or round predictions to classes.
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


class MarginMetric(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """A metric of margins, which is also the callback that it needs to know the model."""

    def __init__(self, metric: CustomMetric) -> None:
        super().__init__()
        self._metric = metric

    def before_iteration(self, model: xgboost.Booster, _epoch: int, _evals_log: Any) -> bool:
        """Keep the model, and don't stop the training."""
        self._model = model
        return False

    def __call__(
        self, _predictions: npt.NDArray[Any], rows: xgboost.DMatrix
    ) -> list[tuple[str, float]]:
        """Return the metrics of the margins."""
        return self._metric(self._model.predict(rows, output_margin=True), rows)


def custom_metric(names: Sequence[str], is_rounded: bool = False) -> CustomMetric:
    """Return the function that XGBoost calls after each round, with predictions and rows.

    is_rounded: whether predictions are rounded to classes.
    """
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
            else (name, _of_classes(of_classes[name], labels, predictions, is_rounded))
            for name in names
        ]

    return measured


def _of_classes(
    metric: Metric, labels: npt.NDArray[Any], predictions: npt.NDArray[Any], is_rounded: bool
) -> float:
    if not predictions.size:
        return 0.0
    if predictions.ndim > 1:
        return metric(labels, predictions.argmax(axis=-1))
    return metric(labels, predictions.round() if is_rounded else (predictions > 0).astype(int))
