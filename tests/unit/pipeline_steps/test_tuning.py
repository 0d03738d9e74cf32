"""The setting ``tuning``: Train as a tuning job of the training jobs that Train would be."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.jobs.tuning_job import hyperparameters
from operations.aws.maintenance.resource_requirements import instances
from operations.local.tuning.space import default_ranges
from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings, TuningSettings
from processing.names import parameter_name
from validation.definition import problems

TUNING = TuningSettings(jobs=7, parallel_jobs=3)
SETTINGS = {
    "tuning": PipelineSettings(tuning=TUNING),
    "tuning on spot": PipelineSettings(tuning=TUNING, spot=True),
    "tuning with a key": PipelineSettings(tuning=TUNING, customer_key=True),
    "tuning in a VPC": PipelineSettings(
        tuning=TUNING,
        subnets=("subnet-0123456789abcdef0",),
        security_groups=("sg-0123456789abcdef0",),
        encrypt_traffic=True,
    ),
}


@cache
def definition(name: str) -> str:
    return render(SETTINGS[name])


def step(text: str, name: str) -> Any:
    return next(it for it in json.loads(text)["Steps"] if it["Name"] == name)


def tuned_hyperparameters(arguments: Any) -> set[str]:
    ranges = arguments["HyperParameterTuningJobConfig"]["ParameterRanges"]
    return {item["Name"] for items in ranges.values() for item in items}


@pytest.mark.parametrize("name", SETTINGS)
def test_definition_is_valid(name: str) -> None:
    assert problems(definition(name)) == []


@pytest.mark.parametrize("name", SETTINGS)
def test_training_jobs_are_those_of_train_without_the_tuned_hyperparameters(name: str) -> None:
    plain = step(render(SETTINGS[name].model_copy(update={"tuning": None})), "Train")
    tuned = step(definition(name), "Train")
    request = dict(plain["Arguments"])
    names = tuned_hyperparameters(tuned["Arguments"])
    static = {key: it for key, it in request.pop("HyperParameters").items() if key not in names}
    assert request.pop("Tags") == tuned["Arguments"]["Tags"]
    expected = {**request, "StaticHyperParameters": static}
    assert tuned["Arguments"]["TrainingJobDefinition"] == expected
    assert (tuned["Type"], tuned["CacheConfig"]) == ("Tuning", plain["CacheConfig"])


def test_ranges_are_those_of_the_command() -> None:
    arguments = step(definition("tuning"), "Train")["Arguments"]
    ranges = arguments["HyperParameterTuningJobConfig"]["ParameterRanges"]
    found = {
        parameter_name(item["Name"]): (
            f"{item['MinValue']}..{item['MaxValue']}"
            f"{':log' if item['ScalingType'] == 'Logarithmic' else ''}"
        )
        for items in ranges.values()
        for item in items
    }
    assert found == default_ranges()


def test_tuned_hyperparameters_are_no_parameters() -> None:
    named = {parameter["Name"] for parameter in json.loads(definition("tuning"))["Parameters"]}
    assert named.isdisjoint(default_ranges())


def test_the_best_model_goes_on_and_its_hyperparameters_are_in_the_provenance() -> None:
    evaluate = step(definition("tuning"), "Evaluate")["Arguments"]
    tuned = tuned_hyperparameters(step(definition("tuning"), "Train")["Arguments"])
    arguments = evaluate["AppSpecification"]["ContainerArguments"]
    provenance = dict(
        it["Std:Join"]["Values"] for it in arguments if isinstance(it, dict) and "Std:Join" in it
        and it["Std:Join"]["On"] == "="
    )  # fmt: skip
    for name in tuned:
        reference = f"Steps.Train.BestTrainingJob.TunedHyperParameters['{name}']"
        assert provenance[name] == {"Get": reference}
    text = definition("tuning")
    assert "S3ModelArtifacts" not in text
    assert text.count("Steps.Train.BestTrainingJob.TrainingJobName") == 3


def test_limits_of_jobs_are_the_settings() -> None:
    config = step(definition("tuning"), "Train")["Arguments"]["HyperParameterTuningJobConfig"]
    assert config["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 7, "MaxParallelTrainingJobs": 3}
    assert len(list(hyperparameters(config))) == 7


def test_quota_is_for_the_parallel_training_jobs() -> None:
    found = {it.quota: it.count for it in instances(definition("tuning"))}
    assert found["ml.m5.large for training job usage"] == 3
    spot = {it.quota: it.count for it in instances(definition("tuning on spot"))}
    assert spot["ml.m5.large for spot training job usage"] == 3


def test_train_is_a_training_without_the_setting(committed: dict[str, Any]) -> None:
    assert {it.type for it in parse(json.dumps(committed)).all_steps()}.isdisjoint({"Tuning"})


def test_more_parallel_jobs_than_jobs_are_refused() -> None:
    with pytest.raises(ValueError, match="parallel_jobs"):
        TuningSettings(jobs=2, parallel_jobs=3)
