"""The definition with the setting ``tuning``, from the archive to the registered model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.definition_cache import rendered
from pipeline_steps.settings import PipelineSettings, TuningSettings
from tests.support.clean_room import ROOT
from tests.support.local_runs import Run, run

PARAMETERS = ("NumRound=8", "GateThreshold=0.6")


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = PipelineSettings(tuning=TuningSettings(jobs=3))
    path = tmp_path_factory.mktemp("definition") / "definition.json"
    path.write_text(rendered(settings, ROOT / "build" / "definitions"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, archive: Path, definition: Path) -> Run:
    workdir = tmp_path_factory.mktemp("tuned") / "runs"
    return run(workdir, archive, *PARAMETERS, definition=definition)


def train_of(ended: Run) -> Any:
    folder = ended.workdir / "executions" / ended.summary["execution_id"]
    return json.loads((folder / "execution.json").read_text())["steps"]["Train"]["properties"]


def test_the_best_model_is_registered_with_its_hyperparameters(tuned: Run) -> None:
    assert tuned.code == 0, tuned.stderr
    assert tuned.statuses["RegisterModel"] == "Succeeded"
    best = train_of(tuned)["BestTrainingJob"]
    assert tuned.artifact("model").parent.parent.name == best["TrainingJobName"]
    [version] = tuned.workdir.glob("model-registry/*/*.json")
    content = json.loads(version.read_text())["ModelCard"]["ModelCardContent"]
    values = {
        it["name"]: it["value"]
        for it in json.loads(content)["training_details"]["training_job_details"][
            "user_provided_hyper_parameters"
        ]
    }
    tuned_values = best["TunedHyperParameters"]
    assert len(tuned_values) > 0
    assert {name: values[name] for name in tuned_values} == tuned_values


def test_each_training_job_has_a_log(tuned: Run) -> None:
    folder = tuned.workdir / "executions" / tuned.summary["execution_id"] / "logs"
    assert len(list(folder.glob("Train.*.log"))) == 3


def test_a_cached_search_has_its_model_where_it_was_stored(
    tuned: Run, archive: Path, definition: Path
) -> None:
    again = run(tuned.workdir, archive, *PARAMETERS, definition=definition)
    assert again.code == 0, again.stderr
    assert {"Train", "Package"} <= set(again.cached)
    assert again.artifact("model") == tuned.artifact("model")


def test_a_search_runs_again_if_its_model_was_deleted(
    tuned: Run, archive: Path, definition: Path, tmp_path: Path
) -> None:
    workdir = tmp_path / "runs"
    shutil.copytree(tuned.workdir, workdir)
    (workdir / tuned.artifact("model").relative_to(tuned.workdir)).unlink()
    again = run(workdir, archive, *PARAMETERS, definition=definition)
    assert "Train" not in again.cached
    assert again.code == 0, again.stderr
