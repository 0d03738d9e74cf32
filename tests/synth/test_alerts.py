"""Notifications: which events are sent, to which address, and with which text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.console import studio_url
from tests.support.settings_cases import EMAIL, TEAM, TENANT
from tests.support.state_machines import published_messages
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
    statements_of,
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


def _execution_event(status: str = "Failed", pipeline: str = PIPELINE) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Building Pipeline Execution Status Change",
        "detail": {
            "currentPipelineExecutionStatus": status,
            "previousPipelineExecutionStatus": "Executing",
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
    pytest.param(_execution_event(), "FailedExecutionsTraining", id="execution-failed"),
    pytest.param(
        _execution_event(pipeline=SCORING), "FailedExecutionsScoring", id="scoring-execution-failed"
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
    *(
        pytest.param(_execution_event(status), id=f"execution-{status}")
        for status in ("Executing", "Stopping", "Stopped", "Succeeded")
    ),
    pytest.param(
        _execution_event(pipeline=PIPELINE.replace("-dev", "-prod")), id="other-execution"
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


def test_every_rule_is_enabled_and_sends_to_the_topic_or_the_state_machine(
    template: Template,
) -> None:
    for name, rule in properties(template, "AWS::Events::Rule").items():
        kind = (
            "AWS::StepFunctions::StateMachine" if "FailedExecutions" in name else "AWS::SNS::Topic"
        )
        assert rule["State"] == "ENABLED"
        assert [target["Arn"] for target in rule["Targets"]] == [the_arn(template, kind)]


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


def test_message_about_a_waiting_version_contains_version_card_and_link(template: Template) -> None:
    event = _package_event("sentiment-dev", "PendingManualApproval")
    rule = the_properties(template, "AWS::Events::Rule", "ApprovalPending")
    what, card, console = sent(rule, event)
    version = event["detail"]["ModelPackageArn"]
    assert what.startswith("sentiment-dev: ")
    assert version in what
    assert card.endswith(f"sentiment card {version} -e dev")
    assert console.endswith(studio_url(REGION))


# --- executions without a failed step ---


def _published(
    template: Template, pipeline: str, patch: pytest.MonkeyPatch, **described: Any
) -> dict[str, list[str]]:
    """Return what is published, by topic, after an execution of the pipeline has failed."""
    event = _execution_event(pipeline=pipeline)
    [rule] = [
        rule
        for name, rule in properties(template, "AWS::Events::Rule").items()
        if "FailedExecutions" in name and matches(rule, event)
    ]
    [given] = sent(rule, event)
    machine = the_properties(template, "AWS::StepFunctions::StateMachine", "FailedExecutions")
    return published_messages(machine["DefinitionString"], given, monkeypatch=patch, **described)


@pytest.mark.parametrize(
    ("pipeline", "name"), [(PIPELINE, "sentiment-dev"), (SCORING, "sentiment-dev-score")]
)
@pytest.mark.parametrize("steps", [(), ("Succeeded", "Stopped")], ids=["no-step", "no-failed-step"])
def test_execution_that_fails_without_a_failed_step_is_reported_with_its_reason(
    template: Template,
    monkeypatch: pytest.MonkeyPatch,
    pipeline: str,
    name: str,
    steps: tuple[str, ...],
) -> None:
    reason = "Invalid value of 'ProcessingInstanceType': \"ml.x\" {}"
    published = _published(template, pipeline, monkeypatch, steps=steps, reason=reason)
    [[text]] = published.values()
    assert text.startswith(f"{name}: ")
    assert all(part in text for part in (reason, f"{pipeline}/execution/abc", studio_url(REGION)))


def test_execution_without_a_reason_is_reported(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = _published(template, PIPELINE, monkeypatch, steps=(), reason=None)
    [[text]] = published.values()
    assert f"{PIPELINE}/execution/abc" in text


def test_execution_with_a_failed_step_is_not_reported_again(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ("Succeeded", "Failed")
    published = _published(template, PIPELINE, monkeypatch, steps=steps, reason="Step failure")
    assert list(published.values()) == [[]]


def test_state_machine_may_only_look_at_executions_and_publish(template: Template) -> None:
    statements = statements_of(template, "FailedExecutionsStateMachineRole")
    others = [item for item in statements if item["Resource"] != "*"]
    assert {action.lower() for item in others for action in as_list(item["Action"])} == {
        "sagemaker:describepipelineexecution",
        "sagemaker:listpipelineexecutionsteps",
        "sns:publish",
        "kms:decrypt",
        "kms:generatedatakey",
    }
    assert {resource for item in others for resource in as_list(item["Resource"])} == {
        f"{PIPELINE}/execution/*",
        f"{SCORING}/execution/*",
        the_arn(template, "AWS::SNS::Topic"),
        the_arn(template, "AWS::KMS::Key", "Alerts"),
    }


# --- chat channels ---


@pytest.mark.parametrize(
    ("setting", "kind", "expected"),
    [
        pytest.param(
            "alert_slack",
            "AWS::Chatbot::SlackChannelConfiguration",
            {"SlackWorkspaceId": "T01ABC2DEF", "SlackChannelId": "C01ABC2DEF3"},
            id="slack",
        ),
        pytest.param(
            "alert_teams",
            "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
            {
                "TeamsTenantId": TENANT,
                "TeamId": TEAM,
                "TeamsChannelId": "19%3Ax%40thread.tacv2",
            },
            id="microsoft",
        ),
    ],
)
def test_channel_receives_notifications_and_can_do_nothing(
    templates: Templates, setting: str, kind: str, expected: dict[str, str]
) -> None:
    template = templates(setting)
    channel = the_properties(template, kind)
    role = the_properties(template, "AWS::IAM::Role", "ChatRole")
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert expected.items() <= channel.items()
    assert channel["SnsTopicArns"] == [the_arn(template, "AWS::SNS::Topic")]
    assert channel["IamRoleArn"] == the_arn(template, "AWS::IAM::Role", "ChatRole")
    assert channel["GuardrailPolicies"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert trust["Principal"] == {"Service": "chatbot.amazonaws.com"}
    assert not {"ManagedPolicyArns", "Policies"} & role.keys()
    assert statements_of(template, "ChatRole") == []
    assert properties(template, "AWS::SNS::Subscription") == {}


def _chat_content(message: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a message in the only format that AWS Chatbot shows."""
    assert (message["version"], message["source"]) == ("1.0", "custom")
    content: dict[str, Any] = message["content"]
    assert content["textType"] == "client-markdown"
    return content


