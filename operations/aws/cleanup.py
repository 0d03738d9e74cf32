"""What executions leave behind and nobody else removes: models, old versions, logs.

CreateModel names a model for Batch Transform and nobody unnames it; a group that holds versions
can't be deleted by CloudFormation; a log stream without a retention stays for ever. All of them are
found by names that hold an execution's id, so nothing of another pipeline can be meant. Where the
pipeline is gone, the ids are those in the tags that it put on its models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from operations.aws import executions, model_versions, pipelines
from operations.aws.client import Deployment, is_unknown
from operations.aws.jobs import KINDS, PREFIX
from operations.aws.model_versions import APPROVED, Version
from operations.aws.pipelines import Pipeline
from operations.errors import CliError

_OF_ONE_THING = (
    "ConflictException",
    "OperationAbortedException",
    "ResourceInUse",
    "ValidationException",
)
_EXECUTION_TAG = "sagemaker:pipeline-execution-arn"
"""What pipelines put on all that they make."""

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


def remains(deployment: Deployment, *, all_versions: bool, logs: bool) -> Remains:
    """What there is to remove, also where the stack is gone, or half gone.

    all_versions: approved ones and the newest too. logs: the log streams of the jobs too.
    Raises CliError while an execution runs, which needs its model, and if there is no trace of the
    deployment at all.
    """
    pipeline = pipelines.deployed_or_none(deployment)
    ids = list(_ended(deployment, pipeline)) if pipeline else _orphans(deployment)
    group = pipeline.group if pipeline else deployment.name
    prefixes = tuple(f"{PREFIX}{execution_id}-" for execution_id in ids)
    found = Remains(
        models=tuple(_models(deployment, prefixes)),
        versions=tuple(_versions(deployment, group, all_versions)),
        log_streams=tuple(_log_streams(deployment, prefixes)) if logs else (),
    )
    if pipeline is None and not (found.models or found.versions):
        raise CliError(pipelines.missing(deployment))
    return found


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


def _ended(training: Deployment, pipeline: Pipeline) -> Iterator[str]:
    """The ids of both pipelines' executions. Raises CliError for one that runs."""
    scoring = replace(training, scoring=True)
    for deployment, found in (
        (training, pipeline),
        (scoring, pipelines.deployed_or_none(scoring)),
    ):
        for execution in executions.newest_first(deployment, found) if found else ():
            if execution.is_running:
                raise CliError(
                    f"execution {execution.execution_id} is {execution.status}; wait for its end, "
                    f"or end it with {deployment.hint('stop', execution.execution_id)}, then clean"
                )
            yield execution.execution_id


def _orphans(deployment: Deployment) -> list[str]:
    """The ids of executions whose pipelines are gone, by the tags of their models, one by one."""
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
    """The models of all pipelines of the account and region."""
    pages = deployment.client("sagemaker").get_paginator("list_models")
    for page in pages.paginate(NameContains=PREFIX, SortBy="Name", SortOrder="Ascending"):
        yield from page["Models"]


def _versions(deployment: Deployment, group: str, everything: bool) -> Iterator[Version]:
    for position, version in enumerate(_known_versions(deployment, group)):
        is_kept = position == 0 or version.approval == APPROVED
        if everything or not is_kept:
            yield version


def _known_versions(deployment: Deployment, group: str) -> list[Version]:
    try:
        return model_versions.versions(deployment, group)
    except ClientError as error:
        if not is_unknown(error):
            raise
        return []  # the group is gone, and so are its versions


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
