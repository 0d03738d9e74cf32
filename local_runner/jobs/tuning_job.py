"""CreateHyperParameterTuningJob: training jobs with hyperparameters from ranges, the best first."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from local_runner.cores import available_cores
from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, Job, JobContext, Properties
from local_runner.jobs.description import now
from local_runner.jobs.limits import require_supported
from local_runner.jobs.training_job import create_training_job

_TUNING_METRIC = "_tuning_objective_metric"
_FINAL = "FinalHyperParameterTuningJobObjectiveMetric"
Hyperparameters = Mapping[str, str]


def create_tuning_job(
    arguments: Arguments, context: JobContext, train: Job = create_training_job
) -> Properties:
    """Run the training jobs by ``train``, in parallel within the request's limit.

    The hyperparameters depend on the request and its RandomSeed alone. Raise JobFailed if no
    training job has the objective metric. ModelArtifacts, which the service's description doesn't
    have, is the best model: an output of the step.
    """
    require_supported("Tuning", arguments)
    started = now()
    config = arguments["HyperParameterTuningJobConfig"]
    objective = config["HyperParameterTuningJobObjective"]
    definition = _request(arguments["TrainingJobDefinition"])
    trial = partial(_trial, train, definition, objective, context)
    limit = int(config["ResourceLimits"]["MaxParallelTrainingJobs"])
    with ThreadPoolExecutor(min(limit, available_cores())) as threads:
        trials = list(threads.map(trial, itertools.count(1), hyperparameters(config)))
    summaries = _best_first(trials, objective["Type"])
    statuses = Counter(summary["TrainingJobStatus"] for summary in trials)
    return {
        **arguments,
        "BestTrainingJob": summaries[0],
        "CreationTime": started,
        "HyperParameterTuningEndTime": now(),
        "HyperParameterTuningJobArn": context.arn("hyper-parameter-tuning-job"),
        "HyperParameterTuningJobName": context.name,
        "HyperParameterTuningJobStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": _model_of(summaries[0], arguments)},
        "TrainingJobStatusCounters": {
            "Completed": statuses["Completed"],
            "NonRetryableError": statuses["Failed"],
        },
        "TrainingJobSummaries": summaries,
    }


def hyperparameters(config: Arguments) -> Iterator[Hyperparameters]:
    """Yield the hyperparameters of each training job: random, or all combinations for Grid."""
    ranges = config.get("ParameterRanges", {})
    continuous = ranges.get("ContinuousParameterRanges", ())
    integer = ranges.get("IntegerParameterRanges", ())
    categorical = ranges.get("CategoricalParameterRanges", ())
    count = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if config.get("Strategy") == "Grid":
        names = [item["Name"] for item in categorical]
        combinations = itertools.product(*(item["Values"] for item in categorical))
        for values in itertools.islice(combinations, int(count) if count else None):
            yield dict(zip(names, values, strict=True))
        return
    chance = random.Random(config.get("RandomSeed", 0))
    for _ in range(int(count or 1)):
        yield {
            **{item["Name"]: str(_drawn(item, chance)) for item in continuous},
            **{item["Name"]: str(round(_drawn(item, chance))) for item in integer},
            **{item["Name"]: chance.choice(item["Values"]) for item in categorical},
        }


def _drawn(item: Mapping[str, str], chance: random.Random) -> float:
    low, high = float(item["MinValue"]), float(item["MaxValue"])
    match item.get("ScalingType", "Auto"):
        case "Logarithmic":
            return math.exp(chance.uniform(math.log(low), math.log(high)))
        case "ReverseLogarithmic":
            return 1 - math.exp(chance.uniform(math.log(1 - high), math.log(1 - low)))
    return chance.uniform(low, high)


def _request(definition: Arguments) -> Arguments:
    """Return the definition as requests of training jobs have it."""
    resources = definition.get("HyperParameterTuningResourceConfig")
    return definition if resources is None else {**definition, "ResourceConfig": resources}


def _trial(
    train: Job,
    definition: Arguments,
    objective: Mapping[str, str],
    context: JobContext,
    number: int,
    tuned: Hyperparameters,
) -> dict[str, Json]:
    """Run one training job and return its summary."""
    own = replace(
        context,
        name=f"{context.name}-{number:03}",
        sandbox=context.sandbox / f"{number:03}",
        log=context.log.with_name(f"{context.log.stem}.{number:03}.log"),
    )
    own.sandbox.mkdir()
    given = {**definition.get("StaticHyperParameters", {}), **tuned}
    if "MetricDefinitions" not in definition["AlgorithmSpecification"]:
        given[_TUNING_METRIC] = objective["MetricName"]
    summary: dict[str, Json] = {
        "CreationTime": now(),
        "TrainingJobArn": own.arn("training-job"),
        "TrainingJobName": own.name,
        "TunedHyperParameters": dict(tuned),
    }
    try:
        trained = train({**definition, "HyperParameters": given}, own)
    except JobFailed as error:
        return {**summary, "TrainingJobStatus": "Failed", "FailureReason": str(error)}
    metrics = {item["MetricName"]: item["Value"] for item in trained["FinalMetricDataList"]}
    found = metrics.get(objective["MetricName"])
    final = {} if found is None else {_FINAL: {**objective, "Value": found}}
    status = "Failed" if found is None else "Succeeded"
    return {**summary, **final, "TrainingJobStatus": "Completed", "ObjectiveStatus": status}


def _model_of(summary: Mapping[str, Json], arguments: Arguments) -> str:
    prefix = arguments["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{prefix}/{summary['TrainingJobName']}/output/model.tar.gz"


def _best_first(trials: Sequence[dict[str, Json]], kind: str) -> list[dict[str, Json]]:
    """Return the summaries, those without the objective metric last."""
    measured = [summary for summary in trials if _FINAL in summary]
    if not measured:
        reason = trials[0].get("FailureReason", "none printed the objective metric")
        raise JobFailed(f"ClientError: no training job succeeded: {reason}")
    sign = -1 if kind == "Maximize" else 1
    measured.sort(key=lambda summary: sign * summary[_FINAL]["Value"])
    return [*measured, *(summary for summary in trials if _FINAL not in summary)]
