"""All that the report's sections tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processing import names
from processing.evaluation.results import Observed
from processing.report.inputs import Inputs
from processing.report.model_insights import Learned


@dataclass(frozen=True)
class Subject:
    """A measured model.

    evaluation: what ``evaluation.json`` holds. snippets: the beginnings of reviews by their ids,
    where they may be shown.
    """

    evaluation: Mapping[str, Any]
    observed: Observed
    inputs: Inputs
    learned: Learned
    snippets: Mapping[str, str] = field(default_factory=dict)

    def metric(self, name: str) -> float:
        """A metric's value, by its name in the model-quality report."""
        value: float = self.evaluation[names.METRICS][name]["value"]
        return value

    def deviation(self, name: str) -> float:
        """The standard deviation of a metric."""
        value: float = self.evaluation[names.METRICS][name]["standard_deviation"]
        return value

    @property
    def labels(self) -> tuple[str, str]:
        """What class 0 and class 1 are called."""
        labels = self.evaluation["labels"]
        return labels["negative"], labels["positive"]

    @property
    def matrix(self) -> Mapping[str, Mapping[str, int]]:
        """How many reviews of a class (outer key, "0" or "1") were taken for one (inner key)."""
        matrix: Mapping[str, Mapping[str, int]] = self.evaluation[names.METRICS]["confusion_matrix"]
        return matrix

    @property
    def of_class(self) -> tuple[int, int]:
        """How many reviews of the test set are of class 0, and how many of class 1."""
        return sum(self.matrix["0"].values()), sum(self.matrix["1"].values())

    @property
    def reviews(self) -> int:
        """How many reviews the test set has."""
        return sum(self.of_class)

    @property
    def right(self) -> int:
        """How many of them were told right."""
        return self.matrix["0"]["0"] + self.matrix["1"]["1"]
