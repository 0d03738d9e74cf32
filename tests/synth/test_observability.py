"""Dashboard, alarm, budget and job logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from processing.names import FEEDBACK_BOUND_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE
from tests.support.aws_samples import JOB_LOG_GROUPS
from tests.support.settings_cases import EMAIL
from tests.support.templates import (
    ACCOUNT,
    Template,
    deployed_definition,
    of_type,
    properties,
    statements_of,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]


def _metrics(template: Template) -> list[list[Any]]:
    """Return the dashboard's metrics in CloudWatch's notation."""
    return [metric for metrics in _graphs(template).values() for metric in metrics]


def _graphs(template: Template) -> dict[str, list[list[Any]]]:
    """Return the metrics of the dashboard's graphs by title, without expressions."""
    dashboard = the_properties(template, "AWS::CloudWatch::Dashboard")
    return {
        widget["properties"]["title"]: [
            metric for metric in widget["properties"]["metrics"] if isinstance(metric[0], str)
        ]
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
    }


def _expressions(template: Template) -> dict[str, str]:
    """Return what the dashboard's graphs calculate, by label."""
    dashboard = the_properties(template, "AWS::CloudWatch::Dashboard")
    return {
        metric[0]["label"]: metric[0]["expression"]
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
        if isinstance(metric[0], dict)
    }


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


def test_durations_are_shown_in_seconds_not_in_the_metrics_milliseconds(
    templates: Templates,
) -> None:
    template = templates("dashboard")
    calculated = _expressions(template)
    durations = [item for item in _metrics(template) if item[1].endswith("Duration")]
    assert len(durations) == len(calculated)
    for metric in durations:
        options = metric[-1]
        assert options["visible"] is False
        assert calculated[options["label"]] == f"{options['id']} / 1000"


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
    for found in properties(templates("everything"), "AWS::CloudWatch::Alarm").values():
        assert len(found["AlarmActions"]) == 2
    assert '"ExecutionFailed"' in metric
    assert '"sentiment-dev"' in metric
    assert alarm["TreatMissingData"] == "notBreaching"


def test_alarm_of_feedback_is_about_the_metric_that_the_command_publishes(
    templates: Templates,
) -> None:
    template = templates("min_feedback_accuracy")
    alarm = the_properties(template, "AWS::CloudWatch::Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == (METRIC_NAMESPACE, FEEDBACK_BOUND_METRIC)
    assert alarm["Dimensions"] == [{"Name": METRIC_DIMENSION, "Value": "sentiment-dev-score"}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 0.8)
    assert alarm["AlarmActions"] == [the_arn(template, "AWS::SNS::Topic")]
    # Until the next labels, nothing is known to have changed.
    assert alarm["TreatMissingData"] == "ignore"


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
    retentions = properties(templates("log_retention_days"), "Custom::LogRetention").values()
    assert {item["LogGroupName"]: item["RetentionInDays"] for item in retentions} == dict.fromkeys(
        JOB_LOG_GROUPS, 30
    )


def test_log_groups_of_the_account_are_not_owned_and_never_deleted(templates: Templates) -> None:
    template = templates("log_retention_days")
    owned = properties(template, "AWS::Logs::LogGroup").values()
    retentions = properties(template, "Custom::LogRetention").values()
    assert [group["LogGroupName"] for group in owned] == ["/aws/lambda/sentiment-dev-log-retention"]
    assert not any("RemovalPolicy" in item for item in retentions)


def test_function_may_only_create_these_groups_and_set_their_retention(
    templates: Templates,
) -> None:
    template = templates("log_retention_days")
    statements = statements_of(template, "ObservabilityJobLogsRole")
    own = the_arn(template, "AWS::Logs::LogGroup")
    prefix = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:"
    resources = {resource for item in statements for resource in item["Resource"]}
    actions = {action for item in statements for action in item["Action"]}
    assert actions == {"logs:CreateLogGroup", "logs:PutRetentionPolicy"}
    assert resources == {own, *(f"{prefix}{name}:*" for name in JOB_LOG_GROUPS)}


def test_filters_wait_for_the_log_group(templates: Templates) -> None:
    template = templates("log_retention_days")
    [group] = [
        name
        for name, item in properties(template, "Custom::LogRetention").items()
        if item["LogGroupName"] == "/aws/sagemaker/ProcessingJobs"
    ]
    filters = of_type(template, "AWS::Logs::MetricFilter").values()
    assert [item["DependsOn"] for item in filters] == [[group]] * 2


def test_function_waits_for_its_permissions(templates: Templates) -> None:
    template = templates("log_retention_days")
    [function] = [
        item
        for name, item in of_type(template, "AWS::Lambda::Function").items()
        if name.startswith("LogRetention")
    ]
    assert any(name.startswith("ObservabilityJobLogsPolicy") for name in function["DependsOn"])
