"""The state machine that scores each delivery of reviews, after executions that are running."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.observability.logged_machine import logged_state_machine
from infra.observability.topics import Topics
from infra.pipelines import SentimentPipeline
from infra.settings import Settings
from infra.trigger.arrivals import Arrivals
from infra.trigger.calls import Calls, date_of
from infra.trigger.new_data import NewData
from infra.trigger.settings import DATE
from infra.trigger.waiting import Waiting, between, is_running, list_executions
from infra.trigger.waiting_times import LONGEST_EXECUTION_DAYS, SETTLING_SECONDS

_SCHEDULED_AT = "$.scheduledAt"
_DAY = date_of(_SCHEDULED_AT)


def scoring_machine(
    scope: Construct,
    *,
    settings: Settings,
    pipeline: SentimentPipeline,
    bucket: s3.IBucket,
    topics: Topics | None,
    key: kms.IKey | None,
) -> states.StateMachine:
    """Return the state machine.

    Its input names reviews (``{"dataset": "s3://..."}``), an object that arrived
    (`infra.trigger.new_data`), or the time of the schedule
    (``{"scheduledAt": "2026-11-29T21:14:06Z"}``). Executions may overlap if reviews arrive within
    a second of each other; none is lost.
    """
    remedy = f"sentiment start -e {settings.name} --scoring --dataset ... scores it."
    calls = Calls(scope, pipeline, topics, remedy=remedy)
    arrivals = Arrivals(calls, bucket)
    waiting = Waiting(scope, calls, seconds=between(1, SETTLING_SECONDS))
    waiting.wait.next(list_executions(calls)).next(
        states.Choice(scope, "IsExecutionRunning")
        .when(is_running(), waiting.again)
        .otherwise(calls.start_with_dataset("StartScoring", "Scores"))
    )
    first: states.IChainable = waiting.arrived
    if settings.score_dataset:
        first = (
            states.Choice(scope, "IsScheduled")
            .when(
                states.Condition.is_present(_SCHEDULED_AT),
                _scheduled(scope, settings.score_dataset, bucket).next(waiting.arrived),
            )
            .otherwise(waiting.arrived)
        )
    if settings.score_on_new_data:
        new_data = NewData(
            scope,
            bucket,
            settings.incoming_prefix,
            calls=calls,
            arrivals=arrivals,
            quiet_minutes=settings.quiet_minutes,
        )
        first = new_data.followed_by(waiting.arrived, first)
    machine = logged_state_machine(
        scope,
        first,
        comment=f"Starts {pipeline.name} for each delivery",
        key=key,
        timeout=Duration.days(LONGEST_EXECUTION_DAYS),
    )
    calls.grant(machine)
    if settings.score_on_new_data and settings.quiet_minutes:
        arrivals.grant(machine, key)
    return machine


def _scheduled(scope: Construct, dataset: str, bucket: s3.IBucket) -> states.Pass:
    """Return the state that inserts the day into the dataset."""
    is_key = "://" not in dataset
    uri = f"s3://{bucket.bucket_name}/{dataset}" if is_key else dataset
    days = ", ".join([_DAY] * uri.count(DATE))
    expression = f"States.Format('{uri.replace(DATE, '{}')}', {days})"
    return states.Pass(
        scope, "ScheduledDataset", parameters={"dataset": states.JsonPath.string_at(expression)}
    )
