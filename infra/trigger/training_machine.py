"""The state machine that starts an execution of the training pipeline, unless one is running.

While one is running, the schedule and drift start nothing, and new data waits for its end. Of
several datasets that wait, the last one is used, and an alert names the others. The states of a
dataset are NewDataset -> AnnounceDataset -> WaitForTurn -> FindNewest -> IsNewest -> ListExecutions
-> IsExecutionRunning -> StartWithDataset, or CountWait and again WaitForTurn.
"""

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
from infra.trigger.arrivals import LAST_HASH, Arrivals
from infra.trigger.calls import DATASET, Calls, dataset_version
from infra.trigger.new_data import NewData
from infra.trigger.prefixes import RAW, TRIGGERS
from infra.trigger.retraining import DRIFTED_AT, NAMES, listed_names, retraining
from infra.trigger.waiting import Waiting, is_running, list_executions
from infra.trigger.waiting_times import LONGEST_EXECUTION_DAYS, SETTLING_SECONDS
from pipeline_steps.settings import ARTICLES_DATASET

_NEWEST = f"{TRIGGERS}newest"

Condition = states.Condition


def training_machine(
    scope: Construct,
    *,
    settings: Settings,
    pipeline: SentimentPipeline,
    bucket: s3.IBucket,
    topics: Topics | None,
    key: kms.IKey | None,
) -> states.StateMachine:
    """Return the state machine.

    Its input names a dataset (``{"dataset": "s3://..."}``), an object that arrived
    (`infra.trigger.new_data`), the time at which drift was measured
    (``{"driftedAt": "2026-11-29T21:14:06Z"}``), or nothing (``{}``).
    """
    remedy = f"sentiment start -e {settings.name} --dataset ... uses it."
    calls = Calls(scope, pipeline, topics, remedy=remedy)
    arrivals = Arrivals(calls, bucket)
    names = {NAMES: listed_names()} if settings.retrain_on_drift else {}
    listed = list_executions(calls, **names)
    choice = states.Choice(scope, "IsExecutionRunning")
    first: states.IChainable = listed.next(choice)
    if settings.start_on_new_data:
        waiting = Waiting(
            scope,
            calls,
            seconds=SETTLING_SECONDS,
            after_arrival=arrivals.announce("AnnounceDataset", _NEWEST),
        )
        waiting.wait.next(_if_newest(scope, calls, arrivals, listed))
        choice.when(Condition.and_(is_running(), Condition.is_present(DATASET)), waiting.again)
        dataset = (
            states.Choice(scope, "IsNewDataset")
            .when(Condition.is_present(DATASET), waiting.arrived)
            .otherwise(listed)
        )
        first = NewData(
            scope,
            bucket,
            RAW,
            calls=calls,
            arrivals=arrivals,
            quiet_minutes=settings.quiet_minutes,
        ).followed_by(waiting.arrived, dataset)
    reasons = states.Choice(scope, "IsDatasetGiven").when(
        Condition.is_present(DATASET),
        calls.start_with_dataset("StartWithDataset", "Trains with", [dataset_version()]),
    )
    # The article's dataset never changes; another one may have got new data.
    is_read_again = settings.dataset_uri != ARTICLES_DATASET
    if settings.retrain_on_drift:
        reasons.when(
            Condition.is_present(DRIFTED_AT),
            retraining(scope, calls, settings.retrain_at_most, is_read_again=is_read_again),
        )
    choice.when(is_running(), states.Succeed(scope, "AlreadyRunning")).otherwise(
        reasons.otherwise(
            calls.start("Start", PipelineParameters=[dataset_version()] * is_read_again)
        )
    )
    machine = logged_state_machine(
        scope,
        first,
        comment=f"Starts {pipeline.name} unless it is running",
        key=key,
        timeout=Duration.days(LONGEST_EXECUTION_DAYS),
    )
    calls.grant(machine)
    if settings.start_on_new_data:
        arrivals.grant(machine, key)
    return machine


def _if_newest(
    scope: Construct, calls: Calls, arrivals: Arrivals, use: states.IChainable
) -> states.IChainable:
    """Return FindNewest -> IsNewest -> ``use``, or an end."""
    superseded = calls.failure(
        "Superseded",
        f"States.Format('{{}} is not used: another dataset arrived later.', {DATASET})",
    )
    arrived_again = Condition.string_equals_json_path(LAST_HASH, "$.hash")
    return arrivals.find_last("FindNewest", _NEWEST).next(
        states.Choice(scope, "IsNewest")
        .when(arrivals.is_last(), use)
        .when(arrived_again, states.Succeed(scope, "ArrivedAgain"))
        .otherwise(superseded)
    )
