"""Cost of an execution: billed seconds of its jobs, times instances, times price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.jobs import PROCESSING, TRAINING, TRANSFORM, TUNING, JobKind, attempts, kind_of
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
class JobUsage:
    """Instances of a job, and the seconds during which each was in use.

    billed_seconds: fewer, if it trained on spot instances.
    """

    instance_type: str
    instance_count: int
    seconds: float
    billed_seconds: float
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
            usage = usage_of(sagemaker, kind, job, now)
            yield JobCost(
                step=step.name,
                job=job,
                instance_type=usage.instance_type,
                instance_count=usage.instance_count,
                seconds=usage.billed_seconds,
                usd_per_hour=prices.usd_per_hour(
                    _PRICED_AS[kind], usage.instance_type, deployment.region
                ),
                is_running=usage.is_running,
            )


def usage_of(sagemaker: Any, kind: JobKind, job: str, now: datetime) -> JobUsage:
    """Return the usage of a job by its name; of a running one until ``now``."""
    return _READ[kind](sagemaker, job, now)


def _processing(sagemaker: Any, job: str, now: datetime) -> JobUsage:
    answer = sagemaker.describe_processing_job(ProcessingJobName=job)
    cluster = answer["ProcessingResources"]["ClusterConfig"]
    return _timed(answer, "Processing", cluster, now)


def _transform(sagemaker: Any, job: str, now: datetime) -> JobUsage:
    answer = sagemaker.describe_transform_job(TransformJobName=job)
    return _timed(answer, "Transform", answer["TransformResources"], now)


def _training(sagemaker: Any, job: str, now: datetime) -> JobUsage:
    answer = sagemaker.describe_training_job(TrainingJobName=job)
    usage = _timed(answer, "Training", answer["ResourceConfig"], now)
    return replace(usage, billed_seconds=answer.get("BillableTimeInSeconds", usage.seconds))


def _timed(
    answer: Mapping[str, Any], word: str, resources: Mapping[str, Any], now: datetime
) -> JobUsage:
    """Usage by the start and end times of a job."""
    start, end = answer.get(f"{word}StartTime"), answer.get(f"{word}EndTime")
    seconds = ((end or now) - start).total_seconds() if start else 0.0
    return JobUsage(
        resources["InstanceType"],
        resources["InstanceCount"],
        seconds,
        seconds,
        bool(start and not end),
    )


_READ: dict[JobKind, Callable[[Any, str, datetime], JobUsage]] = {
    PROCESSING: _processing,
    TRAINING: _training,
    TRANSFORM: _transform,
    TUNING: _training,
}
_PRICED_AS: dict[JobKind, prices.Job] = {
    PROCESSING: "processing",
    TRAINING: "training",
    TRANSFORM: "transform",
    TUNING: "training",
}
