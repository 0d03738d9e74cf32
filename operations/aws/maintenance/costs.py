"""Cost of an execution: billed seconds of its jobs, times instances, times price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.jobs import PROCESSING, TRAINING, TRANSFORM, JobKind, attempts, kind_of
from pipeline_diff import prices

_HOUR = 3600


@dataclass(frozen=True)
class JobCost:
    """The cost of a job so far.

    seconds: billed for each instance. usd_per_hour: for one instance; None if unknown.
    """

    step: str
    job: str
    instance_type: str
    instance_count: int
    seconds: float
    usd_per_hour: float | None
    is_running: bool

    @property
    def usd(self) -> float | None:
        """Seconds times instances times price; None if the price is unknown."""
        if self.usd_per_hour is None:
            return None
        return self.seconds / _HOUR * self.instance_count * self.usd_per_hour


@dataclass(frozen=True)
class _Usage:
    """Instances and time of a job."""

    instance_type: str
    instance_count: int
    seconds: float
    is_running: bool


def of_steps(
    deployment: Deployment, steps: Iterable[StepExecution], now: datetime
) -> Iterator[JobCost]:
    """Yield the cost of each job, including earlier attempts; steps that didn't run have none.

    A running job is counted until ``now``.
    """
    sagemaker = deployment.client("sagemaker")
    for step in steps:
        kind = kind_of(step)
        if kind is None or not step.was_performed:
            continue
        for job in attempts(sagemaker, step, kind):
            usage = _READ[kind](sagemaker, job, now)
            yield JobCost(
                step=step.name,
                job=job,
                instance_type=usage.instance_type,
                instance_count=usage.instance_count,
                seconds=usage.seconds,
                usd_per_hour=prices.usd_per_hour(
                    _PRICED_AS[kind], usage.instance_type, deployment.region
                ),
                is_running=usage.is_running,
            )


def _processing(sagemaker: Any, job: str, now: datetime) -> _Usage:
    answer = sagemaker.describe_processing_job(ProcessingJobName=job)
    cluster = answer["ProcessingResources"]["ClusterConfig"]
    return _timed(answer, "Processing", cluster, now)


def _transform(sagemaker: Any, job: str, now: datetime) -> _Usage:
    answer = sagemaker.describe_transform_job(TransformJobName=job)
    return _timed(answer, "Transform", answer["TransformResources"], now)


def _training(sagemaker: Any, job: str, now: datetime) -> _Usage:
    """Spot training is billed for fewer seconds than it takes."""
    answer = sagemaker.describe_training_job(TrainingJobName=job)
    usage = _timed(answer, "Training", answer["ResourceConfig"], now)
    billed = answer.get("BillableTimeInSeconds", usage.seconds)
    return _Usage(usage.instance_type, usage.instance_count, billed, usage.is_running)


def _timed(
    answer: Mapping[str, Any], word: str, resources: Mapping[str, Any], now: datetime
) -> _Usage:
    """Usage by the start and end times of a job."""
    start, end = answer.get(f"{word}StartTime"), answer.get(f"{word}EndTime")
    seconds = ((end or now) - start).total_seconds() if start else 0.0
    return _Usage(
        resources["InstanceType"], resources["InstanceCount"], seconds, bool(start and not end)
    )


_READ: dict[JobKind, Callable[[Any, str, datetime], _Usage]] = {
    PROCESSING: _processing,
    TRAINING: _training,
    TRANSFORM: _transform,
}
_PRICED_AS: dict[JobKind, prices.Job] = {
    PROCESSING: "processing",
    TRAINING: "training",
    TRANSFORM: "transform",
}
