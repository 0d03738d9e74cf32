"""The evaluation report, as Evaluate writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operations.errors import CliError

_METRICS = "binary_classification_metrics"


@dataclass(frozen=True)
class Report:
    """An evaluation report: where it lies, its bytes, and what they hold."""

    uri: str
    content: bytes
    document: Any

    @classmethod
    def of(cls, uri: str, content: bytes) -> Report:
        """The report in the file at ``uri``. Raises CliError if it isn't laid out like one."""
        try:
            document = json.loads(content)
            document[_METRICS]["confusion_matrix"]["1"]["1"]
            document[_METRICS]["accuracy"]["value"]
        except (ValueError, KeyError, TypeError) as error:
            raise CliError(f"{uri}: no evaluation report ({error!r})") from None
        return cls(uri, content, document)

    @property
    def metrics(self) -> dict[str, tuple[float, float]]:
        """(value, standard deviation) of each metric that is one number."""
        return {
            name: (metric["value"], metric["standard_deviation"])
            for name, metric in sorted(self.document[_METRICS].items())
            if "value" in metric
        }

    @property
    def accuracy(self) -> float:
        """The share of reviews that were told right."""
        return self.metrics["accuracy"][0]

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        """How many reviews of a class (outer key, "0" or "1") were taken for one (inner key)."""
        matrix: dict[str, dict[str, int]] = self.document[_METRICS]["confusion_matrix"]
        return matrix

    @property
    def classes(self) -> dict[str, str]:
        """What the classes "0" and "1" are called in the dataset."""
        labels: Mapping[str, str] = self.document.get("labels", {})
        return {key: labels.get(name, name) for key, name in _CLASSES.items()}


_CLASSES = {"0": "negative", "1": "positive"}
