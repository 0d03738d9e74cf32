"""Notifications: which events are sent, to which address, and with which text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.console import studio_url
from tests.support.settings_cases import EMAIL
from tests.support.templates import (
    ACCOUNT,
    PIPELINE,
    REGION,
    Template,
    as_list,
    conditions_for,
    matches,
    properties,
    sent,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

SCORING = f"{PIPELINE}-score"
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.fixture
def template(templates: Templates) -> Template:
    """The template of dev with alert_email."""
    return templates("alert_email")


def _key_statements(template: Template) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]]
    statements = the_properties(template, "AWS::KMS::Key", "Alerts")["KeyPolicy"]["Statement"]
    return statements


def _topic_statements(template: Template) -> list[dict[str, Any]]:
    policy = the_properties(template, "AWS::SNS::TopicPolicy")
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def _step_event(step: str, status: str = "Failed", pipeline: str = PIPELINE) -> dict[str, Any]:
    """An event as in the service's documentation."""
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Building Pipeline Execution Step Status Change",
        "detail": {
            "stepName": step,
            "currentStepStatus": status,
            "failureReason": "ClientError: no space left",
            "pipelineArn": pipeline,
            "pipelineExecutionArn": f"{pipeline}/execution/abc",
        },
    }


def _package_event(group: str, approval: str, status: str = "Completed") -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "detail": {
            "ModelPackageGroupName": group,
            "ModelPackageArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/{group}/7",
            "ModelPackageStatus": status,
            "ModelApprovalStatus": approval,
        },
    }


EVENTS = [
    pytest.param(_step_event("Download"), "StepFailed", id="job-failed"),
    pytest.param(_step_event("QualityGate"), "StepFailed", id="gate-failed"),
    pytest.param(_step_event("RegisterModel"), "StepFailed", id="registration-failed"),
    pytest.param(_step_event("Reject"), "ModelRejected", id="model-rejected"),
    pytest.param(_step_event("Join", pipeline=SCORING), "ScoringFailed", id="scoring-failed"),
    pytest.param(_step_event("Drifted", pipeline=SCORING), "DataDrifted", id="data-drifted"),
    pytest.param(
        _step_event("DriftUnknown", pipeline=SCORING), "ScoringFailed", id="drift-unknown"
    ),
    pytest.param(
        _package_event("sentiment-dev", "PendingManualApproval"),
        "ApprovalPending",
        id="version-waits",
    ),
]
OTHER_EVENTS = [
    pytest.param(_step_event("Train", "Succeeded"), id="step-succeeded"),
    pytest.param(_step_event("Train", "Executing"), id="step-started"),
    pytest.param(_step_event("Train", "Stopped"), id="step-stopped"),
    pytest.param(_step_event("Reject", "Starting"), id="fail-step-started"),
    pytest.param(
        _step_event("Train", pipeline=PIPELINE.replace("-dev", "-prod")), id="other-environment"
    ),
    pytest.param(
        _step_event("Reject", pipeline=PIPELINE.replace("-dev", "-dev2")), id="longer-name"
    ),
    pytest.param(_package_event("sentiment-dev", "Approved"), id="version-approved"),
    pytest.param(_package_event("sentiment-dev", "Rejected"), id="version-rejected"),
    pytest.param(_package_event("sentiment-prod", "PendingManualApproval"), id="other-group"),
    *(
        pytest.param(
            _package_event("sentiment-dev", "PendingManualApproval", status), id=f"version-{status}"
        )
        for status in ("Pending", "InProgress", "Failed", "Deleting")
    ),
    pytest.param(
        {**_step_event("Train"), "detail-type": "SageMaker Training Job State Change"},
        id="job-outside-pipelines",
    ),
    pytest.param({**_step_event("Train"), "source": "mine"}, id="other-source"),
]


def _matching_rules(template: Template, event: dict[str, Any]) -> list[str]:
    rules = properties(template, "AWS::Events::Rule")
    return [name for name, rule in rules.items() if matches(rule, event)]


@pytest.mark.parametrize(("event", "rule"), EVENTS)
def test_one_rule_sends_the_event(template: Template, event: dict[str, Any], rule: str) -> None:
    [matching] = _matching_rules(template, event)
    assert rule in matching


@pytest.mark.parametrize("event", OTHER_EVENTS)
def test_no_rule_sends_other_events(template: Template, event: dict[str, Any]) -> None:
    assert _matching_rules(template, event) == []


