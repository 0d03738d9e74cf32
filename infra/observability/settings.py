"""Settings for notifications, alarms, the dashboard, the job logs and the budget."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from infra.observability.recipients import Email, SlackChannel, TeamsChannel
from infra.observability.retention import RetentionDays
from pipeline_steps.regions import WITHOUT_BUDGETS, WITHOUT_CHATBOT
from pipeline_steps.settings import PipelineSettings, used_with


class ObservabilitySettings(PipelineSettings):
    """What shows operators the state of an environment."""

    alert_email: Email | None = Field(
        default=None,
        description="the recipient of notifications: failed executions and steps, rejected models, "
        "drift, and model versions that wait for approval",
    )
    alert_slack: SlackChannel | None = Field(
        default=None,
        description="the Slack channel that receives the same notifications through AWS Chatbot, "
        "in which the workspace must be authorized; no other configuration of the account may "
        "have the channel",
    )
    alert_teams: TeamsChannel | None = Field(
        default=None,
        description="the Microsoft Teams channel that receives the same notifications through AWS "
        "Chatbot, in which its group must be authorized; no other configuration of the account may "
        "have the channel",
    )
    min_feedback_accuracy: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="create an alarm that goes off if labels of scored reviews (`sentiment "
        "feedback`) show an accuracy that is significantly below this; requires alert_email, "
        "alert_slack or alert_teams",
    )
    monthly_budget_usd: Annotated[int | None, used_with("alert_email")] = Field(
        default=None,
        ge=1,
        description="the monthly budget of the environment; requires alert_email",
    )
    dashboard: bool = Field(
        default=False,
        description="create a CloudWatch dashboard; with alert_email, alert_slack or alert_teams "
        "also an alarm, with log_retention_days also graphs of accuracy and drift",
    )
    log_retention_days: RetentionDays | None = Field(
        default=None,
        description="days for which CloudWatch keeps the job logs; all environments of an account "
        "and region share the log groups, so only one of them may set this; the groups, their logs "
        "and the retention remain when the setting is removed or the stack is deleted",
    )

    @property
    def has_alerts(self) -> bool:
        """Whether anyone receives notifications."""
        return any((self.alert_email, self.alert_slack, self.alert_teams))

    @model_validator(mode="after")
    def _validate_feedback(self) -> ObservabilitySettings:
        if self.min_feedback_accuracy is None:
            return self
        if not self.has_alerts:
            raise ValueError(
                "min_feedback_accuracy has no effect without a recipient; set alert_email, "
                "alert_slack or alert_teams"
            )
        if not self.has_scoring:
            raise ValueError(
                "min_feedback_accuracy has no effect with no_network, which removes the scoring "
                "pipeline; remove one of them"
            )
        return self

    @model_validator(mode="after")
    def _validate_services(self) -> ObservabilitySettings:
        if self.monthly_budget_usd is not None and self.region in WITHOUT_BUDGETS:
            raise ValueError(
                f"region {self.region} lacks AWS::Budgets::Budget; remove monthly_budget_usd"
            )
        for name in ("alert_slack", "alert_teams"):
            if getattr(self, name) is not None and self.region in WITHOUT_CHATBOT:
                raise ValueError(f"region {self.region} lacks AWS Chatbot; remove {name}")
        return self
