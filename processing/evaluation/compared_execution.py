"""An execution to compare with others, and what differs between several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from processing import names
from processing.dataset.uri import public_uri
from processing.evaluation.predictions import PredictionFolders, Predictions
from processing.evaluation.significance import Z95, wilson
from processing.names import Compared, DecisionThreshold, Parameter

_OF_DEPLOYMENT = {
    Parameter.ARTIFACTS_URI,
    Parameter.CODE_URI,
    Parameter.EXECUTION_ROLE_ARN,
    Parameter.KMS_KEY_ARN,
    Parameter.MODEL_PACKAGE_GROUP_NAME,
}
"""Parameters that follow from the environment, and that no result depends on."""

_ELSEWHERE = {Parameter.CODE_FILE, Parameter.COMMIT, Parameter.DATASET_URI}
"""Parameters that are part of the code or of the data."""

_UNKNOWN = (Compared.DATA, Compared.OUTCOME)
"""Groups that the evaluation has, or some of it: a missing value isn't known."""

CLASSES = {"negative": "0", "positive": "1"}
"""Labels of the classes by their names in the manifest."""


@dataclass(frozen=True)
class ComparedExecution:
    """An execution to compare with others.

    parameters, settings: those of its definition. code, data: hashes of the user's functions and
    files. reason: why there is no evaluation. evaluation: the content of ``evaluation.json``.
    predictions: of the test set, None if they aren't available; folders: with their part files.
    """

    name: str
    environment: str
    status: str
    started: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    evaluation: Mapping[str, Any] | None = None
    predictions: Predictions | None = None
    folders: PredictionFolders | None = None

    @property
    def is_classifier(self) -> bool:
        """Whether the evaluation is one of this project's, and not of another definition."""
        match self.evaluation:
            case {names.METRICS: {names.CONFUSION_MATRIX: {}}, names.TEST_SET: {}}:
                return True
        return False

    @property
    def own(self) -> Mapping[str, Any]:
        """The evaluation if it is one of this project's; empty otherwise."""
        return (self.evaluation or {}) if self.is_classifier else {}

    @property
    def metrics(self) -> dict[str, Mapping[str, Any]]:
        """All metrics that are one number, by name, with a standard deviation if that is known.

        Other definitions may call the group otherwise, such as ``regression_metrics``.
        """
        found = {
            name: metric
            for group, metrics in (self.evaluation or {}).items()
            if group.endswith("_metrics") and isinstance(metrics, Mapping)
            for name, metric in metrics.items()
            if isinstance(metric, Mapping) and _is_number(metric.get(names.VALUE))
        }
        for name, value in self.own.get(names.CALIBRATION, {}).items():
            if _is_number(value):
                found[name] = {names.VALUE: value}
        return found

    def class_errors(self, label: str) -> tuple[int, int]:
        """Return the number of misclassified reviews of class "0" or "1", and of all of it."""
        row = self.own[names.METRICS][names.CONFUSION_MATRIX][label]
        return row["1" if label == "0" else "0"], sum(row.values())

    @property
    def class_names(self) -> tuple[str, str]:
        """The dataset's names of class 0 and class 1."""
        labels = self.own.get(names.LABELS, {})
        negative, positive = (str(labels.get(name, name)) for name in CLASSES)
        return negative, positive

    def as_json(self) -> dict[str, Any]:
        """Return the execution with its results."""
        return {
            Compared.CLASSES: self._classes() if self.is_classifier else {},
            Compared.CURVE: self.own.get(names.CALIBRATION, {}).get(Compared.CURVE),
            Compared.ENVIRONMENT: self.environment,
            Compared.METRICS: {name: self._metric(name) for name in sorted(self.metrics)},
            Compared.NAME: self.name,
            Compared.REASON: self.reason,
            Compared.REVIEWS: self._reviews() if self.is_classifier else None,
            Compared.STARTED: self.started,
            Compared.STATUS: self.status,
        }

    def _reviews(self) -> int:
        return sum(self.class_errors(label)[1] for label in CLASSES.values())

    def _metric(self, name: str) -> dict[str, float | None]:
        """Return the value of a metric and its 95% interval, None where that isn't known."""
        metric = self.metrics[name]
        value, deviation = metric[names.VALUE], metric.get(names.STANDARD_DEVIATION)
        low = high = None
        if self.is_classifier and name == names.ACCURACY:
            errors = sum(self.class_errors(label)[0] for label in CLASSES.values())
            low, high = wilson(self._reviews() - errors, self._reviews())
        elif self.is_classifier and deviation is not None:
            low, high = value - Z95 * deviation, value + Z95 * deviation
        return {Compared.HIGH: high, Compared.LOW: low, names.VALUE: value}

    def _classes(self) -> dict[str, Any]:
        found = {}
        for key, label in CLASSES.items():
            errors, of = self.class_errors(label)
            low, high = wilson(errors, of)
            found[key] = {
                Compared.ERRORS: errors,
                Compared.HIGH: high,
                Compared.LOW: low,
                Compared.NAME: self.class_names[int(label)],
                Compared.REVIEWS: of,
                Compared.SHARE: errors / of if of else 0.0,
            }
        return found

    @property
    def code_sha256(self) -> str | None:
        """The hash of the code's content; None without an evaluation."""
        found: str | None = self.own.get(names.CODE_SHA256)
        return found

    def properties(self, *, by_content: bool) -> dict[str, dict[str, str]]:
        """Return the values that may differ between executions, by group and name.

        by_content: identify the code by its content, not by its file name.
        """
        return {
            Compared.PARAMETERS: {
                name: _text(value)
                for name, value in self.parameters.items()
                if name not in _OF_DEPLOYMENT | _ELSEWHERE
            },
            Compared.CODE: dict(self._code(by_content=by_content)),
            Compared.DATA: dict(self._data()),
            Compared.SETTINGS: dict(self.settings),
            Compared.ENVIRONMENT: {Compared.ENVIRONMENT: self.environment},
            Compared.OUTCOME: dict(self._outcome()),
        }

    def _code(self, *, by_content: bool) -> Iterator[tuple[str, str]]:
        if by_content and self.code_sha256:
            yield "code (SHA-256)", self.code_sha256
        elif Parameter.CODE_FILE in self.parameters:
            yield "code", str(self.parameters[Parameter.CODE_FILE])
        if Parameter.COMMIT in self.parameters:
            yield "commit", str(self.parameters[Parameter.COMMIT])
        yield from self.code.items()

    def _data(self) -> Iterator[tuple[str, str]]:
        uri = self.parameters.get(Parameter.DATASET_URI)
        if uri is not None:
            yield "dataset", public_uri(str(uri))
        data = self.own.get(names.DATA, {})
        rows = data.get(names.ROWS, {})
        for split in (names.TRAIN, names.VALIDATION, names.TEST):
            if split in rows:
                yield f"{split} reviews", f"{rows[split]:,}"
        if "sha256" in data:
            yield "content (SHA-256)", data["sha256"]
        if names.TEST_TEXTS_HASH in data:
            yield "test texts (hash)", data[names.TEST_TEXTS_HASH]
        if names.LABELS in self.own:
            yield "positive class", names.positive_class(self.own[names.LABELS])
        yield from self.data.items()

    def _outcome(self) -> Iterator[tuple[str, str]]:
        yield "status", self.status
        threshold = self.own.get(names.DECISION_THRESHOLD) or {}
        if threshold.get(DecisionThreshold.GOAL):  # a number is a parameter
            yield "decision threshold", str(threshold[DecisionThreshold.VALUE])
        gate = self.own.get(names.GATE) or {}
        if names.GATE_PASSED in gate:  # older evaluations don't have it
            yield "quality gate", "passed" if gate[names.GATE_PASSED] else "rejected"


def differences(executions: Sequence[ComparedExecution]) -> dict[str, dict[str, list[str | None]]]:
    """Return, by group and name, the values of all executions where these differ.

    None is the value of an execution that has none. That differs from a value unless it means that
    the value isn't known: in a group that is empty, and for data and outcomes.
    """
    # The same code has different file names on AWS and on this machine.
    by_content = all(execution.code_sha256 for execution in executions)
    properties = [execution.properties(by_content=by_content) for execution in executions]
    found: dict[str, dict[str, list[str | None]]] = {}
    for group in properties[0]:
        for name in _in_order(one[group] for one in properties):
            values = [one[group].get(name) for one in properties]
            known = [
                value
                for value, one in zip(values, properties)
                if value is not None or (one[group] and group not in _UNKNOWN)
            ]
            if len(set(known)) > 1:
                found.setdefault(group, {})[name] = values
    return found


def _in_order(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for names_ in groups for name in names_))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and not isinstance(value, bool)


def _text(value: Any) -> str:
    """Return a parameter's value as text.

    >>> _text(4.0), _text(True), _text("4")
    ('4.0', 'true', '4')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
