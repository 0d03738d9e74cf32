"""Comparisons of definitions with a tuning job: cost, cache, what a review shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.definition_cache import rendered
from pipeline_diff.cost import BILLED_SECONDS
from pipeline_steps.settings import PipelineSettings, TuningSettings
from tests.support.clean_room import ROOT
from tests.support.diff_samples import committed, compared, markdown_between, step


def tuned(**settings: Any) -> dict[str, Any]:
    options = PipelineSettings(tuning=TuningSettings(jobs=5), **settings)
    document: dict[str, Any] = json.loads(rendered(options, ROOT / "build" / "definitions"))
    return document


def test_a_tuning_job_costs_as_many_trainings_as_it_has() -> None:
    found = compared(committed(), tuned())
    before, after = found.cost_before.without_cache, found.cost_after.without_cache
    assert before is not None
    assert after is not None
    seconds = BILLED_SECONDS["Train"]
    assert found.cost_after.assumed_seconds["Train"] == 5 * seconds
    assert after - before == pytest.approx(4 * seconds / 3600 * 0.115)
    assert found.cost_after.spot_steps == ()


def test_spot_training_jobs_of_a_tuning_job_are_named() -> None:
    assert compared(committed(), tuned(spot=True)).cost_after.spot_steps == ("Train",)


@pytest.mark.parametrize(
    ("path", "is_compared"),
    [
        (("HyperParameterTuningJobConfig", "RandomSeed"), True),
        (("TrainingJobDefinition", "StaticHyperParameters", "seed"), True),
        (("TrainingJobDefinition", "ResourceConfig", "VolumeSizeInGB"), False),
        (("TrainingJobDefinition", "OutputDataConfig", "S3OutputPath"), False),
    ],
)
def test_the_cache_compares_what_decides_the_models(
    path: tuple[str, ...], is_compared: bool
) -> None:
    other = tuned()
    *folders, last = path
    target = step(other, "Train")["Arguments"]
    for folder in folders:
        target = target[folder]
    target[last] = "other"
    again = {it.step for it in compared(tuned(), other).invalidated_steps}
    assert ("Train" in again) == is_compared


def test_a_review_shows_that_train_becomes_a_tuning_job() -> None:
    text = markdown_between(committed(), tuned())
    assert "Tuning" in text
    assert "hyperparameter" in text
