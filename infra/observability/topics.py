"""The topics of notifications, and the text of a notification on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.observability.chat import add_chat_channels
from infra.settings import Settings


@dataclass(frozen=True)
class Notification:
    """What happened, the event's own words about it, and where to look."""

    headline: str
    details: str
    links: Sequence[str]

    @property
    def lines(self) -> str:
        """The text of an email."""
        return "\n".join([f"{self.headline} {self.details}", *self.links])

    @property
    def message(self) -> dict[str, Any]:
        """The message to a chat channel. AWS Chatbot drops messages in any other format."""
        content = {
            "textType": "client-markdown",
            "title": self.headline,
            "description": self.details,
            "nextSteps": list(self.links),
        }
        return {"version": "1.0", "source": "custom", "content": content}


class Topics:
    """A topic for the email address and one for the chat channels, as far as the settings ask."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        self.key = _key(scope, settings)
        self.email = self.chat = None
        if settings.alert_email:
            self.email = _topic(scope, "Topic", settings, self.key)
            self.email.add_subscription(subscriptions.EmailSubscription(settings.alert_email))
        if settings.alert_slack or settings.alert_teams:
            self.chat = _topic(scope, "ChatTopic", settings, self.key)
            add_chat_channels(scope, settings, self.chat)

    @property
    def all(self) -> list[sns.Topic]:
        """The topics that exist."""
        return [topic for topic in (self.email, self.chat) if topic]

    def notify_of(self, alarm: cloudwatch.Alarm) -> None:
        """Notify every topic when the alarm goes off."""
        for topic in self.all:
            alarm.add_alarm_action(actions.SnsAction(topic))

    def targets(self, notification: Notification) -> list[targets.SnsTopic]:
        """Return the targets of a rule that sends the notification; its texts may have fields."""
        of_event = events.RuleTargetInput
        found = []
        if self.email:
            lines = of_event.from_multiline_text(notification.lines)
            found.append(targets.SnsTopic(self.email, message=lines))
        if self.chat:
            message = of_event.from_object(notification.message)
            found.append(targets.SnsTopic(self.chat, message=message))
        return found


def _key(scope: Construct, settings: Settings) -> kms.Key:
    """Return a key of the topics' own: EventBridge can't use the key that AWS manages."""
    key = kms.Key(
        scope,
        "Key",
        description=f"Encrypts the notifications of {settings.resource_name}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],  # in a key policy, the key itself
            **_alarms(scope),
        )
    )
    return key


def _topic(scope: Construct, id: str, settings: Settings, key: kms.IKey) -> sns.Topic:
    topic = sns.Topic(
        scope,
        id,
        display_name=settings.resource_name,
        master_key=key,
        enforce_ssl=True,
    )
    # The targets of the rules grant access to EventBridge; alarms need their own grant.
    topic.add_to_resource_policy(
        iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn], **_alarms(scope))
    )
    return topic


def _alarms(scope: Construct) -> dict[str, Any]:
    """Return who CloudWatch's alarms of this account are, in a policy's statement."""
    return {
        "principals": [iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        "conditions": {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
    }
