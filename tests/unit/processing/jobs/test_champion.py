"""The Champion job: the newest approved version with its evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import champion
from tests.support.registries import BUCKET, GROUP, SampleRegistry


def report(accuracy: float) -> dict[str, Any]:
    metrics = {"accuracy": accuracy, "auc": 0.9, "f1": 0.8}
    return {"binary_classification_metrics": {name: {"value": metrics[name]} for name in metrics}}


def register(registry: SampleRegistry, number: int, status: str, evaluation: str) -> None:
    registry.register(number, status, {"evaluation.json": evaluation.encode()})


def test_champion_is_empty_without_an_approved_version(registry: SampleRegistry) -> None:
    assert champion.find_champion(GROUP) == {}
    register(registry, 1, "PendingManualApproval", json.dumps(report(0.9)))
    assert champion.find_champion(GROUP) == {}


def test_newest_approved_version_is_the_champion(registry: SampleRegistry) -> None:
    for number, (status, accuracy) in enumerate(
        [("Approved", 0.7), ("Approved", 0.8), ("Rejected", 0.9)], start=1
    ):
        register(registry, number, status, json.dumps(report(accuracy)))
    found = champion.find_champion(GROUP)
    assert found["evaluation"] == report(0.8)
    assert found["model_package_arn"].endswith(f"{GROUP}/2")


def test_approved_version_without_an_evaluation_is_refused(registry: SampleRegistry) -> None:
    registry.register(1, "Approved", {})
    with pytest.raises(DataError, match=f"{GROUP}/1: "):
        champion.find_champion(GROUP)


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "{}", '{"binary_classification_metrics": 1}'),
        '{"binary_classification_metrics": {"accuracy": {"value": 0.9}}}',
    ],
)
def test_unusable_evaluation_is_named(registry: SampleRegistry, content: str) -> None:
    register(registry, 1, "Approved", content)
    with pytest.raises(DataError, match=f"^s3://{BUCKET}/models/1/evaluation.json: .*{GROUP}/1"):
        champion.find_champion(GROUP)


def test_job_writes_and_logs_the_champion(
    registry: SampleRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(registry, 1, "Approved", json.dumps(report(0.8)))
    options = champion.parser().parse_args(["--group", GROUP, "--output", str(tmp_path / "out")])
    champion.run(options)
    written = json.loads((tmp_path / "out/champion.json").read_text())
    assert written["evaluation"] == report(0.8)
    assert capsys.readouterr().out == f"champion: {written['model_package_arn']}\n"
