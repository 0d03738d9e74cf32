"""The endpoint of an environment, and the version that it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import is_not_found


@dataclass(frozen=True)
class Endpoint:
    """An endpoint. capacity: the production variant's ServerlessConfig, or type and count.

    version: the ARN of the version that it serves; None if that is unknown.
    """

    name: str
    status: str
    failure_reason: str | None
    configuration: str
    capacity: Mapping[str, Any]
    version: str | None
    updated: datetime
    url: str

    @property
    def is_serverless(self) -> bool:
        """Whether its variant has no instances; False if that is unknown."""
        return "memory_mb" in self.capacity


def find_endpoint_or_none(deployment: Deployment) -> Endpoint | None:
    """Return the environment's endpoint; None if there is none."""
    sagemaker = deployment.client("sagemaker")
    found = _or_none(sagemaker.describe_endpoint, EndpointName=deployment.name)
    if found is None:
        return None
    configuration = found["EndpointConfigName"]
    config = _or_none(sagemaker.describe_endpoint_config, EndpointConfigName=configuration)
    variant = config["ProductionVariants"][0] if config else {}
    address = deployment.client("sagemaker-runtime").meta.endpoint_url
    return Endpoint(
        name=deployment.name,
        status=found["EndpointStatus"],
        failure_reason=found.get("FailureReason"),
        configuration=configuration,
        capacity=_capacity(variant),
        version=_version(sagemaker, variant.get("ModelName")),
        updated=found["LastModifiedTime"].astimezone(UTC),
        url=f"{address}/endpoints/{deployment.name}/invocations",
    )


def _capacity(variant: Mapping[str, Any]) -> Mapping[str, Any]:
    if serverless := variant.get("ServerlessConfig"):
        return {
            "memory_mb": serverless["MemorySizeInMB"],
            "max_concurrency": serverless["MaxConcurrency"],
        }
    if "InstanceType" in variant:
        return {"type": variant["InstanceType"], "count": variant["InitialInstanceCount"]}
    return {}


def _version(sagemaker: Any, model: str | None) -> str | None:
    """Return the ARN of a model's version; None if the model is deleted, or has no version."""
    found = _or_none(sagemaker.describe_model, ModelName=model) if model else None
    version: str | None = (found or {}).get("PrimaryContainer", {}).get("ModelPackageName")
    return version


def _or_none(call: Any, **parameters: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = call(**parameters)
    except ClientError as error:
        if not is_not_found(error):
            raise
        return None
    return found
