"""The command that is suggested after an execution."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from operations.execution_summary import ExecutionSummary, StepSummary, next_words

VERSION = "arn:aws:sagemaker:us-east-1:111122223333:model-package/sentiment-dev/3"
SCORES = ("scores", "x1", "--output", "scores.csv")


def step(name: str) -> StepSummary:
    return StepSummary(name, "Failed", None, 1.0, 1, cached=False, failure_reason="bad")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "Executing"}, ("watch", "x1")),
        ({"model_package_arn": VERSION}, ("approve", "3")),
        ({"scores": "s3://b/scores.csv"}, SCORES),
        ({"scores": "s3://b/scores.csv", "model_package_arn": VERSION}, SCORES),
        ({"status": "Failed", "scores": "s3://b/s.csv", "steps": [step("Drifted")]}, SCORES),
        ({"status": "Failed", "steps": [step("Reject")]}, ("report", "x1")),
        ({"status": "Failed", "steps": [step("Train")]}, ("retry", "x1")),
        ({"status": "Interrupted"}, ("retry", "x1")),
        ({"status": "Stopped"}, ("retry", "x1")),
        ({}, None),
    ],
)
def test_next_command_follows_from_the_result(
    values: dict[str, Any], words: tuple[str, ...] | None
) -> None:
    summary = ExecutionSummary(
        **{
            "execution_id": "x1",
            "status": "Succeeded",
            "started": datetime(2026, 11, 22, tzinfo=UTC),
            "arn": "arn",
            **values,
        }
    )
    assert next_words(summary, VERSION.__eq__) == words


def test_an_approved_version_needs_no_approval() -> None:
    summary = ExecutionSummary(
        "x1", "Succeeded", datetime(2026, 11, 22, tzinfo=UTC), "arn", model_package_arn=VERSION
    )
    assert next_words(summary, lambda _: False) is None
