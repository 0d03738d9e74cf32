"""Starts executions by machine: on a schedule, on new data; never while one is running.

SageMaker itself lets executions stack up. A state machine looks first: it lists the pipeline's
executions, and starts one only if none is executing. No code, so nothing to patch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.encryption import Encryption
from infra.pipeline import SentimentPipeline
from infra.settings import Settings
from infra.storage import RAW

_DATASET = "$.dataset"
_RUNNING = {"isExecuting": "Executing", "isStopping": "Stopping"}


class Starter(Construct):
    """The state machine, with a schedule and a rule in front of it as the settings say.

    Its input names a dataset (``{"dataset": "s3://..."}``) or none (``{}``).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipeline: SentimentPipeline,
        bucket: s3.IBucket,
        encryption: Encryption | None,
    ) -> None:
        super().__init__(scope, id)
        self._pipeline_name = pipeline.name
        self._pipeline_arn = pipeline.arn
        self.machine = self._machine(encryption)
        if settings.schedule:
            self._schedule(settings.schedule)
        if settings.start_on_new_data:
            self._watch(bucket)

    def _machine(self, encryption: Encryption | None) -> states.StateMachine:
        running = self._call(
            "ListExecutions",
            action="listPipelineExecutions",
            parameters={"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"},
            result_selector={name: _any_is(status) for name, status in _RUNNING.items()},
            result_path="$.found",
        )
        given = states.Condition.is_present(_DATASET)
        dataset = [{"Name": "DatasetUri", "Value": states.JsonPath.string_at(_DATASET)}]
        start = (
            states.Choice(self, "IsDatasetGiven")
            .when(given, self._start("StartWithDataset", dataset))
            .otherwise(self._start("Start", []))
        )
        is_running = states.Condition.or_(
            *(states.Condition.boolean_equals(f"$.found.{name}", True) for name in _RUNNING)
        )
        definition = running.next(
            states.Choice(self, "IsOneRunning")
            .when(is_running, states.Succeed(self, "LeftToTheRunningOne"))
            .otherwise(start)
        )
        return states.StateMachine(
            self,
            "Machine",
            comment=f"Starts {self._pipeline_name} unless it is running",
            definition_body=states.DefinitionBody.from_chainable(definition),
            timeout=Duration.minutes(5),
            tracing_enabled=True,
            logs=states.LogOptions(
                destination=logs.LogGroup(
                    self,
                    "Logs",
                    encryption_key=encryption.key if encryption else None,
                    retention=logs.RetentionDays.ONE_MONTH,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
                level=states.LogLevel.ALL,
            ),
        )

    def _start(self, id: str, parameters: Sequence[Any]) -> tasks.CallAwsService:
        return self._call(
            id,
            action="startPipelineExecution",
            parameters={
                "ClientRequestToken": states.JsonPath.uuid(),
                "PipelineParameters": list(parameters),
            },
            result_path=states.JsonPath.DISCARD,
        )

    def _call(
        self, id: str, *, action: str, parameters: dict[str, Any], **result: Any
    ) -> tasks.CallAwsService:
        return tasks.CallAwsService(
            self,
            id,
            service="sagemaker",
            action=action,
            parameters={"PipelineName": self._pipeline_name, **parameters},
            iam_resources=[self._pipeline_arn],
            **result,
        )

    def _schedule(self, expression: str) -> None:
        role = iam.Role(
            self,
            "ScheduleRole",
            description=f"Lets the schedule ask for executions of {self._pipeline_name}",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["states:StartExecution"], resources=[self.machine.state_machine_arn]
            )
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            description=f"Starts {self._pipeline_name}",
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.machine.state_machine_arn, role_arn=role.role_arn, input="{}"
            ),
        )

    def _watch(self, bucket: s3.IBucket) -> None:
        """Only below ``raw/``: executions write elsewhere in the bucket, so none starts another."""
        name = events.EventField.from_path("$.detail.bucket.name")
        key = events.EventField.from_path("$.detail.object.key")
        events.Rule(
            self,
            "NewData",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [bucket.bucket_name]},
                    # The console makes empty objects to show folders.
                    "object": {"key": [{"prefix": RAW}], "size": [{"numeric": [">", 0]}]},
                },
            ),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_object({"dataset": f"s3://{name}/{key}"}),
                )
            ],
        )


def _any_is(status: str) -> str:
    """Whether one of the listed executions has the status."""
    statuses = states.JsonPath.list_at("$.PipelineExecutionSummaries[*].PipelineExecutionStatus")
    return states.JsonPath.array_contains(statuses, status)
