"""Notifications of executions that failed although none of their steps did.

SageMaker's event of a failed execution has neither a reason nor steps, and the failure of a step is
reported by itself. So a state machine looks for a failed step, and reports the execution without
one, such as an execution that SageMaker refused at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.console import studio_url
from infra.observability.logged_machine import logged_state_machine
from infra.observability.publishing import notify
from infra.observability.topics import Topics
from infra.pipelines import EXECUTION_CHANGE, SentimentPipeline, sagemaker_events

_EXECUTION, _PIPELINE = "$.execution", "$.pipeline"
_REASON = "$.described.FailureReason"


class FailedExecutions(Construct):
    """The state machine, and a rule for each pipeline that starts it when an execution failed."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pipelines: Sequence[SentimentPipeline],
        topics: Topics,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        machine = logged_state_machine(
            self,
            _definition(self, [f"{pipeline.arn}/execution/*" for pipeline in pipelines], topics),
            comment="Reports failed executions without a failed step",
            key=key,
            timeout=Duration.minutes(5),
        )
        topics.key.grant(machine, "kms:Decrypt", "kms:GenerateDataKey")
        execution = events.EventField.from_path("$.detail.pipelineExecutionArn")
        for pipeline in pipelines:
            given = {"execution": execution, "pipeline": pipeline.name}
            events.Rule(
                self,
                pipeline.node.id,
                event_pattern=sagemaker_events(
                    EXECUTION_CHANGE,
                    {
                        "pipelineArn": [pipeline.arn],
                        "currentPipelineExecutionStatus": ["Failed"],
                    },
                ),
                targets=[
                    targets.SfnStateMachine(
                        machine, input=events.RuleTargetInput.from_object(given)
                    )
                ],
            )


def _definition(scope: Construct, arns: list[str], topics: Topics) -> states.IChainable:
    """Return ListSteps -> HasFailedStep -> Reported, or the notification before it."""
    execution = {"PipelineExecutionArn": states.JsonPath.string_at(_EXECUTION)}
    list_steps = _call(
        scope,
        "ListSteps",
        "listPipelineExecutionSteps",
        arns=arns,
        parameters={**execution, "MaxResults": 100},
        result_selector={
            "hasFailed": states.JsonPath.array_contains(
                states.JsonPath.list_at("$.PipelineExecutionSteps[*].StepStatus"), "Failed"
            )
        },
        result_path="$.steps",
    )
    describe = _call(
        scope,
        "DescribeExecution",
        "describePipelineExecution",
        arns=arns,
        parameters=execution,
        result_path="$.described",
    )
    for call in (list_steps, describe):
        call.add_retry(max_attempts=5)
    # Descriptions are long; no state needs them afterwards.
    reported = states.Succeed(scope, "Reported", output_path=states.JsonPath.DISCARD)
    notify = _notify(scope, topics).next(reported)
    no_reason = states.Pass(
        scope, "NoReason", result=states.Result.from_string(""), result_path=_REASON
    )
    describe.next(
        states.Choice(scope, "HasReason")
        .when(states.Condition.is_present(_REASON), notify)
        .otherwise(no_reason.next(notify))
    )
    return list_steps.next(
        states.Choice(scope, "HasFailedStep")
        .when(states.Condition.boolean_equals("$.steps.hasFailed", True), reported)
        .otherwise(describe)
    )


def _call(
    scope: Construct, id: str, action: str, *, arns: list[str], **given: Any
) -> tasks.CallAwsService:
    return tasks.CallAwsService(
        scope, id, service="sagemaker", action=action, iam_resources=arns, **given
    )


def _notify(scope: Construct, topics: Topics) -> states.Chain:
    path, form = states.JsonPath.string_at, states.JsonPath.format
    return notify(
        scope,
        topics,
        form("{}: The execution failed without a failed step.", path(_PIPELINE)),
        path(_REASON),
        (
            form("Execution: {}", path(_EXECUTION)),
            f"SageMaker Studio: {studio_url(Stack.of(scope).region)}",
        ),
    )
