"""Labels of reviews that were scored on AWS, stored beside the scores in the bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.comparison import cache_of, cached_folder
from operations.aws.errors import error_code
from operations.aws.feedback.texts import download_texts
from operations.aws.pipelines import Pipeline, find_pipeline
from operations.errors import CliError
from operations.feedback.job import (
    STORED,
    Joined,
    ScoredReviews,
    join,
    names_classes,
    require_scores,
)
from operations.progress import Progress
from processing import names
from processing.names import Feedback

_ROOT = "scores"
"""Prefix of the results of scoring in the bucket."""

_SCORES = f"{names.SCORES}/{names.SCORES_FILE}"
_DRIFT = f"{names.DRIFT}/{names.DRIFT_FILE}"
_LABELS = f"{names.FEEDBACK}/{names.LABELS_FILE}"
_CHANGED = ("ConditionalRequestConflict", "PreconditionFailed", "412", "409")


@dataclass(frozen=True)
class _Results:
    """The results of an execution in the bucket: when it started, and objects by their names."""

    name: str
    arn: str
    started: datetime
    objects: Mapping[str, Mapping[str, Any]]


def give_feedback(
    deployment: Deployment,
    labels: Path | None,
    wanted: str | None,
    *,
    export: bool,
    quiet: bool,
) -> Joined:
    """Join labels with the scores in the bucket, store them there, and publish the metrics.

    labels: None to use only those that are stored. wanted: the execution whose scores to use; None
    for all. Shows progress on stderr, unless ``quiet``. Raise UsageError or CliError.
    """
    pipeline = find_pipeline(deployment)
    listed = _results(deployment, pipeline, wanted)
    by_name = {it.name: it for it in listed}
    with (
        tempfile.TemporaryDirectory(prefix="sentiment-labels-") as scratch,
        Progress(quiet=quiet) as progress,
    ):
        found: list[ScoredReviews] = []
        for number, it in enumerate(listed):
            progress.set_status(f"read the scores of {number:,} of {len(listed):,} executions")
            found += _downloaded(deployment, pipeline, it, Path(scratch))
        require_scores(found, wanted, "score reviews first")
        joined = join(found, labels, export=False)
        if export:
            progress.set_status("downloading the labeled reviews")
            labeled = {
                it[Feedback.NAME]
                for it in joined.document[Feedback.EXECUTIONS]
                if it[Feedback.LABELED]
            }
            with_texts = [
                download_texts(deployment, pipeline, it, by_name[it.name].arn, Path(scratch))
                if it.name in labeled
                else it
                for it in found
            ]
            joined = join(with_texts, labels, export=True)
    for name, contents in joined.stored.items():
        _store(deployment, pipeline, by_name[name], contents)
    _publish(deployment, joined.document[Feedback.UPDATED])
    return joined


def _results(deployment: Deployment, pipeline: Pipeline, wanted: str | None) -> list[_Results]:
    """Return the executions with results in the bucket, oldest first. Raise UsageError."""
    if wanted is not None:
        wanted = executions.find_execution(deployment, pipeline, wanted).execution_id
    started = {it.execution_id: it.started for it in executions.newest_first(deployment, pipeline)}
    objects: dict[str, dict[str, Mapping[str, Any]]] = {}
    pages = deployment.client("s3").get_paginator("list_objects_v2")
    prefix = f"{_ROOT}/{wanted}/" if wanted else f"{_ROOT}/"
    for page in pages.paginate(Bucket=pipeline.bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            name, _, rest = item["Key"].removeprefix(f"{_ROOT}/").partition("/")
            if name.isalnum():  # as the IDs of executions; it becomes the name of a file
                objects.setdefault(name, {})[rest] = item
    found = [
        # The bucket may be older than the pipeline.
        _Results(
            name,
            f"{pipeline.arn}/execution/{name}",
            started.get(name) or its[_SCORES]["LastModified"],
            its,
        )
        for name, its in objects.items()
        if its.keys() >= {_SCORES, _DRIFT}
    ]
    return sorted(found, key=lambda it: (it.started, it.name))


def _downloaded(
    deployment: Deployment, pipeline: Pipeline, found: _Results, scratch: Path
) -> Iterator[ScoredReviews]:
    """Yield the scores of an execution, unless older code scored the reviews."""
    uri = _uri(pipeline, found.name)
    cache = cache_of(found.arn)
    drift = cached_folder(deployment, cache / names.DRIFT, [f"{uri}/{_DRIFT}"])
    if not names_classes(found.name, (drift / names.DRIFT_FILE).read_bytes()):
        return
    scores = cached_folder(deployment, cache / names.SCORES, [f"{uri}/{_SCORES}"])
    labels = None
    if _LABELS in found.objects:
        labels = scratch / f"{found.name}.csv"
        labels.write_bytes(results.read_object(deployment, f"{uri}/{_LABELS}", "labels"))
    yield ScoredReviews(
        name=found.name,
        started=found.started.isoformat(),
        parameters={},
        scores=scores / names.SCORES_FILE,
        drift=drift / names.DRIFT_FILE,
        labels=labels,
    )


def _store(
    deployment: Deployment, pipeline: Pipeline, found: _Results, contents: Mapping[str, bytes]
) -> None:
    """Store the labels of an execution, unless they have changed since they were read."""
    before = found.objects.get(_LABELS)
    condition = {"IfMatch": before["ETag"]} if before else {"IfNoneMatch": "*"}
    for name in STORED:
        key = f"{_ROOT}/{found.name}/{names.FEEDBACK}/{name}"
        try:
            deployment.client("s3").put_object(
                Bucket=pipeline.bucket,
                Key=key,
                Body=contents[name],
                **(condition if name == names.LABELS_FILE else {}),
            )
        except ClientError as error:
            if error_code(error) not in _CHANGED:
                raise
            raise CliError(
                f"another command has just stored labels of {found.name}; run this one again"
            ) from None


def _publish(deployment: Deployment, updated: Mapping[str, Any]) -> None:
    """Publish the accuracy of the executions that got labels, if there are any."""
    accuracy = updated[names.ACCURACY]
    if accuracy is None:
        return
    values: Sequence[tuple[str, float]] = (
        (names.FEEDBACK_METRIC, accuracy[names.VALUE]),
        (names.FEEDBACK_BOUND_METRIC, accuracy[Feedback.HIGH]),
    )
    dimension = {"Name": names.METRIC_DIMENSION, "Value": deployment.pipeline}
    deployment.client("cloudwatch").put_metric_data(
        Namespace=names.METRIC_NAMESPACE,
        MetricData=[
            {"MetricName": name, "Dimensions": [dimension], "Value": value}
            for name, value in values
        ],
    )


def _uri(pipeline: Pipeline, name: str) -> str:
    return f"s3://{pipeline.bucket}/{_ROOT}/{name}"
