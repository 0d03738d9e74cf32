"""What one execution costs, on assumptions that are stated with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from local_runner.definition.model import Json
from pipeline_diff.cache_invalidation import CacheState
from pipeline_diff.pipeline import Pipeline, Placed
from pipeline_diff.prices import Job, usd_per_hour
from pipeline_diff.render.format_values import resolved

BILLED_SECONDS: Mapping[str, int] = {
    "Download": 90,
    "Preprocess": 90,
    "Train": 90,
    "Transform": 120,
    "Champion": 75,
    "Evaluate": 75,
    "FindModel": 75,
    "Prepare": 90,
    "Join": 75,
}
"""Assumed billed seconds by step, as docs/cost.md explains them."""

_JOBS: Mapping[str, tuple[Job, tuple[str, ...]]] = {
    "Processing": ("processing", ("ProcessingResources", "ClusterConfig")),
    "Training": ("training", ("ResourceConfig",)),
    "Transform": ("transform", ("TransformResources",)),
}
"""By type of step, the job that is priced, and where its machines are described."""


@dataclass(frozen=True)
class Cost:
    """USD for one execution. None if a price isn't known.

    cold: every step runs. warm: with what the cache holds.
    seconds: the assumed billed seconds by step.
    left_out: steps without an assumption; they are in neither amount. unpriced: why an amount is
    None. spot: steps on spare capacity, which are counted at the full price.
    """

    cold: float | None
    warm: float | None
    seconds: Mapping[str, int]
    left_out: tuple[str, ...]
    unpriced: tuple[str, ...]
    spot: tuple[str, ...]


def cost(state: CacheState, warm: Collection[str], renamed: Mapping[str, str]) -> Cost:
    """The cost of an execution of the state's pipeline.

    warm: the steps that run in spite of the cache. renamed: old name by new name, whose assumption
    still holds.
    """
    amounts: dict[str, float] = {}
    assumed: dict[str, int] = {}
    left_out, unpriced, spot = [], [], []
    for name, it in state.steps.items():
        if it.step.type not in _JOBS:
            continue
        seconds = BILLED_SECONDS.get(name, BILLED_SECONDS.get(renamed.get(name, name)))
        if seconds is None:
            left_out.append(name)
            continue
        assumed[name] = seconds
        hourly = _usd_per_hour(it, state.pipeline)
        if isinstance(hourly, str):
            unpriced.append(hourly)
            continue
        amounts[name] = hourly * seconds / 3600
        if it.step.arguments.get("EnableManagedSpotTraining") is True:
            spot.append(name)
    return Cost(
        cold=None if unpriced else sum(amounts.values()),
        warm=None if unpriced else sum(usd for name, usd in amounts.items() if name in warm),
        seconds=assumed,
        left_out=tuple(left_out),
        unpriced=tuple(dict.fromkeys(unpriced)),
        spot=tuple(spot),
    )


def _usd_per_hour(it: Placed, pipeline: Pipeline) -> float | str:
    """USD an hour of all the step's instances, or why that isn't known."""
    job, keys = _JOBS[it.step.type]
    machines: Json = it.step.arguments
    for key in keys:
        machines = machines.get(key) if isinstance(machines, Mapping) else None
    filled = resolved(machines, pipeline.defaults) if isinstance(machines, Mapping) else {}
    kind, count = filled.get("InstanceType"), filled.get("InstanceCount")
    if not isinstance(kind, str) or not isinstance(count, int) or isinstance(count, bool):
        return f"the machines of {it.step.name} aren't known before an execution"
    price = usd_per_hour(job, kind, pipeline.region or "")
    if price is None:
        return f"no price of {kind} for {job} in {pipeline.region or 'an unknown region'} is known"
    return price * count
