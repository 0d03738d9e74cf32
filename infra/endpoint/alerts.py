"""Notifications of failed deployments."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.console import studio_url
from infra.endpoint.machine.states import ERROR, IGNORED, State, formatted
from infra.endpoint.names import EndpointNames
from infra.observability.topics import Notification, Topics

_EXECUTION_CHANGE = "Step Functions Execution Status Change"
_CAUSE, _EXECUTION = f"{ERROR}.Cause", "$$.Execution.Id"


def notifications(scope: Construct, names: EndpointNames, topics: Topics) -> list[State]:
    """Return the states that send the reason of a failure to each topic."""
    headline = f"{names.endpoint}: A deployment of a model version failed."
    studio = f"SageMaker Studio: {studio_url(Stack.of(scope).region)}"
    found = []
    if topics.email:
        text = f"{headline} {{}} Deployment: {{}} {studio}"
        message = {"Message.$": formatted(text, _CAUSE, _EXECUTION)}
        found.append(_publish(topics.email.topic_arn, message))
    if topics.chat:
        links = f"States.Array({formatted('Deployment: {}', _EXECUTION)}, '{studio}')"
        message_of_chat = Notification(headline, "", ()).message
        content = message_of_chat["content"]
        content["description.$"], content["nextSteps.$"] = _CAUSE, links
        del content["description"], content["nextSteps"]
        found.append(_publish(topics.chat.topic_arn, {"Message": message_of_chat}))
    return found


def _publish(topic_arn: str, message: dict[str, Any]) -> State:
    return {
        "Type": "Task",
        "Resource": "arn:${Partition}:states:::sns:publish",
        "Parameters": {"TopicArn": topic_arn, **message},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}],
        "ResultPath": IGNORED,
    }


def notify_of_interruptions(
    scope: Construct, names: EndpointNames, machine: states.IStateMachine, topics: Topics
) -> None:
    """Notify of deployments that end without a report: stopped by a user or the time limit."""
    field = events.EventField.from_path
    notification = Notification(
        f"{names.endpoint}: A deployment of a model version was interrupted.",
        "Its candidate endpoint is deleted by the next deployment.",
        (f"Deployment: {field('$.detail.executionArn')} ({field('$.detail.status')})",),
    )
    events.Rule(
        scope,
        "Interrupted",
        event_pattern=events.EventPattern(
            source=["aws.states"],
            detail_type=[_EXECUTION_CHANGE],
            detail={
                "stateMachineArn": [machine.state_machine_arn],
                "status": ["ABORTED", "TIMED_OUT"],
            },
        ),
        targets=topics.targets(notification),
    )
