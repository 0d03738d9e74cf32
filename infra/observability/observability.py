"""The constructs that show operators the state of an environment."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.observability.alerts import Alerts
from infra.observability.budget import Budget
from infra.observability.dashboard import Dashboard
from infra.observability.feedback_alarm import FeedbackAlarm
from infra.observability.job_logs import JobLogs
from infra.pipelines import Pipelines
from infra.settings import Settings


class Observability(Construct):
    """Alerts, job logs, dashboard, budget and the alarm of feedback, each only with its setting.

    topics: of the alerts; None without them.
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
        alerts = job_logs = None
        if settings.has_alerts:
            alerts = Alerts(self, "Alerts", settings=settings, pipelines=pipelines, key=key)
        self.topics = alerts.topics if alerts else None
        if settings.min_feedback_accuracy is not None and pipelines.scoring and alerts:
            FeedbackAlarm(
                self,
                "FeedbackAlarm",
                min_accuracy=settings.min_feedback_accuracy,
                scoring=pipelines.scoring,
                topics=alerts.topics,
            )
        if settings.log_retention_days:
            job_logs = JobLogs(self, "JobLogs", settings=settings, key=key)
        if settings.dashboard:
            Dashboard(
                self,
                "Dashboard",
                settings=settings,
                pipelines=pipelines,
                alerts=alerts,
                job_logs=job_logs,
            )
        if settings.monthly_budget_usd:
            Budget(self, "Budget", settings=settings)
