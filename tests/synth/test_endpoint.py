"""The endpoint: deployed by approval, with the protection, alarms and logs of its settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.hosting import GROUP, Hosting, arn, deploy
from tests.support.settings_cases import SECURITY_GROUPS, SUBNETS
from tests.support.template_checks import lint_findings
from tests.support.templates import (
    ACCOUNT,
    REGION,
    Template,
    allows,
    as_list,
    matches,
    of_type,
    outputs,
    properties,
    sent,
    statements_of,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

VARIANTS = (
    "endpoint",
    "endpoint on an instance",
    "endpoint, autoscaling",
    "endpoint, alert_email",
    "endpoint, dashboard",
)
DEPLOYMENTS, SERVING = "EndpointStateMachineRole", "EndpointServingRole"
MACHINE, RULE = "AWS::StepFunctions::StateMachine", "AWS::Events::Rule"
SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"

# Operation -> the parameter with the name of its resource, and the resource's type.
RESOURCES = {
    "CreateModel": ("ModelName", "model"),
    "DescribeModel": ("ModelName", "model"),
    "DeleteModel": ("ModelName", "model"),
    "CreateEndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "DescribeEndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "DeleteEndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "CreateEndpoint": ("EndpointName", "endpoint"),
    "UpdateEndpoint": ("EndpointName", "endpoint"),
    "DescribeEndpoint": ("EndpointName", "endpoint"),
    "DeleteEndpoint": ("EndpointName", "endpoint"),
    "InvokeEndpoint": ("EndpointName", "endpoint"),
    "ListModelPackages": ("ModelPackageGroupName", "model-package-group"),
}


def _machine(template: Template) -> str:
    found: str = the_properties(template, MACHINE, "EndpointStateMachine")["DefinitionString"]
    return found


def _states(template: Template) -> dict[str, dict[str, Any]]:
    """Return all states, those of the parallel branch included."""
    states: dict[str, dict[str, Any]] = json.loads(_machine(template))["States"]
    [branch] = states["Deploy"]["Branches"]
    return {**states, **branch["States"]}


def _request(template: Template, state: str) -> dict[str, Any]:
    found: dict[str, Any] = _states(template)[state]["Parameters"]
    return found


@pytest.fixture
def calls(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Hosting]:
    """The calls of a deployment, of the next one, of one that fails, and of a rejection."""

    def run(name: str) -> Hosting:
        hosting = Hosting()
        machine = _machine(templates(name))

        def start(given: Mapping[str, Any]) -> None:
            deploy(machine, hosting, given, monkeypatch=monkeypatch, topics=())

        for number in (1, 2):
            hosting.approve(number)
            start({"approvedVersion": arn(number)})
        hosting.approve(3)
        hosting.unhealthy = {3}
        start({"approvedVersion": arn(3)})
        hosting.reject(2, 3)
        start({})
        start({"version": arn(1)})
        assert hosting.served() == 1
        return hosting

    return run


# --- permissions ---


@pytest.mark.parametrize("name", ["endpoint", "endpoint, autoscaling"])
def test_role_of_deployments_may_do_what_they_do(
    templates: Templates, calls: Callable[[str], Hosting], name: str
) -> None:
    statements = statements_of(templates(name), DEPLOYMENTS)
    hosting = calls(name)
    assert set(RESOURCES) <= set(hosting.actions())
    for action, request in hosting.calls:
        if action in RESOURCES:
            key, kind = RESOURCES[action]
            resource = f"{SAGEMAKER}:{kind}/{request[key]}"
            assert allows(statements, f"sagemaker:{action}", resource), (action, resource)


@pytest.mark.parametrize("name", ["endpoint", "everything"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sagemaker:DeleteEndpoint", f"{SAGEMAKER}:endpoint/another"),
        ("sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/sentiment-devother"),
        ("sagemaker:DeleteModel", f"{SAGEMAKER}:model/pipelines-abc-CreateModel-x"),
        ("sagemaker:DeleteModelPackage", arn(1)),
        ("sagemaker:UpdateModelPackage", arn(1)),
        ("sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/x"),
        ("s3:GetObject", "arn:aws:s3:::storagebucket/models/x"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/executionrole"),
    ],
)
def test_role_of_deployments_may_not_do_anything_else(
    templates: Templates, name: str, action: str, resource: str
) -> None:
    statements = statements_of(templates(name), DEPLOYMENTS)
    assert not allows(statements, action, resource, iam__PassedToService="sagemaker.amazonaws.com")


def test_role_of_deployments_passes_the_serving_role_only(templates: Templates) -> None:
    template = templates("endpoint")
    statements = statements_of(template, DEPLOYMENTS)
    [passed] = [item for item in statements if "iam:PassRole" in as_list(item["Action"])]
    assert passed["Resource"] == the_arn(template, "AWS::IAM::Role", SERVING)
    assert _request(template, "CreateModel")["ExecutionRoleArn"] == passed["Resource"]


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("s3:GetObject", "{bucket}/models/1/model.tar.gz", True),
        ("s3:GetObject", "{bucket}/raw/reviews.tar.gz", False),
        ("s3:PutObject", "{bucket}/captured/sentiment-dev/x.jsonl", True),
        ("s3:PutObject", "{bucket}/models/1/model.tar.gz", False),
        ("sagemaker:CreateModel", f"{SAGEMAKER}:model/x", False),
        ("sagemaker:InvokeEndpoint", f"{SAGEMAKER}:endpoint/{GROUP}", False),
    ],
)
def test_containers_may_read_models_and_write_captured_requests(
    templates: Templates, action: str, resource: str, is_allowed: bool
) -> None:
    template = templates("endpoint on an instance")
    [bucket] = of_type(template, "AWS::S3::Bucket")
    resource = resource.format(bucket=f"arn:aws:s3:::{bucket.lower()}")
    assert allows(statements_of(template, SERVING), action, resource) is is_allowed


def test_containers_that_capture_nothing_write_nothing(templates: Templates) -> None:
    template = templates("endpoint, autoscaling")
    assert "s3:PutObject" not in json.dumps(statements_of(template, SERVING))
    assert "DataCaptureConfig" not in _request(template, "CreateConfig")


@pytest.mark.parametrize("name", ["endpoint", "endpoint, autoscaling"])
def test_autoscaling_is_permitted_for_instances_only(templates: Templates, name: str) -> None:
    text = json.dumps(statements_of(templates(name), DEPLOYMENTS))
    assert ("application-autoscaling:" in text) is (name != "endpoint")


# --- triggers ---


def _package_event(**changes: str) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "detail": {
            "ModelPackageGroupName": GROUP,
            "ModelPackageArn": arn(3),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "Approved",
            **changes,
        },
    }


def _deletion_event(name: str, action: str = "DeleteModelPackage") -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": action,
            "requestParameters": {"modelPackageName": name},
        },
    }


def _inputs(template: Template, event: Mapping[str, Any]) -> list[Any]:
    """Return the inputs of the deployments that an event starts."""
    machine = the_arn(template, MACHINE, "EndpointStateMachine")
    return [
        given
        for rule in properties(template, RULE).values()
        if matches(rule, event) and rule["Targets"][0]["Arn"] == machine
        for given in sent(rule, event)
    ]


def test_approval_deploys_the_version(templates: Templates) -> None:
    assert _inputs(templates("endpoint"), _package_event()) == [{"approvedVersion": arn(3)}]


def test_rejection_and_deletion_look_for_the_newest_approved_version(templates: Templates) -> None:
    rejected = _package_event(ModelApprovalStatus="Rejected")
    for event in (rejected, _deletion_event(arn(3))):
        assert _inputs(templates("endpoint"), event) == [{}]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(_package_event(ModelApprovalStatus="PendingManualApproval"), id="pending"),
        pytest.param(_package_event(ModelPackageGroupName="another"), id="another-group"),
        pytest.param(_package_event(ModelPackageStatus="InProgress"), id="incomplete"),
        pytest.param(_deletion_event(arn(3).replace(GROUP, "another")), id="deletion-elsewhere"),
        pytest.param(_deletion_event(arn(3), "DescribeModelPackage"), id="another-call"),
    ],
)
def test_other_events_deploy_nothing(templates: Templates, event: Mapping[str, Any]) -> None:
    assert _inputs(templates("endpoint"), event) == []


# --- notifications ---


def test_failure_is_sent_to_email_and_chat_with_its_reason(
    templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = templates("everything")
    hosting = Hosting(approvals={1: "Approved"}, unhealthy={1})
    topics = tuple(properties(template, "AWS::SNS::Topic"))
    [end] = deploy(
        _machine(template),
        hosting,
        {"approvedVersion": arn(1)},
        monkeypatch=monkeypatch,
        topics=tuple(map(str.lower, topics)),
    )
    assert len(end.notifications) == len(topics) == 2
    assert all("The container doesn't answer pings." in text for text in end.notifications)
    [chat] = [json.loads(text) for text in end.notifications if text.startswith("{")]
    assert (chat["version"], chat["source"]) == ("1.0", "custom")
    assert chat["content"]["description"] == end.cause


@pytest.mark.parametrize(
    ("status", "is_sent"), [("ABORTED", True), ("TIMED_OUT", True), ("FAILED", False)]
)
def test_interruption_is_reported_but_no_failure_twice(
    templates: Templates, status: str, is_sent: bool
) -> None:
    template = templates("endpoint, alert_email")
    event = {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {
            "stateMachineArn": the_arn(template, MACHINE, "EndpointStateMachine"),
            "executionArn": "execution",
            "status": status,
        },
    }
    found = [rule for rule in properties(template, RULE).values() if matches(rule, event)]
    assert bool(found) is is_sent


@pytest.mark.parametrize(
    ("name", "count"), [("endpoint", 0), ("endpoint, alert_email", 2), ("endpoint, autoscaling", 2)]
)
def test_alarms_exist_for_notifications_or_rollbacks(
    templates: Templates, name: str, count: int
) -> None:
    alarms = properties(templates(name), "AWS::CloudWatch::Alarm").values()
    assert len(alarms) == count
    for alarm in alarms:
        assert bool(alarm.get("AlarmActions")) is (name == "endpoint, alert_email")
        assert {item["Name"]: item["Value"] for item in alarm["Dimensions"]} == {
            "EndpointName": GROUP,
            "VariantName": "AllTraffic",
        }


def test_update_is_rolled_back_by_alarms_of_the_stack(templates: Templates) -> None:
    template = templates("endpoint, autoscaling")
    update = _request(template, "UpdateLive")
    named = update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    alarms = {item["AlarmName"] for item in properties(template, "AWS::CloudWatch::Alarm").values()}
    assert {item["AlarmName"] for item in named} == alarms
    arns = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}" for name in alarms]
    for role in (DEPLOYMENTS, SERVING):
        statements = statements_of(template, role)
        assert all(allows(statements, "cloudwatch:DescribeAlarms", alarm) for alarm in arns)


# --- requests ---


def test_serverless_endpoint_asks_for_nothing_that_aws_refuses(templates: Templates) -> None:
    template = templates("endpoint")
    assert not {"VpcConfig", "EnableNetworkIsolation"} & _request(template, "CreateModel").keys()
    config = _request(template, "CreateConfig")
    assert config["ProductionVariants"][0]["ServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 5,
    }
    assert not {"DataCaptureConfig", "KmsKeyId"} & config.keys()
    assert "DeploymentConfig" not in _request(template, "UpdateLive")


def test_endpoint_on_instances_has_the_protection_of_the_jobs(templates: Templates) -> None:
    template = templates("everything")
    model, config = _request(template, "CreateModel"), _request(template, "CreateConfig")
    key = the_arn(template, "AWS::KMS::Key", "Encryption")
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"] == {"Subnets": SUBNETS, "SecurityGroupIds": SECURITY_GROUPS}
    assert config["KmsKeyId"] == config["DataCaptureConfig"]["KmsKeyId"] == key
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 10


@pytest.mark.parametrize(
    ("name", "kind"), [("endpoint on an instance", "ALL_AT_ONCE"), ("everything", "CANARY")]
)
def test_canary_is_at_most_half_of_the_instances(
    templates: Templates, name: str, kind: str
) -> None:
    template = templates(name)
    policy = _request(template, "UpdateLive")["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    traffic = policy["TrafficRoutingConfiguration"]
    [variant] = _request(template, "CreateConfig")["ProductionVariants"]
    assert traffic["Type"] == kind
    if kind == "CANARY":
        assert traffic["CanarySize"]["Value"] * 2 <= variant["InitialInstanceCount"]
    waits = traffic["WaitIntervalInSeconds"] + policy["TerminationWaitInSeconds"]
    assert waits < policy["MaximumExecutionTimeoutInSeconds"]


@pytest.mark.parametrize("state", ["CreateModel", "CreateConfig", "CreateCandidate", "CreateLive"])
def test_everything_that_is_created_has_the_tags(templates: Templates, state: str) -> None:
    tags = _request(templates("everything"), state)["Tags"]
    found = {item["Key"]: item["Value"] for item in tags}
    assert found == {"project": "sentiment", "cost-center": "4711", "Environment": "development"}


# --- the rest of the stack ---


def test_logs_are_kept_as_long_as_those_of_jobs(templates: Templates) -> None:
    for name, days in (("endpoint", 30), ("everything", 30)):
        groups = properties(templates(name), "AWS::Logs::LogGroup").values()
        found = {item.get("LogGroupName"): item["RetentionInDays"] for item in groups}
        for endpoint in (GROUP, f"{GROUP}-candidate"):
            assert found[f"/aws/sagemaker/Endpoints/{endpoint}"] == days


def test_captured_requests_expire(templates: Templates) -> None:
    template = templates("endpoint on an instance")
    [bucket] = properties(template, "AWS::S3::Bucket").values()
    rules = {rule.get("Prefix"): rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    uri = _request(template, "CreateConfig")["DataCaptureConfig"]["DestinationS3Uri"]
    prefix = uri.removeprefix("s3://").partition("/")[2]
    assert rules[prefix]["ExpirationInDays"] == rules["executions/"]["ExpirationInDays"]


def test_dashboard_shows_the_endpoint(templates: Templates) -> None:
    dashboard = the_properties(templates("endpoint, dashboard"), "AWS::CloudWatch::Dashboard")
    metrics = [
        metric
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[0] == "AWS/SageMaker"
    ]
    assert {"Invocations", "Invocation5XXErrors", "ModelLatency"} <= {item[1] for item in metrics}
    assert {tuple(item[2:4]) for item in metrics} == {("EndpointName", GROUP)}


def test_outputs_name_the_endpoint_and_the_state_machine(templates: Templates) -> None:
    template = templates("endpoint")
    found = outputs(template)
    assert found["EndpointName"] == GROUP
    assert found["EndpointStateMachineArn"] == the_arn(template, MACHINE, "EndpointStateMachine")


@pytest.mark.parametrize("name", VARIANTS)
def test_cfn_lint_finds_nothing(files: Callable[[str], Path], name: str) -> None:
    assert lint_findings(files(name)) == []
