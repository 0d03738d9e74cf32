"""Estimated cost of one execution, with the assumptions behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from local_runner.definition.model import Json
from local_runner.definition.model import Step as DefinedStep
from pipeline_diff.cache_invalidation import CacheState
from pipeline_diff.prices import Job, unknown_price, usd_per_hour
from pipeline_diff.values import resolved
from processing.names import Step

BILLED_SECONDS: Mapping[str, int] = {
    Step.DOWNLOAD: 90,
    Step.PREPROCESS: 90,
    Step.TRAIN: 90,
    Step.TRANSFORM: 120,
    Step.PACKAGE: 75,
    Step.CHAMPION: 75,
    Step.EVALUATE: 75,
    Step.FIND_MODEL: 75,
    Step.PREPARE: 90,
    Step.JOIN: 75,
}
"""Assumed billed seconds by step; docs/cost.md explains them."""

JOBS: Mapping[str, tuple[Job, tuple[str, ...]]] = {
    "Processing": ("processing", ("ProcessingResources", "ClusterConfig")),
    "Training": ("training", ("ResourceConfig",)),
    "Transform": ("transform", ("TransformResources",)),
    "Tuning": ("training", ("TrainingJobDefinition", "ResourceConfig")),
}
"""By step type: the job to price, and the path of its resources in the arguments."""


@dataclass(frozen=True)
class Instances:
    """The instances of a step's job."""

    job: Job
    instance_type: str
    count: int

    def usd_per_hour(self, region: str) -> float | str:
        """Return USD per hour for all of them, or why it is unknown."""
        price = usd_per_hour(self.job, self.instance_type, region)
        if price is None:
            return unknown_price(self.job, self.instance_type, region)
        return price * self.count


@dataclass(frozen=True)
class Cost:
    """USD for one execution; None if a price is unknown.

    without_cache: every step runs. with_cache: cached steps are reused.
    assumed_seconds: assumed billed seconds by step, of all jobs of a tuning job together.
    unestimated_steps: steps without such an assumption, which neither amount includes.
    unknown_prices: why an amount is None. spot_steps: training steps on spot instances, at the
    on-demand price.
    """

    without_cache: float | None
    with_cache: float | None
    assumed_seconds: Mapping[str, int]
    unestimated_steps: tuple[str, ...]
    unknown_prices: tuple[str, ...]
    spot_steps: tuple[str, ...]


def estimated_cost(state: CacheState, running: Collection[str], renamed: Mapping[str, str]) -> Cost:
    """Estimate the cost of an execution of the state's pipeline.

    running: the steps that run when the cache is used. renamed: old name by new name; the
    assumption for the old name applies.
    """
    amounts: dict[str, float] = {}
    assumed: dict[str, int] = {}
    unestimated, unknown, spot = [], [], []
    region = state.pipeline.region or "an unknown region"
    for name, placed in state.steps.items():
        if not starts_job(placed.step):
            continue
        seconds = BILLED_SECONDS.get(name, BILLED_SECONDS.get(renamed.get(name, name)))
        if seconds is None:
            unestimated.append(name)
            continue
        seconds *= jobs(placed.step)
        assumed[name] = seconds
        instances = instances_of(placed.step, state.pipeline.defaults)
        hourly = instances if isinstance(instances, str) else instances.usd_per_hour(region)
        if isinstance(hourly, str):
            unknown.append(hourly)
            continue
        amounts[name] = hourly * seconds / 3600
        if uses_spot(placed.step):
            spot.append(name)
    return Cost(
        without_cache=None if unknown else sum(amounts.values()),
        with_cache=None if unknown else sum(amounts[name] for name in amounts if name in running),
        assumed_seconds=assumed,
        unestimated_steps=tuple(unestimated),
        unknown_prices=tuple(dict.fromkeys(unknown)),
        spot_steps=tuple(spot),
    )


def starts_job(step: DefinedStep) -> bool:
    """Whether the step starts a job, which is billed."""
    return step.type in JOBS


def uses_spot(step: DefinedStep) -> bool:
    """Whether the step trains on spot instances."""
    request = step.arguments.get("TrainingJobDefinition", step.arguments)
    return isinstance(request, Mapping) and request.get("EnableManagedSpotTraining") is True


def jobs(step: DefinedStep) -> int:
    """Return the number of jobs that the step starts: those of a tuning job, at most."""
    return _limit(step, "MaxNumberOfTrainingJobs")


def parallel_jobs(step: DefinedStep) -> int:
    """Return the number of jobs of the step that run at the same time."""
    return _limit(step, "MaxParallelTrainingJobs")


def _limit(step: DefinedStep, name: str) -> int:
    match step.arguments.get("HyperParameterTuningJobConfig"):
        case {"ResourceLimits": {**limits}} if isinstance(found := limits.get(name), int):
            return found
    return 1


def instances_of(step: DefinedStep, parameters: Mapping[str, Json]) -> Instances | str:
    """Return the instances of the step's job with these parameters, or why they are unknown."""
    job, keys = JOBS[step.type]
    resources: Json = step.arguments
    for key in keys:
        resources = resources.get(key) if isinstance(resources, Mapping) else None
    filled = resolved(resources, parameters) if isinstance(resources, Mapping) else {}
    kind, count = filled.get("InstanceType"), filled.get("InstanceCount")
    if not isinstance(kind, str) or not isinstance(count, int) or isinstance(count, bool):
        return f"the instances of {step.name} are only known at execution"
    return Instances(job, kind, count)
