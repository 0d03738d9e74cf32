"""Chat channels that receive notifications through AWS Chatbot (Amazon Q Developer in chat)."""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.settings import Settings


def add_chat_channels(scope: Construct, settings: Settings, topic: sns.ITopic) -> None:
    """Send the topic's messages to the channels in the settings, which can't call AWS.

    AWS Chatbot requires a role and, without guardrail policies, uses AdministratorAccess.
    """
    role = iam.Role(
        scope,
        "ChatRole",
        description="Lets chat channels show notifications and do nothing else",
        assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"),
    )
    shared: dict[str, Any] = {
        "configuration_name": settings.resource_name,
        "iam_role_arn": role.role_arn,
        "guardrail_policies": [f"arn:{Aws.PARTITION}:iam::aws:policy/AWSDenyAll"],
        "sns_topic_arns": [topic.topic_arn],
    }
    if settings.alert_slack:
        workspace_id, channel_id = settings.alert_slack.split("/")
        chatbot.CfnSlackChannelConfiguration(
            scope, "Slack", slack_workspace_id=workspace_id, slack_channel_id=channel_id, **shared
        )
    if settings.alert_teams:
        tenant_id, team_id, channel_id = settings.alert_teams.split("/", 2)
        chatbot.CfnMicrosoftTeamsChannelConfiguration(
            scope,
            "Teams",
            teams_tenant_id=tenant_id,
            team_id=team_id,
            teams_channel_id=channel_id,
            **shared,
        )
