"""The evaluation report that the step Evaluate writes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operations.errors import CliError
from processing import names
from processing.names import DecisionThreshold


@dataclass(frozen=True)
class Gate:
    """The metric that the quality gate checks, its value and threshold, and the verdict.

    threshold, passed: None in evaluations that don't have them.
    """

    metric: str
    measured: float
    threshold: float | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Metric:
    """A metric that is one number. deviation: its standard deviation; None if it isn't known."""

    value: float
    deviation: float | None

    @property
    def margin(self) -> float | None:
        """Half the width of the 95% confidence interval."""
        return None if self.deviation is None else _Z95 * self.deviation


@dataclass(frozen=True)
class EvaluationReport:
    """An evaluation report. uri: an S3 URI or a path. document: the JSON in ``content``."""

    uri: str
    content: bytes
    document: Any

    @classmethod
    def parse(cls, uri: str, content: bytes) -> EvaluationReport:
        """Parse the content of the file at ``uri``. Raise CliError for any other content."""
        try:
            report = cls(uri, content, json.loads(content))
            _ = report.accuracy, report.metrics, report.gate, report.positive_class
            _ = report.champion, report.classes, report.execution_id, report.threshold
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CliError(f"{uri}: not an evaluation report ({error!r})") from None
        return report

    @classmethod
    def recognize(cls, uri: str, content: bytes) -> EvaluationReport | None:
        """Parse the content of the file at ``uri``; None if it has another schema.

        The steps of other definitions may write anything to an output called evaluation.
        """
        try:
            return cls.parse(uri, content)
        except CliError:
            return None

    @property
    def metrics(self) -> dict[str, Metric]:
        """All metrics that are one number, by name."""
        return {
            name: Metric(metric[names.VALUE], metric.get(names.STANDARD_DEVIATION))
            for name, metric in sorted(self.document[names.METRICS].items())
            if isinstance(metric, Mapping) and names.VALUE in metric
        }

    @property
    def values(self) -> dict[str, float]:
        """The values of all metrics that are one number, by name."""
        return {name: metric.value for name, metric in self.metrics.items()}

    @property
    def accuracy_interval(self) -> tuple[float, float] | None:
        """The 95% confidence interval of the accuracy by Wilson, as in the HTML report.

        None without a confusion matrix.
        """
        try:
            matrix = self.confusion_matrix
        except CliError:
            return None
        count = sum(sum(row.values()) for row in matrix.values())
        if not count:
            return None
        share, z = sum(matrix[label][label] for label in matrix) / count, _Z95**2 / count
        half = math.sqrt(z * (share * (1 - share) + z / 4))
        return (share + z / 2 - half) / (1 + z), (share + z / 2 + half) / (1 + z)

    @property
    def accuracy(self) -> float:
        """The share of reviews that were classified correctly."""
        return float(self.document[names.METRICS][names.ACCURACY][names.VALUE])

    @property
    def execution_id(self) -> str | None:
        """The execution that wrote the report; another one may have registered the version."""
        provenance: Mapping[str, str] = self.document.get(names.PROVENANCE) or {}
        return provenance.get(names.EXECUTION)

    @property
    def gate(self) -> Gate | None:
        """The metric that the quality gate checked; None without a gate."""
        gate = self.document.get(names.GATE)
        if not gate:
            return None
        return Gate(
            str(gate[names.GATE_METRIC]),
            float(gate[names.GATE_MEASURED]),
            gate.get(names.GATE_THRESHOLD),
            gate.get(names.GATE_PASSED),
        )

    @property
    def threshold(self) -> float:
        """The decision threshold: reviews with a score above it are predicted positive."""
        return float(names.decision_threshold(self.document))

    @property
    def threshold_goal(self) -> str | None:
        """The goal that the threshold was chosen for; None if the parameter gives it."""
        goal: str | None = self.document.get(names.DECISION_THRESHOLD, {}).get(
            DecisionThreshold.GOAL
        )
        return goal

    @property
    def confusion_matrix(self) -> dict[str, dict[str, int]]:
        """Number of reviews by actual class, then by predicted class; "0" is negative."""
        try:
            matrix = self.document[names.METRICS][names.CONFUSION_MATRIX]
            return {row: {column: matrix[row][column] for column in _CLASSES} for row in _CLASSES}
        except (KeyError, TypeError):
            raise CliError(f"{self.uri}: has no confusion matrix of two classes") from None

    @property
    def classes(self) -> dict[str, str]:
        """The dataset's names of the classes "0" and "1"."""
        labels: Mapping[str, str] = self.document.get(names.LABELS, {})
        return {key: labels.get(name, name) for key, name in _CLASSES.items()}

    @property
    def positive_class(self) -> str | None:
        """The positive class, of which two, and how to change it; None if that isn't recorded."""
        labels: Mapping[str, str] | None = self.document.get(names.LABELS)
        return names.positive_class(labels) if labels else None

    @property
    def champion(self) -> Mapping[str, Any] | None:
        """The comparison with the champion; None if there was no champion."""
        champion: Mapping[str, Any] = self.document.get(names.CHAMPION) or {}
        return champion if champion.get(names.PACKAGE_ARN_PATH) else None


_Z95 = 1.959963984540054
"""95% of a normal distribution are within this many standard deviations of its mean."""

_CLASSES = {"0": "negative", "1": "positive"}
