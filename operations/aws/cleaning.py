"""What executions leave behind and nobody else removes: models, old versions, logs.

CreateModel names a model for Batch Transform and nobody unnames it; a group that holds versions
can't be deleted by CloudFormation; a log stream without a retention stays for ever. All of them are
found by names that hold an execution's id, so nothing of another pipeline can be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from operations.aws import executions, models
from operations.aws.jobs import KINDS, PREFIX
from operations.aws.models import APPROVED, Version
from operations.aws.pipelines import Pipeline
from operations.aws.session import Deployment, is_unknown
from operations.errors import Problem

_OF_ONE_THING = (
    "ConflictException",
    "OperationAbortedException",
    "ResourceInUse",
    "ValidationException",
)
_NOT_THERE = ("could not find", "does not exist", "not found")


@dataclass(frozen=True)
class Remains:
    """What would be removed. log_streams: (group, stream)."""

    models: tuple[str, ...]
    versions: tuple[Version, ...]
    log_streams: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Removed:
    """What became of it: gone now or before, and (what, why not) of the rest."""

    gone: int
    failures: tuple[tuple[str, str], ...]


def remains(
    deployment: Deployment, pipeline: Pipeline, *, all_versions: bool, logs: bool
) -> Remains:
    """What there is to remove. Raises Problem while an execution runs: it needs its model.

    all_versions: approved ones and the newest too. logs: the log streams of the jobs too.
    """
    found = list(executions.newest_first(deployment, pipeline))
    for execution in found:
        if execution.is_running:
            raise Problem(
                f"execution {execution.execution_id} is {execution.status}; wait for its end, or "
                f"end it with {deployment.hint('stop', execution.execution_id)}, then clean"
            )
    prefixes = tuple(f"{PREFIX}{execution.execution_id}-" for execution in found)
    return Remains(
        models=tuple(_models(deployment, prefixes)),
        versions=tuple(_versions(deployment, pipeline, all_versions)),
        log_streams=tuple(_log_streams(deployment, prefixes)) if logs else (),
    )


def remove(deployment: Deployment, remains: Remains, on_removed: Callable[[str], None]) -> Removed:
    """Removes it all, going on past what is gone already and what can't be removed."""
    gone = 0
    failures = []
    for name, delete in _deletions(deployment, remains):
        try:
            delete()
        except ClientError as error:
            if not _is_gone(error):
                failures.append((name, _why_it_stays(error)))
                continue
        gone += 1
        on_removed(name)
    return Removed(gone, tuple(failures))


def _models(deployment: Deployment, prefixes: tuple[str, ...]) -> Iterator[str]:
    pages = deployment.client("sagemaker").get_paginator("list_models")
    for page in pages.paginate(NameContains=PREFIX, SortBy="Name", SortOrder="Ascending"):
        for model in page["Models"]:
            if model["ModelName"].startswith(prefixes):
                yield model["ModelName"]


def _versions(deployment: Deployment, pipeline: Pipeline, everything: bool) -> Iterator[Version]:
    for position, version in enumerate(models.versions(deployment, pipeline)):
        is_kept = position == 0 or version.approval == APPROVED
        if everything or not is_kept:
            yield version


def _log_streams(deployment: Deployment, prefixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """One listing of a whole group is cheaper than one for each execution."""
    pages = deployment.client("logs").get_paginator("describe_log_streams")
    for kind in KINDS:
        try:
            for page in pages.paginate(logGroupName=kind.log_group, logStreamNamePrefix=PREFIX):
                for stream in page["logStreams"]:
                    if stream["logStreamName"].startswith(prefixes):
                        yield kind.log_group, stream["logStreamName"]
        except ClientError as error:
            if not is_unknown(error):
                raise


def _deletions(deployment: Deployment, remains: Remains) -> Iterator[tuple[str, Callable[[], Any]]]:
    """(what, the call that removes it)."""
    sagemaker, logs = deployment.client("sagemaker"), deployment.client("logs")
    for model in remains.models:
        yield model, partial(sagemaker.delete_model, ModelName=model)
    for version in remains.versions:
        yield version.arn, partial(sagemaker.delete_model_package, ModelPackageName=version.arn)
    for group, stream in remains.log_streams:
        delete = partial(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
        yield f"{group}:{stream}", delete


def _is_gone(error: ClientError) -> bool:
    message = error.response["Error"].get("Message", "").lower()
    return is_unknown(error) and any(words in message for words in _NOT_THERE)


def _why_it_stays(error: ClientError) -> str:
    """The reason of this one thing; raises the error if it would hit the next one too."""
    if error.response["Error"].get("Code") not in _OF_ONE_THING:
        raise error
    return " ".join(error.response["Error"].get("Message", "").split())
