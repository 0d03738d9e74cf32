"""Instances and images that a pipeline definition requires."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from local_runner.definition.expressions import Scope, resolve, strings
from local_runner.definition.model import Json, Step, parse
from local_runner.definition.parameters import DefaultsScope
from operations.aws.pipelines import defaults

_IMAGE = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"/(?P<repository>[^:@]+):(?P<tag>.+)"
)
_RESOURCES = {
    "Processing": ("ProcessingResources", "ClusterConfig"),
    "Training": ("ResourceConfig",),
    "Transform": ("TransformResources",),
}


@dataclass(frozen=True, order=True)
class Instances:
    """Instances of one step. quota: the name of the AWS quota for them."""

    quota: str
    instance_type: str
    count: int


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
        {
            _instances(step, scope)
            for step in parse(definition).all_steps()
            if step.type in _RESOURCES
        }
    )


def images(definition: str) -> list[Image]:
    """Return all images of jobs and models with a complete URI."""
    found = (_IMAGE.fullmatch(text) for _, text in strings(json.loads(definition)))
    return sorted({Image(**match.groupdict()) for match in found if match})


def _instances(step: Step, scope: Scope) -> Instances:
    found: Json = step.arguments
    for key in _RESOURCES[step.type]:
        found = found[key]
    resources = resolve(found, scope)
    instance_type = str(resources["InstanceType"])
    job = step.type.lower()
    if step.arguments.get("EnableManagedSpotTraining"):
        job = f"spot {job}"
    quota = f"{instance_type} for {job} job usage"
    return Instances(quota, instance_type, int(resources["InstanceCount"]))
