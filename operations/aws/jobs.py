"""The jobs that steps start: how they are called, and what AWS knows of each kind.

Jobs of a pipeline are called ``pipelines-<execution>-<step>-<random>``, and each attempt of a step
is a job of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from operations.aws.executions import StepExecution

PREFIX = "pipelines-"
"""What the names of all that pipelines make begin with."""


@dataclass(frozen=True)
class JobKind:
    """A kind of job. ``metadata`` is the key that a step's metadata has it under."""

    metadata: str
    log_group: str
    list_method: str
    summaries: str


PROCESSING = JobKind(
    "ProcessingJob",
    "/aws/sagemaker/ProcessingJobs",
    "list_processing_jobs",
    "ProcessingJobSummaries",
)
TRAINING = JobKind(
    "TrainingJob", "/aws/sagemaker/TrainingJobs", "list_training_jobs", "TrainingJobSummaries"
)
TRANSFORM = JobKind(
    "TransformJob", "/aws/sagemaker/TransformJobs", "list_transform_jobs", "TransformJobSummaries"
)
KINDS = (PROCESSING, TRAINING, TRANSFORM)


def kind_of(step: StepExecution) -> JobKind | None:
    """The kind of job that the step has started; None if it has started none."""
    return next((kind for kind in KINDS if kind.metadata == step.kind), None)


def common_name(step: StepExecution) -> str:
    """What the names of all attempts of the step begin with; the job's own name in doubt."""
    job = step.resource_name
    found = re.match(rf"{PREFIX}.+?-{re.escape(step.name)}-", job)
    return found[0] if found else job


def attempts(sagemaker: Any, step: StepExecution, kind: JobKind) -> Iterator[str]:
    """The names of the step's jobs: of the last attempt, and of those before it."""
    name = common_name(step)
    for page in sagemaker.get_paginator(kind.list_method).paginate(
        NameContains=name, SortBy="CreationTime", SortOrder="Ascending"
    ):
        for summary in page[kind.summaries]:
            if (job := summary[f"{kind.metadata}Name"]).startswith(name):
                yield job
