"""`sentiment deploy` and `sentiment endpoint`."""

from __future__ import annotations

import json

import pytest

from operations.progress import Progress
from tests.support.aws_samples import HERE, START
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.endpoint_samples import (
    ENDPOINT,
    EXECUTION,
    MACHINE,
    VERSION,
    deployed,
    history,
    listed,
    serve,
)
from tests.support.scripted_aws import ScriptedAws, error


@pytest.fixture
def serving(aws: ScriptedAws) -> ScriptedAws:
    """An endpoint that serves version 3, which is approved."""
    serve(aws)
    version = {
        "ModelPackageArn": VERSION,
        "ModelPackageVersion": 3,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": "Approved",
        "CreationTime": START,
    }
    pending = {**version, "ModelPackageArn": f"{VERSION}4", "ModelPackageVersion": 34}
    pending["ModelApprovalStatus"] = "PendingManualApproval"
    aws.pages("ListModelPackages", "ModelPackageSummaryList", [pending, version])
    aws.on("StartExecution", {"executionArn": EXECUTION, "startDate": START})
    return aws


def test_deploy_starts_the_state_machine_with_the_version(serving: ScriptedAws) -> None:
    document = json_output(invoke("deploy", "3", "--json"))
    [request] = serving.requests("StartExecution")
    assert request == {"stateMachineArn": MACHINE, "input": json.dumps({"version": VERSION})}
    assert (document["arn"], document["status"]) == (EXECUTION, "RUNNING")
    assert document["version"] == VERSION


def test_deploy_prints_the_command_that_shows_the_endpoint(serving: ScriptedAws) -> None:
    result = invoke("deploy", "3")
    assert result.exit_code == 0
    assert f"sentiment endpoint {HERE}" in result.stdout.splitlines()[-1]


def test_deploy_of_a_version_that_is_not_approved_is_refused(serving: ScriptedAws) -> None:
    assert_refused(invoke("deploy", "34"), 1, f"sentiment approve 34 {HERE}")
    assert serving.requests("StartExecution") == []


def test_deploy_of_an_unknown_version_is_wrong_usage(serving: ScriptedAws) -> None:
    assert_refused(invoke("deploy", "7"), 2, "7")


@pytest.mark.parametrize("command", [("deploy", "3"), ("endpoint",)])
def test_stack_without_an_endpoint_is_refused_with_the_setting(
    serving: ScriptedAws, command: tuple[str, ...]
) -> None:
    serving.on("GetParameter", error("ParameterNotFound", "no"))
    serving.on("DescribeEndpoint", error("ValidationException", "Could not find endpoint"))
    assert_refused(invoke(*command), 1, "`endpoint`", "cdk.json")


def test_deploy_waits_for_the_end_and_shows_the_current_state(
    serving: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = json.dumps({"outcome": "Deployed", "version": VERSION})
    serving.on("DescribeExecution", deployed("RUNNING"), deployed(output=output))
    serving.on("GetExecutionHistory", history("CreateModel", "AwaitCandidate"))
    shown: list[str] = []
    monkeypatch.setattr(Progress, "set_status", lambda _, status: shown.append(status))
    result = invoke("deploy", "3", "--wait", "--interval", "0.1", "--json")
    assert result.exit_code == 0
    assert json_output(result)["outcome"] == "Deployed"
    assert [status.split()[-1] for status in shown] == ["AwaitCandidate"]


def test_deploy_exits_with_1_if_the_deployment_fails(serving: ScriptedAws) -> None:
    serving.on("DescribeExecution", deployed("FAILED", error="EndpointFailed", cause="no ping"))
    result = invoke("deploy", "3", "--wait", "--json")
    assert result.exit_code == 1
    document = json_output(result)
    assert (document["status"], document["reason"]) == ("FAILED", "no ping")


def test_endpoint_shows_what_it_serves_and_its_deployments(serving: ScriptedAws) -> None:
    serving.on("ListExecutions", listed("FAILED"))
    cause = "Endpoint sentiment-dev-candidate is Failed"
    serving.on(
        "DescribeExecution", deployed("FAILED", given={"approvedVersion": VERSION}, cause=cause)
    )
    document = json_output(invoke("endpoint", "--json"))
    endpoint = document["endpoint"]
    assert (endpoint["name"], endpoint["status"]) == (ENDPOINT, "InService")
    assert (endpoint["version"], endpoint["version_number"]) == (VERSION, "3")
    assert endpoint["capacity"] == {"memory_mb": 2048, "max_concurrency": 5}
    assert endpoint["url"] == (
        f"https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/{ENDPOINT}/invocations"
    )
    [found] = document["deployments"]
    assert (found["status"], found["reason"], found["version"]) == ("FAILED", cause, VERSION)
    rows = [line.split() for line in invoke("endpoint").stdout.splitlines()]
    assert ["state", "InService"] in rows
    assert rows[-1][-6:] == ["3", "failed", *cause.split()]


def test_capacity_of_an_endpoint_on_instances_is_shown(aws: ScriptedAws) -> None:
    serve(aws, InstanceType="ml.m5.large", InitialInstanceCount=2)
    document = json_output(invoke("endpoint", "--json"))
    assert document["endpoint"]["capacity"] == {"type": "ml.m5.large", "count": 2}


def test_endpoint_that_does_not_exist_yet_is_shown_with_its_deployments(
    serving: ScriptedAws,
) -> None:
    serving.on("DescribeEndpoint", error("ValidationException", "Could not find endpoint"))
    serving.on("ListExecutions", listed("SUCCEEDED"))
    serving.on("DescribeExecution", deployed(given={}, output='{"outcome": "NothingIsServed"}'))
    document = json_output(invoke("endpoint", "--json"))
    assert document["endpoint"] is None
    assert document["deployments"][0]["outcome"] == "NothingIsServed"
    assert invoke("endpoint").exit_code == 0


def test_endpoint_whose_version_is_unknown_is_shown(serving: ScriptedAws) -> None:
    serving.on("DescribeEndpointConfig", error("ValidationException", "Could not find"))
    assert json_output(invoke("endpoint", "--json"))["endpoint"]["version"] is None
    assert invoke("endpoint").exit_code == 0


def test_endpoint_of_a_stack_without_the_setting_is_shown(serving: ScriptedAws) -> None:
    serving.on("GetParameter", error("ParameterNotFound", "no"))
    document = json_output(invoke("endpoint", "--json"))
    assert (document["endpoint"]["name"], document["deployments"]) == (ENDPOINT, [])
