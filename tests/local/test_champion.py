"""The champion gate and a dataset that no job downloads, run from end to end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
from tests.support.local_runs import ROOT, command


def summary(definition: Path, workdir: Path, archive: Path, *parameters: str) -> dict[str, Any]:
    ended = subprocess.run(
        [*command(workdir, archive, "NumRound=20", *parameters), "--definition", str(definition)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.stdout, ended.stderr
    read: dict[str, Any] = json.loads(ended.stdout)
    return read


def evaluation(summary: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(summary["artifacts"]["evaluation"]).read_text())
    return read


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("champion") / "definition.json"
    path.write_text(render(PipelineSettings(champion_margin=0.01)))
    return path


@pytest.fixture(scope="module")
def approved(definition: Path, archive: Path) -> dict[str, Any]:
    """The first model, approved at once."""
    workdir = definition.parent / "runs"
    return summary(definition, workdir, archive, "ModelApprovalStatus=Approved")


def test_first_model_is_registered_without_a_champion(approved: dict[str, Any]) -> None:
    assert approved["status"] == "Succeeded"
    assert evaluation(approved)["champion"]["model_package_arn"] is None


def test_model_that_is_not_worse_is_registered_and_the_report_compares(
    approved: dict[str, Any], definition: Path, archive: Path
) -> None:
    again = summary(definition, definition.parent / "runs", archive)
    assert again["status"] == "Succeeded"
    compared = evaluation(again)["champion"]
    assert compared["accuracy"] == approved["accuracy"]
    assert compared["difference"] == 0
    assert compared["model_package_arn"].endswith("model-package/sentiment-local/1")
    assert compared["same_test_set"] is True


def test_model_that_is_worse_is_refused_with_what_was_required(
    approved: dict[str, Any], definition: Path, archive: Path
) -> None:
    workdir = definition.parent / "runs"
    before = sorted(workdir.glob("model-registry/*/*"))
    worse = summary(definition, workdir, archive, "VocabularySize=3", "GateThreshold=0")
    required = round(approved["accuracy"] - 0.01, 10)
    assert worse["status"] == "Failed"
    assert (
        f"or below {required}, the champion's less ChampionMargin 0.01" in worse["failure_reason"]
    )
    assert sorted(workdir.glob("model-registry/*/*")) == before


def test_dataset_that_no_job_downloads_is_read_where_it_lies(tmp_path: Path, archive: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_text(
        render(PipelineSettings(no_network=True, dataset_uri="s3://bucket/reviews.tar.gz"))
    )
    ended = summary(path, tmp_path / "runs", archive)
    assert ended["status"] == "Succeeded"
    assert "Download" not in [step["name"] for step in ended["steps"]]
    assert ended["accuracy"] > 0.8
