"""What starts executions of the training pipeline: a schedule, new data, or drift."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.pipelines import STEP_CHANGE, Pipelines, SentimentPipeline
from infra.settings import Settings
from infra.storage import RAW
from infra.trigger.new_data import arrived
from infra.trigger.state_machine import state_machine
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
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        if settings.schedule or settings.start_on_new_data or settings.retrain_on_drift:
            machine = state_machine(self, settings, pipelines.training, key)
            if settings.schedule:
                _schedule(self, settings.schedule, machine, pipelines.training)
            if settings.start_on_new_data:
                _watch(self, bucket, machine)
            if settings.retrain_on_drift and pipelines.scoring:
                _retrain_on_drift(self, pipelines.scoring, machine)


def _schedule(
    scope: Construct, expression: str, machine: states.StateMachine, pipeline: SentimentPipeline
) -> None:
    role = iam.Role(
        scope,
        "ScheduleRole",
        description=f"Lets the schedule start executions of {pipeline.name}",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
    )
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["states:StartExecution"], resources=[machine.state_machine_arn]
        )
    )
    scheduler.CfnSchedule(
        scope,
        "Schedule",
        description=f"Starts {pipeline.name} unless it is running",
        schedule_expression=expression,
        schedule_expression_timezone="UTC",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=machine.state_machine_arn, role_arn=role.role_arn, input="{}"
        ),
    )


def _watch(scope: Construct, bucket: s3.IBucket, machine: states.StateMachine) -> None:
    """Watch ``raw/`` only: executions write elsewhere, so that none of them starts another."""
    events.Rule(
        scope,
        "NewData",
        event_pattern=events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [bucket.bucket_name]},
                "object": {"key": [{"prefix": RAW}]},
            },
        ),
        targets=[targets.SfnStateMachine(machine, input=arrived())],
    )


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
        event_pattern=events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=[STEP_CHANGE],
            detail={
                "pipelineArn": [scoring.arn],
                "currentStepStatus": ["Failed"],
                "stepName": [Step.DRIFTED],
            },
        ),
        targets=[targets.SfnStateMachine(machine, input=drifted_at)],
    )
