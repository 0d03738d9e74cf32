"""CreateModelPackage: the next version of a model package group."""

from __future__ import annotations

import re

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import now
from local_runner.jobs.model_resource import require_model_archive

_GROUP = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def create_model_package(arguments: Arguments, context: JobContext) -> Properties:
    """Register the next version. Raise JobFailed if one of its model archives doesn't exist."""
    group = arguments["ModelPackageGroupName"]
    if not _GROUP.fullmatch(group):
        raise JobFailed(
            "ClientError: ModelPackageGroupName must be 1 to 63 letters, digits and hyphens, "
            f"got {group!r}"
        )
    require_model_archives(arguments, context)
    registered = context.registry.register(group, arguments, context.identity)
    return {**registered, "CreationTime": now()}


def require_model_archives(arguments: Arguments, context: JobContext) -> None:
    """Raise JobFailed if one of the package's model archives doesn't exist."""
    for container in arguments["InferenceSpecification"]["Containers"]:
        require_model_archive(container, context)
