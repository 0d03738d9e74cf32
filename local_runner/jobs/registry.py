"""CreateModelPackage: a version in a model package group."""

from __future__ import annotations

import re

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.model import insist_archive

_GROUP = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Registers the next version of the group. Raises JobFailed if its model archive is missing."""
    group = arguments["ModelPackageGroupName"]
    if not _GROUP.fullmatch(group):
        raise JobFailed(f"ClientError: {group!r} is no name of a model package group")
    insist_archives(arguments, context)
    return context.registry.register(group, arguments, context.identity)


def insist_archives(arguments: Arguments, context: JobContext) -> None:
    """Raises JobFailed if one of the package's model archives doesn't exist."""
    for container in arguments["InferenceSpecification"]["Containers"]:
        insist_archive(container, context)
