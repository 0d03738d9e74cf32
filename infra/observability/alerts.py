"""Notifications: failures, rejected models, drift, versions that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.console import studio_url
from infra.observability.failed_executions import FailedExecutions
from infra.observability.topics import Notification, Topics
from infra.pipelines import (
    PACKAGE_CHANGE,
    STEP_CHANGE,
    Pipelines,
    SentimentPipeline,
    sagemaker_events,
)
from infra.settings import Settings
from processing.names import Step


class Alerts(Construct):
    """The topics, and an EventBridge rule for each kind of notification.

    SageMaker may send an event more than once, so that a notification may be repeated.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipelines: Pipelines,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.topics = Topics(self, settings)
        self._studio = f"SageMaker Studio: {studio_url(Stack.of(self).region)}"
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
        FailedExecutions(
            self,
            "FailedExecutions",
            pipelines=[item for item in (pipelines.training, pipelines.scoring) if item],
            topics=self.topics,
            key=key,
        )
        name = settings.resource_name
        version = events.EventField.from_path("$.detail.ModelPackageArn")
        card = f"Model card: sentiment card {version} -e {settings.name}"
        self._notify(
            "ApprovalPending",
            PACKAGE_CHANGE,
            {
                "ModelPackageGroupName": [name],
                "ModelPackageStatus": ["Completed"],
                "ModelApprovalStatus": ["PendingManualApproval"],
            },
            Notification(
                f"{name}: A new model version waits for approval.",
                version,
                (card, self._studio),
            ),
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
        links = (f"Execution: {execution}", self._studio)
        self._notify(
            failure,
            STEP_CHANGE,
            {**failed, "stepName": [{"anything-but": fail_step}]},
            Notification(f"{pipeline.name}: Step {step} failed.", reason, links),
        )
        self._notify(
            verdict,
            STEP_CHANGE,
            {**failed, "stepName": [fail_step]},
            Notification(f"{pipeline.name}: {message}", reason, links),
        )

    def _notify(
        self, id: str, detail_type: str, detail: Mapping[str, Any], notification: Notification
    ) -> None:
        """Add a rule that sends the notification to the topics."""
        events.Rule(
            self,
            id,
            event_pattern=sagemaker_events(detail_type, detail),
            targets=self.topics.targets(notification),
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
