"""Schedules that start a state machine."""

from __future__ import annotations

import json

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.pipelines import SentimentPipeline


def start_on_schedule(
    scope: Construct,
    expression: str,
    machine: states.StateMachine,
    pipeline: SentimentPipeline,
    *,
    with_time: bool = False,
) -> None:
    """Add the schedule and its role. with_time: the machine's input has the time of the start."""
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
    given = {"scheduledAt": "<aws.scheduler.scheduled-time>"} if with_time else {}
    scheduler.CfnSchedule(
        scope,
        "Schedule",
        description=f"Starts {pipeline.name}",
        schedule_expression=expression,
        schedule_expression_timezone="UTC",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=machine.state_machine_arn, role_arn=role.role_arn, input=json.dumps(given)
        ),
    )