def test_every_rule_is_enabled_and_sends_to_the_topic(template: Template) -> None:
    for rule in properties(template, "AWS::Events::Rule").values():
        assert rule["State"] == "ENABLED"
        assert [target["Arn"] for target in rule["Targets"]] == [
            the_arn(template, "AWS::SNS::Topic")
        ]


@pytest.mark.parametrize(
    ("rule", "event", "text"),
    [
        pytest.param(
            "StepFailed",
            _step_event("Preprocess"),
            "sentiment-dev: Step Preprocess failed. ClientError: no space left",
            id="step-failed",
        ),
        pytest.param(
            "ModelRejected",
            _step_event("Reject"),
            "sentiment-dev: The quality gate rejected the model. ClientError: no space left",
            id="model-rejected",
        ),
        pytest.param(
            "DataDrifted",
            _step_event("Drifted", pipeline=SCORING),
            "sentiment-dev-score: The reviews drifted from the test set. "
            "ClientError: no space left",
            id="data-drifted",
        ),
    ],
)
def test_message_about_a_step_contains_reason_execution_and_link(
    template: Template, rule: str, event: dict[str, Any], text: str
) -> None:
    what, execution, console = sent(the_properties(template, "AWS::Events::Rule", rule), event)
    assert what == text
    assert event["detail"]["pipelineExecutionArn"] in execution
    assert console.endswith(studio_url(REGION))


def test_message_about_a_waiting_version_contains_version_and_link(template: Template) -> None:
    event = _package_event("sentiment-dev", "PendingManualApproval")
    rule = the_properties(template, "AWS::Events::Rule", "ApprovalPending")
    what, console = sent(rule, event)
    assert what.startswith("sentiment-dev: ")
    assert event["detail"]["ModelPackageArn"] in what
    assert console.endswith(studio_url(REGION))


def test_only_the_configured_address_is_subscribed(template: Template) -> None:
    subscription = the_properties(template, "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", EMAIL)
    assert subscription["TopicArn"] == the_arn(template, "AWS::SNS::Topic")


def test_topic_has_its_own_key_and_denies_plain_http(template: Template) -> None:
    topic = the_properties(template, "AWS::SNS::Topic")
    assert topic["KmsMasterKeyId"] == the_arn(template, "AWS::KMS::Key", "Alerts")
    [denial] = [item for item in _topic_statements(template) if item["Effect"] == "Deny"]
    assert denial["Principal"] in ("*", {"AWS": "*"})
    assert denial["Action"] == "sns:Publish"
    assert denial["Resource"] == the_arn(template, "AWS::SNS::Topic")
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_topic_does_not_use_the_key_of_the_data(templates: Templates) -> None:
    template = templates("everything")
    topic = the_properties(template, "AWS::SNS::Topic")
    assert topic["KmsMasterKeyId"] != the_arn(template, "AWS::KMS::Key", "Encryption")


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_alarms_may_use_the_topics_key_for_this_account_only(
    template: Template, action: str
) -> None:
    statements = _key_statements(template)
    assert conditions_for(statements, "cloudwatch.amazonaws.com", action) == [OWN_ACCOUNT]


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_event_bridge_may_use_the_topics_key_without_a_source_condition(
    template: Template, action: str
) -> None:
    # "Adding aws:SourceAccount, aws:SourceArn, and aws:SourceOrgID to a KMS policy is not supported
    # for EventBridge-to-encrypted topics": SNS's developer guide, Key management.
    conditions = conditions_for(_key_statements(template), "events.amazonaws.com", action)
    assert [item for item in conditions if "aws:Source" not in json.dumps(item)]


def test_no_other_service_may_use_the_topics_key(templates: Templates) -> None:
    services = {
        service
        for statement in _key_statements(templates("everything"))
        for service in as_list(statement["Principal"].get("Service", []))
    }
    assert services == {"events.amazonaws.com", "cloudwatch.amazonaws.com"}


def test_event_bridge_may_publish_to_the_topic(template: Template) -> None:
    assert conditions_for(_topic_statements(template), "events.amazonaws.com", "sns:Publish")


def test_alarms_may_publish_to_the_topic_for_this_account_only(template: Template) -> None:
    statements = _topic_statements(template)
    [condition] = conditions_for(statements, "cloudwatch.amazonaws.com", "sns:Publish")
    assert condition == OWN_ACCOUNT
