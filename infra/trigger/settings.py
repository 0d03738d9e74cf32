"""Settings for what starts executions of both pipelines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from infra.trigger.prefixes import RESERVED
from infra.trigger.schedule import Schedule
from infra.trigger.waiting_times import LONGEST_EXECUTION_DAYS, MAX_QUIET_MINUTES
from pipeline_steps.settings import MAX_DAYS, PipelineSettings, text, used_with, validate_path

DATE = "{date}"
"""The part of score_dataset that is replaced with the day of the schedule."""


def _validate_prefix(prefix: str) -> str:
    if prefix in RESERVED:
        raise ValueError(f"the prefixes {', '.join(RESERVED)} have another use")
    return prefix


IncomingPrefix = Annotated[
    str,
    text("[a-z0-9][a-z0-9_-]{0,62}/", "a name of lowercase letters, digits, _ and -, and a slash"),
    AfterValidator(_validate_prefix),
]
DatedDataset = Annotated[
    str,
    text(
        r"(s3://)?[A-Za-z0-9][A-Za-z0-9./_=+-]*(\{date\}[A-Za-z0-9./_=+-]*)+",
        f"an s3:// address, or a key of the environment's own bucket, with {DATE}",
    ),
    AfterValidator(validate_path),
]


class TriggerSettings(PipelineSettings):
    """When executions start by themselves."""

    schedule: Schedule | None = Field(
        default=None,
        description="start an execution on this schedule, in UTC, unless one is running",
    )
    start_on_new_data: bool = Field(
        default=False,
        description="start an execution for each dataset that arrives below raw/ in the bucket: a "
        "table or an archive in raw/ itself, or a folder below it as soon as that has an object "
        "_SUCCESS; during an execution, the newest dataset waits for its end (docs/operations.md)",
    )
    quiet_minutes: int | None = Field(
        default=None,
        ge=1,
        le=MAX_QUIET_MINUTES,
        description="with start_on_new_data or score_on_new_data, a folder without _SUCCESS is "
        "complete as soon as no further file has arrived in it for these minutes",
    )
    score_on_new_data: bool = Field(
        default=False,
        description="score each delivery of reviews that arrives below incoming_prefix in the "
        "bucket, each with an execution of its own, one after the other (docs/scoring.md)",
    )
    incoming_prefix: Annotated[IncomingPrefix, used_with("score_on_new_data")] = Field(
        default="incoming/",
        description="the prefix of reviews to be scored in the environment's bucket",
    )
    incoming_days: Annotated[int | None, used_with("score_on_new_data")] = Field(
        default=None,
        ge=LONGEST_EXECUTION_DAYS,
        le=MAX_DAYS,
        description="days after which deliveries below incoming_prefix are deleted; by default, "
        "they are kept",
    )
    score_schedule: Annotated[Schedule | None, used_with("score_dataset")] = Field(
        default=None,
        description="score score_dataset on this schedule, in UTC, after executions that run",
    )
    score_dataset: Annotated[DatedDataset | None, used_with("score_schedule")] = Field(
        default=None,
        description=f"the reviews that score_schedule scores; {DATE} is the day of the schedule "
        "in UTC, such as 2026-11-29; with s3://, it must be below one of dataset_prefixes",
    )
    retrain_on_drift: bool = Field(
        default=False,
        description="start a training with the default parameters when the scoring pipeline "
        "measures drift, unless one is running or drift has already started one (retrain_at_most)",
    )
    retrain_at_most: Annotated[
        Literal["hourly", "daily", "monthly"], used_with("retrain_on_drift")
    ] = Field(
        default="daily",
        description="how often drift may start a training: once in an hour, a day or a month of "
        "the calendar, in UTC",
    )

    @property
    def has_new_data(self) -> bool:
        """Whether new objects in the bucket start executions."""
        return self.start_on_new_data or self.score_on_new_data

    @model_validator(mode="after")
    def _validate_scoring(self) -> TriggerSettings:
        for name in ("retrain_on_drift", "score_on_new_data", "score_schedule"):
            if getattr(self, name) and not self.has_scoring:
                raise ValueError(
                    f"{name} has no effect with no_network, which removes the scoring pipeline; "
                    "remove one of them"
                )
        return self

    @model_validator(mode="after")
    def _validate_quiet_minutes(self) -> TriggerSettings:
        if self.quiet_minutes and not self.has_new_data:
            raise ValueError(
                "quiet_minutes has no effect without start_on_new_data or score_on_new_data; set "
                "one of them"
            )
        return self
