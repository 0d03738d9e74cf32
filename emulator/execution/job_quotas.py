"""Quotas of jobs: a job that needs more instances than a quota allows isn't created."""

from __future__ import annotations

from typing import Any

from local_runner.errors import JobInterrupted
from local_runner.jobs.context import Arguments

_RESOURCES = {
    "Processing": ("ProcessingResources", "ClusterConfig"),
    "Training": ("ResourceConfig",),
    "Transform": ("TransformResources",),
}


class ResourceLimitExceeded(JobInterrupted):
    """The job would exceed a quota."""

    exception = "SageMaker.RESOURCE_LIMIT"


def require_quota(step_type: str, arguments: Arguments, service_quotas: Any) -> None:
    """Raise ResourceLimitExceeded if a quota that was set is below what the job needs.

    Instances of other jobs aren't counted.
    """
    resources: Any = arguments
    for key in _RESOURCES[step_type]:
        resources = resources.get(key, {})
    if "InstanceType" not in resources:
        return
    job = f"{step_type.lower()} job"
    if arguments.get("EnableManagedSpotTraining"):
        job = f"spot {job}"
    name, needed = f"{resources['InstanceType']} for {job} usage", int(resources["InstanceCount"])
    pages = service_quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    for quota in (quota for page in pages for quota in page["Quotas"]):
        if quota["QuotaName"] == name and quota["Value"] < needed:
            raise ResourceLimitExceeded(
                f"ClientError: Failed to invoke sagemaker:Create{step_type}Job. Error Details: The "
                f"account-level service limit '{name}' is {quota['Value']:.0f} Instances, with a "
                f"request delta of {needed} Instances. Request an increase for this quota."
            )
