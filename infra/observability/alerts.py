"""Email notifications: failed steps, rejected models, drift, versions that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.console import studio_url
from infra.pipelines import STEP_CHANGE, Pipelines, SentimentPipeline
from infra.settings import Settings
from processing.names import Step

_PACKAGE_CHANGE = "SageMaker Model Package State Change"


class Alerts(Construct):
    """A topic with one subscriber, and an EventBridge rule for each kind of notification."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, pipelines: Pipelines
    ) -> None:
        super().__init__(scope, id)
        self.topic = _topic(self, settings)
        self._notify_of_steps(
            pipelines.training,
            failure="StepFailed",
            fail_step=Step.REJECT,
            verdict="ModelRejected",
            message="The quality gate rejected the model.",
        )
        if pipelines.scoring:
            self._notify_of_steps(
                pipelines.scoring,
                failure="ScoringFailed",
                fail_step=Step.DRIFTED,
                verdict="DataDrifted",
                message=_drift_message(settings),
            )
        version = events.EventField.from_path("$.detail.ModelPackageArn")
        name = settings.resource_name
        self._notify(
            "ApprovalPending",
            _PACKAGE_CHANGE,
            {
                "ModelPackageGroupName": [name],
                "ModelPackageStatus": ["Completed"],
                "ModelApprovalStatus": ["PendingManualApproval"],
            },
            f"{name}: A new model version waits for approval: {version}",
            f"SageMaker Studio: {studio_url(Stack.of(self).region)}",
        )

    def _notify_of_steps(
        self,
        pipeline: SentimentPipeline,
        *,
        failure: str,
        fail_step: str,
        verdict: str,
        message: str,
    ) -> None:
        """Add two rules: for the pipeline's Fail step, and for the failures of all other steps.

        failure, verdict: IDs of the rules. message: what the Fail step means.
        """
        step = events.EventField.from_path("$.detail.stepName")
        reason = events.EventField.from_path("$.detail.failureReason")
        execution = events.EventField.from_path("$.detail.pipelineExecutionArn")
        failed = {"pipelineArn": [pipeline.arn], "currentStepStatus": ["Failed"]}
        links = (
            f"Execution: {execution}",
            f"SageMaker Studio: {studio_url(Stack.of(self).region)}",
        )
        self._notify(
            failure,
            STEP_CHANGE,
            {**failed, "stepName": [{"anything-but": fail_step}]},
            f"{pipeline.name}: Step {step} failed. {reason}",
            *links,
        )
        self._notify(
            verdict,
            STEP_CHANGE,
            {**failed, "stepName": [fail_step]},
            f"{pipeline.name}: {message} {reason}",
            *links,
        )

    def _notify(self, id: str, detail_type: str, detail: Mapping[str, Any], *lines: str) -> None:
        """Add a rule that sends the lines as one message to the topic."""
        message = events.RuleTargetInput.from_multiline_text("\n".join(lines))
        events.Rule(
            self,
            id,
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"], detail_type=[detail_type], detail=detail
            ),
            targets=[targets.SnsTopic(self.topic, message=message)],
        )


def _drift_message(settings: Settings) -> str:
    message = "The reviews drifted from the test set."
    if not settings.retrain_on_drift:
        return message
    period = {"hourly": "hour", "daily": "day", "monthly": "month"}[settings.retrain_at_most]
    return (
        f"{message} {settings.resource_name} starts a training, unless one is running or drift has "
        f"already started one in this {period} (UTC)."
    )


def _topic(scope: Construct, settings: Settings) -> sns.Topic:
    """Return a topic with a key of its own: EventBridge can't use the key that AWS manages."""
    key = kms.Key(
        scope,
        "Key",
        description=f"Encrypts the notifications of {settings.resource_name}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    this_account = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[alarms],
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],  # in a key policy, the key itself
            conditions=this_account,
        )
    )
    topic = sns.Topic(
        scope,
        "Topic",
        display_name=settings.resource_name,
        master_key=key,
        enforce_ssl=True,
    )
    # The targets of the rules grant access to EventBridge; alarms need their own grant.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[alarms],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=this_account,
        )
    )
    assert settings.alert_email is not None
    topic.add_subscription(subscriptions.EmailSubscription(settings.alert_email))
    return topic