@pytest.mark.parametrize("name", ["alert_slack", "everything"])
def test_message_to_a_channel_has_the_same_facts_as_an_email(
    templates: Templates, name: str
) -> None:
    template = templates(name)
    event = _step_event("Preprocess")
    event["detail"]["failureReason"] = reason = 'KeyError: "text"\nsee the log'
    rule = the_properties(template, "AWS::Events::Rule", "StepFailed")
    arn = the_arn(template, "AWS::SNS::Topic", "ChatTopic")
    [message] = sent(rule, event, arn)
    content = _chat_content(message)
    assert content["title"] == "sentiment-dev: Step Preprocess failed."
    assert content["description"] == reason
    assert any(event["detail"]["pipelineExecutionArn"] in step for step in content["nextSteps"])


def test_failed_execution_is_reported_by_email_and_in_channels(
    templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = templates("everything")
    published = _published(template, PIPELINE, monkeypatch, steps=(), reason="refused")
    [chat] = [messages for name, messages in published.items() if "chattopic" in name]
    [email] = [messages for name, messages in published.items() if "chattopic" not in name]
    content = _chat_content(json.loads(chat[0]))
    assert (len(chat), len(email)) == (1, 1)
    assert content["title"] in email[0]
    assert content["description"] == "refused"
    assert any(f"{PIPELINE}/execution/abc" in step for step in content["nextSteps"])


# --- topics ---


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


def test_topics_do_not_use_the_key_of_the_data(templates: Templates) -> None:
    template = templates("everything")
    key = the_arn(template, "AWS::KMS::Key", "Alerts")
    topics = properties(template, "AWS::SNS::Topic").values()
    assert [topic["KmsMasterKeyId"] for topic in topics] == [key, key]


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
