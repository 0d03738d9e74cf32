"""Who is told of what: failures, refused models, drifted reviews, models waiting for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.pipeline import SentimentPipeline
from infra.settings import Settings

_STEP_CHANGE = "SageMaker Model Building Pipeline Execution Step Status Change"
_PACKAGE_CHANGE = "SageMaker Model Package State Change"
_REFUSALS = {
    "Reject": "the quality gate refused the model.",
    "Drifted": "the reviews have drifted.",
}
"""What a Fail step means, before its reason."""


class Alerts(Construct):
    """A topic with one subscriber, and a rule for each kind of event."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipeline: SentimentPipeline,
        score: SentimentPipeline | None,
    ) -> None:
        super().__init__(scope, id)
        self.topic = _topic(self, settings)
        self._tell_of_steps(pipeline, failed="StepFailed", refusal="Reject", refused="ModelRefused")
        if score:
            self._tell_of_steps(
                score, failed="ScoringFailed", refusal="Drifted", refused="DataDrifted"
            )
        version = events.EventField.from_path("$.detail.ModelPackageArn")
        name = settings.resource_name
        self._tell(
            "ApprovalPending",
            _PACKAGE_CHANGE,
            {"ModelPackageGroupName": [name], "ModelApprovalStatus": ["PendingManualApproval"]},
            f"{name}: a new model version waits for approval: {version}",
            f"Console: {pipeline.console_url}",
        )

    def _tell_of_steps(
        self, pipeline: SentimentPipeline, *, failed: str, refusal: str, refused: str
    ) -> None:
        """Two rules: for steps that fail, and for the Fail step, whose reason says it all."""
        step = events.EventField.from_path("$.detail.stepName")
        reason = events.EventField.from_path("$.detail.failureReason")
        execution = events.EventField.from_path("$.detail.pipelineExecutionArn")
        of_pipeline = {"pipelineArn": [pipeline.arn], "currentStepStatus": ["Failed"]}
        links = (f"Execution: {execution}", f"Console: {pipeline.console_url}")
        self._tell(
            failed,
            _STEP_CHANGE,
            {**of_pipeline, "stepName": [{"anything-but": refusal}]},
            f"{pipeline.name}: step {step} failed. {reason}",
            *links,
        )
        self._tell(
            refused,
            _STEP_CHANGE,
            {**of_pipeline, "stepName": [refusal]},
            f"{pipeline.name}: {_REFUSALS[refusal]} {reason}",
            *links,
        )

    def _tell(self, id: str, detail_type: str, detail: Mapping[str, Any], *lines: str) -> None:
        """A rule that sends the lines, one under the other, to the topic."""
        events.Rule(
            self,
            id,
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"], detail_type=[detail_type], detail=detail
            ),
            targets=[targets.SnsTopic(self.topic, message=_text(lines))],
        )


def _text(lines: Sequence[str]) -> events.RuleTargetInput:
    return events.RuleTargetInput.from_multiline_text("\n".join(lines))


def _topic(scope: Construct, settings: Settings) -> sns.Topic:
    """Encrypted with a key of its own: the key that AWS manages for SNS shuts EventBridge out."""
    key = kms.Key(
        scope,
        "Key",
        description=f"Alerts of {settings.resource_name}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    here = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[alarms],
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],  # in a key's policy, the key itself
            conditions=here,
        )
    )
    topic = sns.Topic(
        scope,
        "Topic",
        display_name=settings.resource_name,
        master_key=key,
        enforce_ssl=True,
    )
    # Each rule's target lets EventBridge in; nothing does that for alarms.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[alarms],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=here,
        )
    )
    assert settings.alert_email is not None
    topic.add_subscription(subscriptions.EmailSubscription(settings.alert_email))
    return topic
