"""Dashboard, alarm, budget and job logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.settings_cases import EMAIL
from tests.support.templates import (
    Template,
    deployed_definition,
    of_type,
    properties,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]


def _metrics(template: Template) -> list[list[Any]]:
    """Return the dashboard's metrics in CloudWatch's notation."""
    dashboard = the_properties(template, "AWS::CloudWatch::Dashboard")
    return [
        metric
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
    ]


def _steps(template: Template, *, scoring: bool = False) -> dict[str, Any]:
    definition = json.loads(deployed_definition(template, scoring=scoring))
    return {step["Name"]: step for step in definition["Steps"]}


# --- dashboard ---


def test_dashboard_shows_only_this_pipeline(templates: Templates) -> None:
    template = templates("dashboard")
    metrics = _metrics(template)
    dashboard = the_properties(template, "AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "sentiment-dev"
    assert {metric[0] for metric in metrics} == {"AWS/Sagemaker/ModelBuildingPipeline"}
    assert {tuple(metric[2:4]) for metric in metrics} == {("PipelineName", "sentiment-dev")}


def test_dashboard_shows_the_durations_of_all_jobs(templates: Templates) -> None:
    template = templates("dashboard")
    shown = {metric[5] for metric in _metrics(template) if metric[1] == "StepDuration"}
    jobs = {
        name
        for name, step in _steps(template).items()
        if step["Type"] in ("Processing", "Training", "Transform")
    }
    assert shown == jobs


@pytest.mark.parametrize(
    ("name", "pipeline", "job", "scoring"),
    [
        pytest.param("Accuracy", "sentiment-dev", "Evaluate", False, id="accuracy"),
        pytest.param("Drift", "sentiment-dev-score", "Join", True, id="drift"),
    ],
)
def test_dashboard_shows_metrics_of_the_job_logs(
    templates: Templates, name: str, pipeline: str, job: str, scoring: bool
) -> None:
    template = templates("dashboard, log_retention_days")
    metric_filter = the_properties(template, "AWS::Logs::MetricFilter", f"{name}Filter")
    [metric] = metric_filter["MetricTransformations"]
    [dimension] = metric["Dimensions"]
    [shown] = [item for item in _metrics(template) if item[1] == metric["MetricName"]]
    step = _steps(template, scoring=scoring)[job]
    arguments = step["Arguments"]["AppSpecification"]["ContainerArguments"]

    assert shown[:4] == [metric["MetricNamespace"], name, dimension["Key"], pipeline]
    assert (metric["MetricValue"], dimension["Value"]) == (f"$.{name.lower()}", "$.pipeline")
    assert "processingjobs" in metric_filter["LogGroupName"].lower()
    named = arguments[arguments.index("--pipeline") + 1]
    assert named == {"Get": "Execution.PipelineName"}


def test_dashboard_without_job_logs_shows_no_metrics_of_them(templates: Templates) -> None:
    shown = {metric[1] for metric in _metrics(templates("dashboard"))}
    assert not shown & {"Accuracy", "Drift"}


def test_alarm_notifies_of_failed_executions_and_ignores_missing_data(templates: Templates) -> None:
    template = templates("dashboard, alert_email")
    alarm = the_properties(template, "AWS::CloudWatch::Alarm")
    metric = json.dumps(alarm.get("Metrics", alarm))
    assert alarm["AlarmActions"] == [the_arn(template, "AWS::SNS::Topic")]
    assert '"ExecutionFailed"' in metric
    assert '"sentiment-dev"' in metric
    assert alarm["TreatMissingData"] == "notBreaching"


# --- budget ---


def test_budget_counts_this_environment_and_notifies_before_and_after(templates: Templates) -> None:
    resource = the_properties(templates("monthly_budget_usd"), "AWS::Budgets::Budget")
    budget = resource["Budget"]
    assert budget["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert (budget["BudgetType"], budget["TimeUnit"]) == ("COST", "MONTHLY")
    assert budget["CostFilters"] == {"TagKeyValue": ["user:environment$dev"]}
    notifications = resource["NotificationsWithSubscribers"]
    assert {
        (item["Notification"]["NotificationType"], item["Notification"]["Threshold"])
        for item in notifications
    } == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    for item in notifications:
        assert item["Subscribers"] == [{"Address": EMAIL, "SubscriptionType": "EMAIL"}]


# --- log_retention_days ---


def test_logs_of_all_kinds_of_jobs_expire(templates: Templates) -> None:
    groups = properties(templates("log_retention_days"), "AWS::Logs::LogGroup").values()
    assert {group["LogGroupName"]: group["RetentionInDays"] for group in groups} == {
        "/aws/sagemaker/ProcessingJobs": 30,
        "/aws/sagemaker/TrainingJobs": 30,
        "/aws/sagemaker/TransformJobs": 30,
    }


@pytest.mark.parametrize(
    ("name", "policy"), [("everything, kept", "Retain"), ("everything", "Delete")]
)
def test_job_logs_are_kept_with_the_data(templates: Templates, name: str, policy: str) -> None:
    groups = of_type(templates(name), "AWS::Logs::LogGroup")
    jobs = [group for group in groups.values() if "LogGroupName" in group["Properties"]]
    assert len(jobs) == 3
    assert {group["DeletionPolicy"] for group in jobs} == {policy}
