"""What starts executions of both pipelines: schedules, new data, drift."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.observability.topics import Topics
from infra.pipelines import STEP_CHANGE, Pipelines, SentimentPipeline, sagemaker_events
from infra.settings import Settings
from infra.trigger.new_data import watch
from infra.trigger.prefixes import RAW
from infra.trigger.scheduling import start_on_schedule
from infra.trigger.scoring_machine import scoring_machine
from infra.trigger.training_machine import training_machine
from processing.names import Step


class ExecutionTrigger(Construct):
    """With one of its settings, the state machine that starts the training, and what calls it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipelines: Pipelines,
        bucket: s3.IBucket,
        topics: Topics | None,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        if settings.schedule or settings.start_on_new_data or settings.retrain_on_drift:
            pipeline = pipelines.training
            machine = training_machine(
                self, settings=settings, pipeline=pipeline, bucket=bucket, topics=topics, key=key
            )
            if settings.schedule:
                start_on_schedule(self, settings.schedule, machine, pipeline)
            if settings.start_on_new_data:
                watch(self, bucket, RAW, machine)
            if settings.retrain_on_drift and pipelines.scoring:
                _retrain_on_drift(self, pipelines.scoring, machine)


class ScoringTrigger(Construct):
    """With one of its settings, the state machine that starts scorings, and what calls it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipelines: Pipelines,
        bucket: s3.IBucket,
        topics: Topics | None,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        pipeline = pipelines.scoring
        if pipeline and (settings.score_schedule or settings.score_on_new_data):
            machine = scoring_machine(
                self, settings=settings, pipeline=pipeline, bucket=bucket, topics=topics, key=key
            )
            if settings.score_schedule:
                start_on_schedule(self, settings.score_schedule, machine, pipeline, with_time=True)
            if settings.score_on_new_data:
                watch(self, bucket, settings.incoming_prefix, machine)


def _retrain_on_drift(
    scope: Construct, scoring: SentimentPipeline, machine: states.StateMachine
) -> None:
    """Listen to the scoring pipeline only: no training starts another, nor a scoring."""
    drifted_at = events.RuleTargetInput.from_object(
        {"driftedAt": events.EventField.from_path("$.time")}
    )
    events.Rule(
        scope,
        "Drifted",
        event_pattern=sagemaker_events(
            STEP_CHANGE,
            {
                "pipelineArn": [scoring.arn],
                "currentStepStatus": ["Failed"],
                "stepName": [Step.DRIFTED],
            },
        ),
        targets=[targets.SfnStateMachine(machine, input=drifted_at)],
    )
