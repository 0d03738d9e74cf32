"""When each job of an execution starts and ends on AWS, by assumption.

Nothing here was measured on AWS: docs/performance.md names the assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from local_runner.definition.parsing import parse
from local_runner.plan import PlannedStep, make_plan
from processing.names import Parameter, Step

WAIT_SECONDS = 180
"""Until a job's instance is available."""

OVERHEAD_SECONDS = 60
"""Pulling the image and moving data."""

WORK_SECONDS: Mapping[str, int] = {
    Step.DOWNLOAD: 5,
    Step.PREPROCESS: 2,
    Step.TRAIN: 3,
    Step.PACKAGE: 1,
    Step.CHAMPION: 1,
    Step.TRANSFORM: 1,
    Step.EVALUATE: 3,
    Step.FIND_MODEL: 1,
    Step.PREPARE: 2,
    Step.JOIN: 2,
}
"""Of the article's dataset, and of 25,000 reviews to score, rounded up."""

_JOBS = ("Processing", "Training", "Transform")
_DEPLOYED = {
    Parameter.ARTIFACTS_URI: "s3://bucket",
    Parameter.CODE_URI: "s3://assets",
    Parameter.CODE_FILE: "code.pyz",
    Parameter.DATASET_URI: "s3://bucket/reviews.csv",
    Parameter.EXECUTION_ROLE_ARN: "arn:aws:iam::000000000000:role/jobs",
    Parameter.MODEL_PACKAGE_GROUP_NAME: "group",
}


@dataclass(frozen=True)
class Job:
    """A job, in seconds after the start of the execution. waits_for: the jobs before it.

    is_critical: whether the execution would end later if it did.
    """

    name: str
    start: int
    end: int
    waits_for: Sequence[str]
    is_critical: bool


class Timeline:
    """The jobs of an execution in which each job starts as early as it can.

    Steps that start no job take no time.
    """

    def __init__(self, title: str, definition: str) -> None:
        self.title = title
        self._steps = {it.step.name: it for it in make_plan(parse(definition), {}, _DEPLOYED).steps}

    @property
    def seconds(self) -> int:
        """The time until the last job ends."""
        return max(job.end for job in self.jobs)

    @cached_property
    def jobs(self) -> Sequence[Job]:
        """The jobs in the order of their starts."""
        ends: dict[str, int] = {}
        for name, planned in self._steps.items():  # dependencies first
            starts = max((ends[it] for it in planned.depends_on), default=0)
            ends[name] = starts + _seconds(planned)
        latest = self._latest_ends(max(ends.values()))
        jobs = [
            Job(
                name,
                ends[name] - _seconds(planned),
                ends[name],
                self._jobs_before(planned),
                is_critical=ends[name] == latest[name],
            )
            for name, planned in self._steps.items()
            if planned.step.type in _JOBS
        ]
        return sorted(jobs, key=lambda job: job.start)

    def _latest_ends(self, end: int) -> Mapping[str, int]:
        """Return when each step must end at the latest for the execution to end in time."""
        latest = dict.fromkeys(self._steps, end)
        for name, planned in reversed(self._steps.items()):
            for before in planned.depends_on:
                latest[before] = min(latest[before], latest[name] - _seconds(planned))
        return latest

    def _jobs_before(self, planned: PlannedStep) -> Sequence[str]:
        """Return the jobs that must end before the step, without those that others imply."""
        found = self._all_jobs_before(planned)
        implied = {it for name in found for it in self._all_jobs_before(self._steps[name])}
        return sorted(found - implied)

    def _all_jobs_before(self, planned: PlannedStep) -> set[str]:
        found: set[str] = set()
        for name in planned.depends_on:
            before = self._steps[name]
            found |= self._all_jobs_before(before)
            if before.step.type in _JOBS:
                found.add(name)
        return found


def _seconds(planned: PlannedStep) -> int:
    if planned.step.type not in _JOBS:
        return 0
    return WAIT_SECONDS + OVERHEAD_SECONDS + WORK_SECONDS[planned.step.name]
