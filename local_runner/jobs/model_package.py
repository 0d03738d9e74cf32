"""CreateModelPackage: the next version of a model package group."""

from __future__ import annotations

import json
import re

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import now
from local_runner.jobs.model_resource import require_model_archive

MODEL_CARD_LENGTH = 100_000
"""Characters of the content of a model card."""

_GROUP = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def create_model_package(arguments: Arguments, context: JobContext) -> Properties:
    """Register the next version. Raise JobFailed if one of its model archives doesn't exist."""
    group = arguments["ModelPackageGroupName"]
    if not _GROUP.fullmatch(group):
        raise JobFailed(
            "ClientError: ModelPackageGroupName must be 1 to 63 letters, digits and hyphens, "
            f"got {group!r}"
        )
    if problem := model_card_problem(arguments):
        raise JobFailed(f"ClientError: {problem}")
    require_model_archives(arguments, context)
    registered = context.registry.register(group, arguments, context.identity)
    return {**registered, "CreationTime": now()}


def require_model_archives(arguments: Arguments, context: JobContext) -> None:
    """Raise JobFailed if one of the package's model archives doesn't exist."""
    for container in arguments["InferenceSpecification"]["Containers"]:
        require_model_archive(container, context)


def model_card_problem(arguments: Arguments) -> str:
    """Return why the request's model card is refused; empty if it isn't, or without a card."""
    content = arguments.get("ModelCard", {}).get("ModelCardContent")
    if content is None:
        return ""
    if len(content) > MODEL_CARD_LENGTH or "\n" in content:
        return (
            f"ModelCardContent must be one line of at most {MODEL_CARD_LENGTH:,} characters, got "
            f"{len(content):,} characters"
        )
    try:
        is_object = isinstance(json.loads(content), dict)
    except ValueError:
        is_object = False
    return "" if is_object else "ModelCardContent must be a JSON object"
