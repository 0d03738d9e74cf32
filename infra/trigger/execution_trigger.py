"""Starts executions on a schedule or for new data, unless one is running.

SageMaker runs executions of a pipeline side by side. A state machine prevents that: it lists the
pipeline's executions, and starts one only if none is running. It needs no Lambda function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.pipelines import SentimentPipeline
from infra.settings import Settings
from infra.storage import RAW
from processing.names import Parameter

_DATASET = "$.dataset"
_RUNNING = {"isExecuting": "Executing", "isStopping": "Stopping"}


class ExecutionTrigger(Construct):
    """With ``schedule`` or ``start_on_new_data``, the state machine and what starts it.

    The state machine's input names a dataset (``{"dataset": "s3://..."}``) or none (``{}``).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipeline: SentimentPipeline,
        bucket: s3.IBucket,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        if settings.schedule or settings.start_on_new_data:
            machine = _state_machine(self, pipeline, key)
            if settings.schedule:
                _schedule(self, settings.schedule, machine, pipeline)
            if settings.start_on_new_data:
                _watch(self, bucket, machine)


def _state_machine(
    scope: Construct, pipeline: SentimentPipeline, key: kms.IKey | None
) -> states.StateMachine:
    return states.StateMachine(
        scope,
        "StateMachine",
        comment=f"Starts {pipeline.name} unless it is running",
        definition_body=states.DefinitionBody.from_chainable(_definition(scope, pipeline)),
        timeout=Duration.minutes(5),
        tracing_enabled=True,
        logs=states.LogOptions(
            destination=logs.LogGroup(
                scope,
                "Logs",
                encryption_key=key,
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            level=states.LogLevel.ALL,
        ),
    )


def _definition(scope: Construct, pipeline: SentimentPipeline) -> states.IChainable:
    """Return ListExecutions -> IsExecutionRunning -> AlreadyRunning, or a start."""
    list_executions = _call(
        scope,
        "ListExecutions",
        pipeline,
        action="listPipelineExecutions",
        parameters={"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"},
        result_selector={name: _is_any(status) for name, status in _RUNNING.items()},
        result_path="$.executions",
    )
    is_running = states.Condition.or_(
        *(states.Condition.boolean_equals(f"$.executions.{name}", True) for name in _RUNNING)
    )
    dataset = {
        "Name": Parameter.DATASET_URI,
        "Value": states.JsonPath.string_at(_DATASET),
    }
    start = (
        states.Choice(scope, "IsDatasetGiven")
        .when(
            states.Condition.is_present(_DATASET),
            _start(scope, "StartWithDataset", pipeline, [dataset]),
        )
        .otherwise(_start(scope, "Start", pipeline, []))
    )
    return list_executions.next(
        states.Choice(scope, "IsExecutionRunning")
        .when(is_running, states.Succeed(scope, "AlreadyRunning"))
        .otherwise(start)
    )


def _start(
    scope: Construct, id: str, pipeline: SentimentPipeline, parameters: Sequence[Any]
) -> tasks.CallAwsService:
    return _call(
        scope,
        id,
        pipeline,
        action="startPipelineExecution",
        parameters={
            "ClientRequestToken": states.JsonPath.uuid(),
            "PipelineParameters": list(parameters),
        },
        result_path=states.JsonPath.DISCARD,
    )


def _call(
    scope: Construct,
    id: str,
    pipeline: SentimentPipeline,
    *,
    action: str,
    parameters: dict[str, Any],
    **result: Any,
) -> tasks.CallAwsService:
    return tasks.CallAwsService(
        scope,
        id,
        service="sagemaker",
        action=action,
        parameters={"PipelineName": pipeline.name, **parameters},
        iam_resources=[pipeline.arn],
        **result,
    )


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
    name = events.EventField.from_path("$.detail.bucket.name")
    object_key = events.EventField.from_path("$.detail.object.key")
    dataset = events.RuleTargetInput.from_object({"dataset": f"s3://{name}/{object_key}"})
    events.Rule(
        scope,
        "NewData",
        event_pattern=events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [bucket.bucket_name]},
                # The console creates empty objects to show folders.
                "object": {"key": [{"prefix": RAW}], "size": [{"numeric": [">", 0]}]},
            },
        ),
        targets=[targets.SfnStateMachine(machine, input=dataset)],
    )


def _is_any(status: str) -> str:
    """Return the expression for whether any listed execution has the status."""
    statuses = states.JsonPath.list_at("$.PipelineExecutionSummaries[*].PipelineExecutionStatus")
    return states.JsonPath.array_contains(statuses, status)
