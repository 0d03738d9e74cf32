"""Train as a tuning job: training jobs like that of Train, with other hyperparameters each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from pipeline_steps.context import Context, job_retries
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import Join, TrainingStep, TunedTrainingStep
from pipeline_steps.settings import TuningSettings
from pipeline_steps.steps.hyperparameters import tuned_names
from pipeline_steps.tuning_ranges import parameter_ranges
from processing import names

_OBJECTIVE = {"MetricName": "validation:logloss", "Type": "Minimize"}

TrainStep: TypeAlias = TrainingStep | TunedTrainingStep


def tune_step(
    context: Context[Parameters], tuning: TuningSettings, *, train: TrainingStep
) -> TunedTrainingStep:
    """Search the hyperparameters with the lowest log loss on the validation set.

    train: what each training job does.
    """
    config = {
        "Strategy": tuning.strategy,
        "HyperParameterTuningJobObjective": _OBJECTIVE,
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": tuning.jobs,
            "MaxParallelTrainingJobs": tuning.parallel_jobs,
        },
        "ParameterRanges": parameter_ranges(tuned_names(context)),
        "RandomSeed": 0,
    }
    return TunedTrainingStep(
        name=names.Step.TRAIN,
        display_name="Tune-XGBoost",
        description="Searches the hyperparameters with the lowest log loss on the validation set.",
        config=config,
        train=train,
        cache_config=context.cache(),
        retry_policies=job_retries(),
    )


def model_of(context: Context[Parameters], train: TrainStep) -> Any:
    """Return the URI of the trained model, or of the best one.

    A tuning job that the step cache answers has stored it in the folder of an earlier execution.
    """
    if not context.settings.tuning:
        return train.properties.ModelArtifacts.S3ModelArtifacts
    folder = train.properties.TrainingJobDefinition.OutputDataConfig.S3OutputPath
    best = train.properties.BestTrainingJob.TrainingJobName
    return Join(on="/", values=[folder, best, "output", names.MODEL_ARCHIVE])


def tuned_values(context: Context[Parameters], train: TrainStep) -> Mapping[str, Any]:
    """Return the best training job's values of the hyperparameters that were tuned."""
    if not context.settings.tuning:
        return {}
    values = train.properties.BestTrainingJob.TunedHyperParameters
    return {name: values[name] for name in tuned_names(context).values()}
