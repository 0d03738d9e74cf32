"""Notifications that a state machine publishes."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.observability.topics import Notification, Topics


def notify(
    scope: Construct, topics: Topics, headline: str, reason: str, links: Sequence[str]
) -> states.Chain:
    """Return the states that publish a notification to each topic.

    The texts may be paths and expressions of the state machine.
    """
    published: list[tasks.SnsPublish] = []
    if topics.email:
        lines = [headline, reason, *links]
        text = states.JsonPath.format(" ".join("{}" for _ in lines), *lines)
        published.append(
            _publish(scope, "SendEmail", topics.email, states.TaskInput.from_text(text))
        )
    if topics.chat:
        message = Notification(headline, reason, ()).message
        message["content"]["nextSteps"] = states.JsonPath.array(*links)
        chat = states.TaskInput.from_object(message)
        published.append(_publish(scope, "SendToChat", topics.chat, chat))
    chain = states.Chain.start(published[0])
    for state in published[1:]:
        chain = chain.next(state)
    return chain


def _publish(
    scope: Construct, id: str, topic: sns.Topic, message: states.TaskInput
) -> tasks.SnsPublish:
    state = tasks.SnsPublish(
        scope, id, topic=topic, message=message, result_path=states.JsonPath.DISCARD
    )
    state.add_retry(max_attempts=5)
    return state
