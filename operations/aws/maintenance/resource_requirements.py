"""Instances and images that a pipeline definition requires."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import Scope, references, resolve, strings
from local_runner.definition.model import Json, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.definition.parsing import parse
from operations.aws.pipelines import defaults
from pipeline_diff.cost import JOBS, parallel_jobs, starts_job, uses_spot

_IMAGE = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"/(?P<repository>[^:@]+):(?P<tag>.+)"
)
_RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"


@dataclass(frozen=True, order=True)
class Instances:
    """Instances of one step. quota: the name of the AWS quota for them."""

    quota: str
    instance_type: str
    count: int


@dataclass(frozen=True)
class StepRequirements:
    """What the job of one step requires.

    parameter: the pipeline parameter that sets the instance type, if one does. retry_seconds: for
    how long SageMaker retries to create the job if a quota doesn't allow it.
    """

    instances: Instances
    parameter: str | None
    retry_seconds: float


@dataclass(frozen=True, order=True)
class Image:
    """A container image. registry: the ID of the registry's account."""

    registry: str
    region: str
    repository: str
    tag: str


def instances(definition: str) -> list[Instances]:
    """Return the instances of jobs with default parameters. Raise DefinitionError."""
    scope = DefaultsScope(defaults(definition))
    return sorted(
        {_instances(step, scope) for step in parse(definition).all_steps() if starts_job(step)}
    )


def of_step(definition: str, name: str, values: Mapping[str, str]) -> StepRequirements | None:
    """Return the requirements of a step's job; None without a job. Raise DefinitionError.

    values: of the parameters that don't have their defaults.
    """
    steps = parse(definition).all_steps()
    step = next((step for step in steps if step.name == name and starts_job(step)), None)
    if step is None:
        return None
    reference = next(iter(references(_resources(step)["InstanceType"])), None)
    return StepRequirements(
        instances=_instances(step, DefaultsScope({**defaults(definition), **values})),
        parameter=reference.name if reference else None,
        retry_seconds=sum(
            policy.interval * policy.backoff**number
            for policy in step.retry_policies
            if _RESOURCE_LIMIT in policy.exceptions
            for number in range(policy.max_attempts)
        ),
    )


def images(definition: str) -> list[Image]:
    """Return all images of jobs and models with a complete URI."""
    found = (_IMAGE.fullmatch(text) for _, text in strings(json.loads(definition)))
    return sorted({Image(**match.groupdict()) for match in found if match})


def _resources(step: Step) -> Json:
    found: Json = step.arguments
    for key in JOBS[step.type][1]:
        found = found[key]
    return found


def _instances(step: Step, scope: Scope) -> Instances:
    resources = resolve(_resources(step), scope)
    instance_type, count = str(resources["InstanceType"]), int(resources["InstanceCount"])
    job = f"spot {JOBS[step.type][0]}" if uses_spot(step) else JOBS[step.type][0]
    quota = f"{instance_type} for {job} job usage"
    return Instances(quota, instance_type, count * parallel_jobs(step))
