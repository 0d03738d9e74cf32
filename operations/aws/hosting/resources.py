"""Endpoints, configurations and models that deployments create, found by the environment's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.aws.hosting import deployments
from operations.errors import CliError

_VARIANT = "AllTraffic"


@dataclass(frozen=True)
class HostingResources:
    """Names of endpoints, endpoint configurations and models."""

    endpoints: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.endpoints, self.configurations, self.models))


def find_all(deployment: Deployment) -> HostingResources:
    """Return everything of this environment, even if the stack is deleted."""
    sagemaker, name = deployment.client("sagemaker"), deployment.name
    created = re.compile(re.escape(name) + r"-v\d+-[0-9a-f]{8}")
    return HostingResources(
        tuple(
            endpoint
            for endpoint in _names(sagemaker, "list_endpoints", "Endpoints", name)
            if endpoint in (name, _candidate(deployment))
        ),
        tuple(
            filter(
                created.fullmatch,
                _names(sagemaker, "list_endpoint_configs", "EndpointConfigs", f"{name}-v"),
            )
        ),
        tuple(filter(created.fullmatch, _names(sagemaker, "list_models", "Models", f"{name}-v"))),
    )


def find_unused(deployment: Deployment) -> HostingResources:
    """Return what no deployment needs: all, if the stack has no endpoint any more.

    Otherwise, what the endpoint doesn't serve. Raise CliError while a deployment is running.
    """
    found = find_all(deployment)
    if not found or not require_no_deployment(deployment):
        return found
    served = _served(deployment) if deployment.name in found.endpoints else ()
    return HostingResources(
        tuple(name for name in found.endpoints if name != deployment.name),
        tuple(name for name in found.configurations if name not in served),
        tuple(name for name in found.models if name not in served),
    )


def require_no_deployment(deployment: Deployment) -> bool:
    """Return whether the stack has an endpoint. Raise CliError while a deployment is running."""
    machine = deployments.state_machine_or_none(deployment)
    running = deployments.running(deployment, machine) if machine else []
    if running:
        raise CliError(
            f"a deployment is running ({running[0]}); wait for its end, which "
            f"{deployment.command('endpoint')} shows"
        )
    return machine is not None


def deletions(
    deployment: Deployment, found: HostingResources
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield (resource, call that deletes it), endpoints first."""
    sagemaker = deployment.client("sagemaker")
    for name in found.endpoints:
        yield f"endpoint {name}", partial(sagemaker.delete_endpoint, EndpointName=name)
    for name in found.configurations:
        delete = partial(sagemaker.delete_endpoint_config, EndpointConfigName=name)
        yield f"configuration {name}", delete
    for name in found.models:
        yield f"model {name}", partial(sagemaker.delete_model, ModelName=name)


def end_scaling(deployment: Deployment) -> None:
    """Deregister the live endpoint's autoscaling target, if there is one."""
    scaling = deployment.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{deployment.name}/variant/{_VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    try:
        scaling.deregister_scalable_target(**target)
    except ClientError as error:
        if error_code(error) != "ObjectNotFoundException":
            raise


def _served(deployment: Deployment) -> tuple[str, ...]:
    """Return the names of the endpoint's configuration and of its model."""
    sagemaker = deployment.client("sagemaker")
    name = sagemaker.describe_endpoint(EndpointName=deployment.name)["EndpointConfigName"]
    config = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    return name, config["ProductionVariants"][0]["ModelName"]


def _candidate(deployment: Deployment) -> str:
    return f"{deployment.name}-candidate"


def _names(sagemaker: Any, operation: str, key: str, part: str) -> Iterator[str]:
    field = f"{key.removesuffix('s')}Name"
    for page in sagemaker.get_paginator(operation).paginate(NameContains=part):
        for item in page[key]:
            yield item[field]
