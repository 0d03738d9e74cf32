"""Network configuration of jobs and models in the form of each of the SDK's classes."""

from __future__ import annotations

from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.sdk import NetworkConfig, Networking


def processing_network(context: Context[Any], *, isolated: bool) -> NetworkConfig:
    """Return the network configuration of a processing job."""
    settings = context.settings
    return NetworkConfig(
        enable_network_isolation=isolated,
        encrypt_inter_container_traffic=settings.encrypt_traffic or None,
        **_vpc(context),
    )


def training_network(context: Context[Any]) -> Networking:
    """Return the network configuration of a training job, which is always isolated."""
    settings = context.settings
    return Networking(
        enable_network_isolation=True,
        enable_inter_container_traffic_encryption=settings.encrypt_traffic or None,
        **_vpc(context),
    )


def model_network(context: Context[Any]) -> Networking:
    """Return the network configuration of a model, which is always isolated."""
    return Networking(enable_network_isolation=True, **_vpc(context))


def model_vpc(context: Context[Any]) -> dict[str, Any]:
    """Return the VPC part of a CreateModel request that isn't built by the SDK."""
    settings = context.settings
    if not settings.subnets:
        return {}
    return {
        "VpcConfig": {
            "SecurityGroupIds": list(settings.security_groups),
            "Subnets": list(settings.subnets),
        }
    }


def _vpc(context: Context[Any]) -> dict[str, Any]:
    settings = context.settings
    return {
        "subnets": list(settings.subnets) or None,
        "security_group_ids": list(settings.security_groups) or None,
    }
