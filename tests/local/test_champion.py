"""The quality gate compares a model with the champion, in runs on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_steps.settings import PipelineSettings
from tests.support.local_runs import Run, definition_of, run


def champion_of(ended: Run) -> Any:
    """Return the evaluation's comparison with the champion."""
    return json.loads(ended.artifact("evaluation").read_text())["champion"]


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("champion")
    return definition_of(PipelineSettings(champion_margin=0.01), folder)


@pytest.fixture(scope="module")
def approved(definition: Path, archive: Path) -> Run:
    """The first model, approved when it is registered."""
    parameters = ("NumRound=20", "ModelApprovalStatus=Approved")
    return run(definition.parent / "runs", archive, *parameters, definition=definition)


def test_first_model_is_registered_without_a_champion(approved: Run) -> None:
    assert approved.summary["status"] == "Succeeded"
    assert champion_of(approved)["model_package_arn"] is None


def test_equal_model_is_registered_and_compared_with_the_champion(
    approved: Run, definition: Path, archive: Path
) -> None:
    again = run(approved.workdir, archive, "NumRound=20", definition=definition)
    assert again.summary["status"] == "Succeeded"
    compared = champion_of(again)
    assert compared["accuracy"] == approved.summary["accuracy"]
    assert compared["difference"] == 0
    assert compared["model_package_arn"].endswith("model-package/sentiment-local/1")
    assert compared["same_test_set"] is True


def test_worse_model_is_rejected_with_the_required_accuracy(
    approved: Run, definition: Path, archive: Path
) -> None:
    before = approved.versions()
    parameters = ("NumRound=20", "VocabularySize=3", "GateThreshold=0")
    worse = run(approved.workdir, archive, *parameters, definition=definition)
    assert worse.summary["status"] == "Failed"
    required = round(approved.summary["accuracy"] - 0.01, 10)
    assert str(required) in worse.summary["failure_reason"]
    assert worse.versions() == before


def test_dataset_is_read_without_a_download(tmp_path: Path, archive: Path) -> None:
    settings = PipelineSettings(no_network=True, dataset_uri="s3://reviews/reviews.tar.gz")
    definition = definition_of(settings, tmp_path, until="Train")
    ended = run(tmp_path / "runs", archive, "NumRound=20", definition=definition)
    assert ended.statuses == {"Preprocess": "Succeeded", "Train": "Succeeded"}
