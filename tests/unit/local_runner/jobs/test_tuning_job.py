"""Tuning jobs: hyperparameters from ranges, training jobs in parallel, the best one first."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.jobs.tuning_job import create_tuning_job, hyperparameters
from local_runner.platform.containers import Invocation
from local_runner.platform.object_store import FolderStore
from local_runner.refusals import notes
from tests.support.runner_samples import (
    XGBOOST,
    Document,
    FakeContainer,
    document,
    job_context,
    planned,
    put_object,
)

RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Linear"},
        {"Name": "alpha", "MinValue": "0.001", "MaxValue": "10", "ScalingType": "Logarithmic"},
        {
            "Name": "subsample",
            "MinValue": "0.9",
            "MaxValue": "0.999",
            "ScalingType": "ReverseLogarithmic",
        },
    ],
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "5"}],
    "CategoricalParameterRanges": [{"Name": "tree_method", "Values": ["hist", "exact"]}],
}


def config(count: int | None = 4, parallel: int = 2, **keys: Any) -> Document:
    limits = {"MaxParallelTrainingJobs": parallel, "MaxNumberOfTrainingJobs": count}
    return {
        "Strategy": "Random",
        "ResourceLimits": {key: value for key, value in limits.items() if value},
        "ParameterRanges": RANGES,
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
        **keys,
    }


def request(algorithm: Document | None = None, **keys: Any) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/train"}
    return {
        "HyperParameterTuningJobConfig": config(**keys),
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, **(algorithm or {})},
            "StaticHyperParameters": {"num_round": "3"},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
            "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        },
    }


class Trials:
    """Programs that train; the metric is the learning rate."""

    def __init__(self, failing: int = 0) -> None:
        self.given: list[dict[str, str]] = []
        self._failing = failing
        self._lock = threading.Lock()

    def __call__(self, invocation: Invocation) -> None:
        file = invocation.opt_ml / "input/config/hyperparameters.json"
        given = json.loads(file.read_text())
        with self._lock:
            self.given.append(given)
            if len(self.given) <= self._failing:
                raise JobFailed("AlgorithmError: bad")
        with invocation.log.open("a") as log:
            log.write(f"[0]\ttrain-rmse:9\tvalidation-rmse:{given['eta']}\n")
        (invocation.opt_ml / "model" / "xgboost-model").write_text(given["eta"])


def tune(root: Path, trials: Trials, **keys: Any) -> Any:
    put_object(root, "s3://b/train/part.csv", "1")
    return create_tuning_job(
        request(**keys), job_context(root, FakeContainer({"train": trials}), "tune")
    )


@pytest.mark.parametrize(("kind", "first"), [("Minimize", min), ("Maximize", max)])
def test_best_training_job_is_first(tmp_path: Path, kind: str, first: Any) -> None:
    objective = {"Type": kind, "MetricName": "validation:rmse"}
    answer = tune(tmp_path, Trials(), HyperParameterTuningJobObjective=objective)
    rates = [float(it["TunedHyperParameters"]["eta"]) for it in answer["TrainingJobSummaries"]]
    assert len(rates) == 4
    assert rates == sorted(rates, reverse=kind == "Maximize")
    best = answer["BestTrainingJob"]
    assert float(best["TunedHyperParameters"]["eta"]) == first(rates)
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == {**objective, "Value": rates[0]}
    uri = f"s3://b/models/{best['TrainingJobName']}/output/model.tar.gz"
    assert FolderStore(tmp_path / "s3").exists(uri)


def test_training_jobs_get_static_and_tuned_hyperparameters_and_the_metric(tmp_path: Path) -> None:
    trials = Trials()
    tune(tmp_path, trials)
    for given in trials.given:
        assert given["num_round"] == "3"
        assert given["_tuning_objective_metric"] == "validation:rmse"
        assert set(given) > {"eta", "alpha", "subsample", "max_depth", "tree_method"}


def test_training_jobs_have_the_instances_of_the_tuning_job(tmp_path: Path) -> None:
    hosts: list[list[str]] = []

    def train(invocation: Invocation) -> None:
        config = invocation.opt_ml / "input/config/resourceconfig.json"
        resources = json.loads(config.read_text())
        hosts.append(resources["hosts"])
        if resources["current_host"] == "algo-1":
            (invocation.opt_ml / "model" / "xgboost-model").write_text("model")
        invocation.log.write_text("[0]\ttrain-rmse:9\tvalidation-rmse:1\n")

    put_object(tmp_path, "s3://b/train/part.csv", "1")
    given = request(count=1)
    given["TrainingJobDefinition"]["HyperParameterTuningResourceConfig"] = {
        "InstanceCount": 2,
        "InstanceType": "ml.m5.large",
        "VolumeSizeInGB": 30,
    }
    create_tuning_job(given, job_context(tmp_path, FakeContainer({"train": train}), "tune"))
    assert hosts == [["algo-1", "algo-2"]] * 2


def test_programs_with_metric_definitions_get_no_other_hyperparameters(tmp_path: Path) -> None:
    trials = Trials()
    definitions = [{"Name": "validation:rmse", "Regex": "validation-rmse:([0-9.]+)"}]
    tune(tmp_path, trials, algorithm={"MetricDefinitions": definitions})
    assert "_tuning_objective_metric" not in trials.given[0]


def test_tuning_job_goes_on_after_a_failed_training_job(tmp_path: Path) -> None:
    answer = tune(tmp_path, Trials(failing=1))
    assert answer["TrainingJobStatusCounters"] == {"Completed": 3, "NonRetryableError": 1}
    last = answer["TrainingJobSummaries"][-1]
    assert (last["TrainingJobStatus"], last["FailureReason"]) == ("Failed", "AlgorithmError: bad")


def test_tuning_job_fails_if_all_training_jobs_fail(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="AlgorithmError: bad"):
        tune(tmp_path, Trials(failing=4))


def test_tuning_job_fails_without_the_objective_metric(tmp_path: Path) -> None:
    objective = {"Type": "Minimize", "MetricName": "validation:mae"}
    with pytest.raises(JobFailed, match="objective metric"):
        tune(tmp_path, Trials(), HyperParameterTuningJobObjective=objective)


def test_training_jobs_run_one_after_another_within_the_limit(tmp_path: Path) -> None:
    running, most = set[str](), list[int]()
    train = Trials()

    def program(invocation: Invocation) -> None:
        running.add(invocation.log.name)
        most.append(len(running))
        train(invocation)
        running.remove(invocation.log.name)

    put_object(tmp_path, "s3://b/train/part.csv", "1")
    context = job_context(tmp_path, FakeContainer({"train": program}), "tune")
    create_tuning_job(request(parallel=1), context)
    assert most == [1] * 4


def test_draws_are_within_their_ranges_and_the_same_for_a_seed() -> None:
    drawn = list(hyperparameters(config(200, RandomSeed=7)))
    assert drawn == list(hyperparameters(config(200, RandomSeed=7)))
    assert drawn != list(hyperparameters(config(200, RandomSeed=8)))
    assert {item["max_depth"] for item in drawn} == set("2345")
    assert {item["tree_method"] for item in drawn} == {"hist", "exact"}
    for name, low, high in (("eta", 0.1, 0.5), ("alpha", 0.001, 10), ("subsample", 0.9, 0.999)):
        assert all(low <= float(item[name]) <= high for item in drawn)
    alphas = sorted(float(item["alpha"]) for item in drawn)
    assert 0.02 < alphas[100] < 0.5  # 0.1 is the middle of the logarithms


def test_grid_is_every_combination_of_the_categories() -> None:
    values = [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y"]}]
    ranges = {"CategoricalParameterRanges": values}
    drawn = list(hyperparameters(config(None, Strategy="Grid", ParameterRanges=ranges)))
    assert drawn == [{"a": a, "b": b} for a in "12" for b in "xy"]


def tuning_step(**changes: Any) -> Document:
    return {"Name": "Tune", "Type": "Tuning", "Arguments": {**request(), **changes}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Autotune": {"Mode": "Enabled"}}, "Autotune"),
        ({"HyperParameterTuningJobConfig": config(Strategy="Hyperband")}, "Strategy 'Hyperband'"),
        (
            {"TrainingJobDefinition": {"AlgorithmSpecification": {"TrainingInputMode": "Pipe"}}},
            "TrainingJobDefinition.AlgorithmSpecification.TrainingInputMode 'Pipe'",
        ),
        (
            {"TrainingJobDefinition": {"AlgorithmSpecification": {"TrainingImage": "a/pytorch:2"}}},
            "a/pytorch:2",
        ),
    ],
)
def test_unsupported_tuning_is_refused_in_the_plan(changes: Document, words: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        planned(document(tuning_step(**changes)))
    assert words in str(refusal.value)


@pytest.mark.parametrize(("strategy", "count"), [("Bayesian", 1), ("Random", 0)])
def test_strategy_that_runs_as_another_one_is_noted(strategy: str, count: int) -> None:
    step = tuning_step(HyperParameterTuningJobConfig=config(Strategy=strategy))
    assert len(list(notes(planned(document(step))))) == count
