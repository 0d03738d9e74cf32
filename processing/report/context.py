"""The data that the report's sections read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processing import names
from processing.evaluation.predictions import Predictions
from processing.report.inputs import EvaluationInputs
from processing.report.model_insights import ModelInsights, inspect_model


@dataclass(frozen=True)
class ReportContext:
    """An evaluated model.

    evaluation: the content of ``evaluation.json``. snippets: the beginnings of reviews by review
    id, if the report may show text.
    """

    evaluation: Mapping[str, Any]
    predictions: Predictions
    inputs: EvaluationInputs
    insights: ModelInsights
    snippets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        evaluation: Mapping[str, Any],
        predictions: Predictions,
        inputs: EvaluationInputs,
        snippets: Mapping[str, str] | None = None,
    ) -> ReportContext:
        """Inspect the model. Raise DataError if that isn't possible."""
        return cls(evaluation, predictions, inputs, inspect_model(inputs), snippets or {})

    def metric(self, name: str) -> float:
        """Return a metric's value, by its name in the model-quality report."""
        value: float = self.evaluation[names.METRICS][name][names.VALUE]
        return value

    def standard_deviation(self, name: str) -> float:
        """Return the standard deviation of a metric's estimate."""
        value: float = self.evaluation[names.METRICS][name][names.STANDARD_DEVIATION]
        return value

    @property
    def threshold(self) -> float:
        """The decision threshold."""
        return self.predictions.threshold

    @property
    def labels(self) -> tuple[str, str]:
        """The names of class 0 and class 1."""
        labels = self.evaluation[names.LABELS]
        return labels["negative"], labels["positive"]

    @property
    def confusion_matrix(self) -> Mapping[str, Mapping[str, int]]:
        """Numbers of reviews by actual class (outer key, "0" or "1") and predicted class."""
        matrix: Mapping[str, Mapping[str, int]] = self.evaluation[names.METRICS][
            names.CONFUSION_MATRIX
        ]
        return matrix

    @property
    def class_sizes(self) -> tuple[int, int]:
        """Numbers of reviews of class 0 and class 1 in the test set."""
        matrix = self.confusion_matrix
        return sum(matrix["0"].values()), sum(matrix["1"].values())

    @property
    def reviews(self) -> int:
        """Number of reviews in the test set."""
        return sum(self.class_sizes)

    @property
    def correct(self) -> int:
        """Number of reviews classified correctly."""
        return self.confusion_matrix["0"]["0"] + self.confusion_matrix["1"]["1"]
