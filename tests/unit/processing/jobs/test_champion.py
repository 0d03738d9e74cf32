"""The champion: the newest approved version's report, and refused if there is none to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from processing.errors import DataError
from processing.jobs import champion
from processing.model.registry import SageMaker
from tests.support.registries import (
    GROUP,
    Place,
    registry_place,
)


def report(accuracy: float) -> dict[str, Any]:
    metrics = {"accuracy": accuracy, "auc": 0.9, "f1": 0.8}
    return {"binary_classification_metrics": {name: {"value": metrics[name]} for name in metrics}}


def put(place: Place, number: int, status: str, evaluation: str) -> None:
    place.put(number, status, {"evaluation.json": evaluation.encode()})


@pytest.fixture(params=["local", "aws"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    with registry_place(request.param, tmp_path, monkeypatch) as made:
        yield made


def test_no_approved_version_is_no_champion(place: Place) -> None:
    assert champion.look_up(SageMaker(), GROUP) == {}
    put(place, 1, "PendingManualApproval", json.dumps(report(0.9)))
    assert champion.look_up(SageMaker(), GROUP) == {}


def test_newest_approved_version_is_champion_with_its_report(place: Place) -> None:
    for number, (status, accuracy) in enumerate(
        [("Approved", 0.7), ("Approved", 0.8), ("Rejected", 0.9)], start=1
    ):
        put(place, number, status, json.dumps(report(accuracy)))
    found = champion.look_up(SageMaker(), GROUP)
    assert found["evaluation"] == report(0.8)
    assert found["model_package_arn"].endswith(f"{GROUP}/2")


def test_approved_version_without_evaluation_is_told_with_the_remedy(place: Place) -> None:
    place.put(1, "Approved", {})
    with pytest.raises(DataError, match=rf"{GROUP}/1: approved without an evaluation; reject it"):
        champion.look_up(SageMaker(), GROUP)


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "{}", '{"binary_classification_metrics": 1}'),
        '{"binary_classification_metrics": {"accuracy": {"value": 0.9}}}',
    ],
)
def test_evaluation_that_is_no_report_is_told_with_its_place(place: Place, content: str) -> None:
    put(place, 1, "Approved", content)
    with pytest.raises(DataError, match=r"^s3://artifacts/models/1/evaluation.json: no evaluation"):
        champion.look_up(SageMaker(), GROUP)


def test_job_writes_what_it_found_and_says_so(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(place, 1, "Approved", json.dumps(report(0.8)))
    options = champion.parser().parse_args(["--group", GROUP, "--output", str(tmp_path / "out")])
    champion.run(options)
    written = json.loads((tmp_path / "out/champion.json").read_text())
    assert written["evaluation"] == report(0.8)
    assert capsys.readouterr().out == f"champion: {written['model_package_arn']}\n"
