"""Jobs of steps: their names, and the API of each kind.

The jobs of a pipeline are named ``pipelines-<execution>-<step>-<random>``; each attempt of a step
is a separate job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from operations.aws.executions import StepExecution

PREFIX = "pipelines-"
"""Prefix of the names of everything that pipelines create."""


@dataclass(frozen=True)
class JobKind:
    """A kind of job. metadata: its key in a step's metadata."""

    metadata: str
    log_group: str
    list_method: str
    summaries: str

    @property
    def name(self) -> str:
        """The key of a job's name in its summary."""
        return self.summaries.replace("Summaries", "Name")


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
TUNING = replace(TRAINING, metadata="TuningJob")
"""The training jobs of a tuning job, whose names begin with its name."""

KINDS = (PROCESSING, TRAINING, TRANSFORM, TUNING)


def kind_of(step: StepExecution) -> JobKind | None:
    """Return the kind of job that a step started; None if it started none."""
    return next((kind for kind in KINDS if kind.metadata == step.kind), None)


def common_name(step: StepExecution) -> str:
    """Return the common prefix of the names of a step's jobs; a job's own name if unknown."""
    job = step.resource_name
    found = re.match(rf"{PREFIX}.+?-{re.escape(step.name)}-", job)
    return found[0] if found else job


def attempts(sagemaker: Any, step: StepExecution, kind: JobKind) -> Iterator[str]:
    """Yield the names of a step's jobs, one for each attempt."""
    name = common_name(step)
    for page in sagemaker.get_paginator(kind.list_method).paginate(
        NameContains=name, SortBy="CreationTime", SortOrder="Ascending"
    ):
        for summary in page[kind.summaries]:
            if (job := summary[kind.name]).startswith(name):
                yield job
