"""Cleanup of resources that executions and deployments create and nothing deletes.

CreateModel creates a model resource for Batch Transform that SageMaker never deletes;
CloudFormation can't delete a model package group that has versions; log streams without a retention
period are kept forever. Resources are found by names that contain an execution ID, so those of
other pipelines are never affected. If the pipeline is deleted, execution IDs come from the tags of
its models.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from operations.aws import executions, model_versions, pipelines
from operations.aws.client import Deployment
from operations.aws.comparison import downloaded
from operations.aws.errors import error_code, error_message, is_not_found
from operations.aws.hosting import resources
from operations.aws.hosting.resources import HostingResources
from operations.aws.jobs import KINDS, PREFIX
from operations.aws.pipelines import Pipeline
from operations.errors import CliError
from operations.models.version import ModelVersion, kept_versions

_RESOURCE_ERRORS = (
    "ConflictException",
    "OperationAbortedException",
    "ResourceInUse",
    "ValidationException",
)
_EXECUTION_TAG = "sagemaker:pipeline-execution-arn"
"""The tag of everything that an execution creates."""

_NOT_FOUND_TEXTS = ("could not find", "does not exist", "not found")


@dataclass(frozen=True)
class Leftovers:
    """Resources to delete. log_streams: (log group, log stream). kept_versions: the others.

    downloads: folders on this machine. hosting: of deployments to the endpoint.
    """

    models: tuple[str, ...]
    versions: tuple[ModelVersion, ...]
    kept_versions: tuple[ModelVersion, ...]
    log_streams: tuple[tuple[str, str], ...]
    downloads: tuple[Path, ...]
    hosting: HostingResources


@dataclass(frozen=True)
class Deleted:
    """The number of deleted resources, and (resource, reason) of those that couldn't be deleted."""

    count: int
    failures: tuple[tuple[str, str], ...]


def find_leftovers(
    deployment: Deployment, *, pending: bool, all_versions: bool, logs: bool
) -> Leftovers:
    """Find the resources to delete, even if the stack is (partly) deleted.

    pending: include versions that wait for approval, except the newest. all_versions: include all.
    logs: include the jobs' log streams.
    Raise CliError while an execution is running, because it uses its model, and if nothing of the
    deployment exists.
    """
    pipeline = pipelines.find_pipeline_or_none(deployment)
    ids = list(_ended(deployment, pipeline)) if pipeline else _tagged_executions(deployment)
    group = pipeline.group if pipeline else deployment.name
    prefixes = tuple(f"{PREFIX}{execution_id}-" for execution_id in ids)
    versions = _versions(deployment, group)
    kept = tuple(kept_versions(versions, pending=pending, all_versions=all_versions))
    found = Leftovers(
        models=tuple(_models(deployment, prefixes)),
        versions=tuple(version for version in versions if version not in kept),
        kept_versions=kept,
        log_streams=tuple(_log_streams(deployment, prefixes)) if logs else (),
        downloads=tuple(downloaded(deployment)),
        hosting=resources.find_unused(deployment),
    )
    remains = found.models or versions or found.downloads or found.hosting
    if pipeline is None and not remains:
        raise pipelines.not_found(deployment)
    return found


def delete(
    deployment: Deployment, leftovers: Leftovers, on_deleted: Callable[[str], None]
) -> Deleted:
    """Delete the resources; continue after those that are already deleted or can't be."""
    return delete_each(_deletions(deployment, leftovers), on_deleted)


def delete_each(
    deletions: Iterable[tuple[str, Callable[[], Any]]], on_deleted: Callable[[str], None]
) -> Deleted:
    """Make the calls for resources; continue after those that are deleted or can't be."""
    count = 0
    failures = []
    for name, call in deletions:
        try:
            call()
        except ClientError as error:
            if not _is_deleted(error):
                failures.append((name, _reason(error)))
                continue
        except OSError as error:
            failures.append((name, error.strerror or str(error)))
            continue
        count += 1
        on_deleted(name)
    return Deleted(count, tuple(failures))


