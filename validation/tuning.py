"""Tuning steps, whose requests contain that of their training jobs."""

from __future__ import annotations

from collections.abc import Mapping

from local_runner.definition.model import Json, Step

TRAINING_JOBS = "TrainingJobDefinition"


def trains(step: Step) -> bool:
    """Return whether the step starts training jobs."""
    return step.type in ("Training", "Tuning")


def request_of(step: Step) -> Mapping[str, Json]:
    """Return the arguments of a step's job; of a tuning step, those of its training jobs."""
    request: Mapping[str, Json] = step.arguments
    return request.get(TRAINING_JOBS, {}) if step.type == "Tuning" else request


def hyperparameters_of(step: Step) -> Mapping[str, Json]:
    """Return the hyperparameters of a step's training jobs, tuned ones with their least value."""
    given: Mapping[str, Json] = request_of(step).get("HyperParameters", {})
    if step.type != "Tuning":
        return given
    ranges = step.arguments["HyperParameterTuningJobConfig"].get("ParameterRanges", {})
    tuned = {
        item["Name"]: item["MinValue"] if "MinValue" in item else item["Values"][0]
        for items in ranges.values()
        for item in items
    }
    return {**request_of(step).get("StaticHyperParameters", {}), **tuned}
