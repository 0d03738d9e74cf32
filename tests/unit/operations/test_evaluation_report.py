"""The evaluation report: metrics and their confidence intervals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.evaluation_report import EvaluationReport
from processing.evaluation.significance import Z95, wilson
from tests.support.aws_samples import REPORT

METRICS: dict[str, Any] = REPORT["binary_classification_metrics"]


def report(**metrics: Any) -> EvaluationReport:
    document = {"binary_classification_metrics": {**METRICS, **metrics}}
    return EvaluationReport.parse("s3://b/evaluation.json", json.dumps(document).encode())


@pytest.mark.parametrize("wrong", [0, 15, 100])
def test_interval_of_the_accuracy_is_that_of_the_html_report(wrong: int) -> None:
    matrix = {"0": {"0": 100 - wrong, "1": wrong}, "1": {"0": 0, "1": 0}}
    found = report(confusion_matrix=matrix).accuracy_interval
    assert found == pytest.approx(wilson(100 - wrong, 100), abs=1e-12)


@pytest.mark.parametrize("matrix", [None, {"0": {"0": 0, "1": 0}, "1": {"0": 0, "1": 0}}])
def test_without_a_confusion_matrix_there_is_no_interval(matrix: Any) -> None:
    assert report(confusion_matrix=matrix).accuracy_interval is None


def test_margin_of_a_metric_is_that_of_the_html_report() -> None:
    assert report().metrics["auc"].margin == pytest.approx(Z95 * 0.001)
    assert report(auc={"value": 0.9}).metrics["auc"].margin is None