def _ended(training: Deployment, pipeline: Pipeline) -> Iterator[str]:
    """Yield the IDs of both pipelines' executions. Raise CliError if one is running."""
    scoring = replace(training, scoring=True)
    for deployment, found in (
        (training, pipeline),
        (scoring, pipelines.find_pipeline_or_none(scoring)),
    ):
        for execution in executions.newest_first(deployment, found) if found else ():
            if execution.is_running:
                raise CliError(
                    f"execution {execution.execution_id} is {execution.status}; wait for its end, "
                    f"or stop it with {deployment.command('stop', execution.execution_id)}"
                )
            yield execution.execution_id


def _tagged_executions(deployment: Deployment) -> list[str]:
    """Return execution IDs of deleted pipelines from the tags of their models."""
    sagemaker = deployment.client("sagemaker")
    scoring = replace(deployment, scoring=True).pipeline
    of_pipeline = re.compile(
        f".*:pipeline/(?:{re.escape(deployment.name)}|{re.escape(scoring)})/execution/(.+)"
    )
    found = set()
    for model in _pipelines_models(deployment):
        for page in sagemaker.get_paginator("list_tags").paginate(ResourceArn=model["ModelArn"]):
            tags = {tag["Key"]: tag["Value"] for tag in page["Tags"]}
            if ours := of_pipeline.fullmatch(tags.get(_EXECUTION_TAG, "")):
                found.add(ours[1])
    return sorted(found)


def _models(deployment: Deployment, prefixes: tuple[str, ...]) -> Iterator[str]:
    for model in _pipelines_models(deployment):
        if model["ModelName"].startswith(prefixes):
            yield model["ModelName"]


def _pipelines_models(deployment: Deployment) -> Iterator[Mapping[str, Any]]:
    """Yield the models of all pipelines in the account and region."""
    pages = deployment.client("sagemaker").get_paginator("list_models")
    for page in pages.paginate(NameContains=PREFIX, SortBy="Name", SortOrder="Ascending"):
        yield from page["Models"]


def _versions(deployment: Deployment, group: str) -> list[ModelVersion]:
    try:
        return model_versions.versions(deployment, group)
    except ClientError as error:
        if not is_not_found(error):
            raise
        return []  # without the group there are no versions


def _log_streams(deployment: Deployment, prefixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield log streams. Listing a whole group takes fewer calls than one for each execution."""
    pages = deployment.client("logs").get_paginator("describe_log_streams")
    for group in dict.fromkeys(kind.log_group for kind in KINDS):
        try:
            for page in pages.paginate(logGroupName=group, logStreamNamePrefix=PREFIX):
                for stream in page["logStreams"]:
                    if stream["logStreamName"].startswith(prefixes):
                        yield group, stream["logStreamName"]
        except ClientError as error:
            if not is_not_found(error):
                raise


def _deletions(
    deployment: Deployment, leftovers: Leftovers
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield (resource, call that deletes it)."""
    sagemaker, logs = deployment.client("sagemaker"), deployment.client("logs")
    if deployment.name in leftovers.hosting.endpoints:
        yield "autoscaling", partial(resources.end_scaling, deployment)
    yield from resources.deletions(deployment, leftovers.hosting)
    for model in leftovers.models:
        yield model, partial(sagemaker.delete_model, ModelName=model)
    for version in leftovers.versions:
        yield version.arn, partial(sagemaker.delete_model_package, ModelPackageName=version.arn)
    for group, stream in leftovers.log_streams:
        delete = partial(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
        yield f"{group}:{stream}", delete
    for folder in leftovers.downloads:
        yield str(folder), partial(shutil.rmtree, folder)


def _is_deleted(error: ClientError) -> bool:
    message = error_message(error).lower()
    return is_not_found(error) and any(text in message for text in _NOT_FOUND_TEXTS)


def _reason(error: ClientError) -> str:
    """Return why a resource can't be deleted; raise errors that would also affect the next one."""
    if error_code(error) not in _RESOURCE_ERRORS:
        raise error
    return error_message(error)
