"""Approved versions are deployed; whatever fails, what was served before is served afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from infra.endpoint.machine.clean_up import report
from infra.endpoint.machine.paths import REPORT
from tests.support.endpoint_machine import machine_of
from tests.support.hosting import CANDIDATE, LIVE, Endpoint, Hosting, arn, deploy
from tests.unit.infra.endpoint.conftest import Deploy

APPROVED, GIVEN = "approvedVersion", "version"
INSTANCES = {"endpoint": {"instances": {"count": 2, "max_count": 4}}}


def _assert_only_served_is_left(hosting: Hosting, number: int | None) -> None:
    """Assert that only the live endpoint with this version exists, if any."""
    assert hosting.served() == number
    assert list(hosting.endpoints) == ([] if number is None else [LIVE])
    configs = [endpoint.config for endpoint in hosting.endpoints.values()]
    assert [*hosting.configs] == [*hosting.models] == configs


# --- which version is deployed ---


def test_approval_of_the_first_version_creates_the_endpoint(hosting: Hosting, run: Deploy) -> None:
    end = run({APPROVED: arn(1)})
    assert (end.status, end.output) == ("SUCCEEDED", {"outcome": "Deployed", "version": arn(1)})
    _assert_only_served_is_left(hosting, 1)


@pytest.mark.parametrize("settings", [{}, INSTANCES], ids=["serverless", "instances"])
def test_approval_of_the_next_version_updates_the_endpoint(
    hosting: Hosting, run: Deploy, settings: dict[str, Any]
) -> None:
    run({APPROVED: arn(1)}, **settings)
    hosting.approve(2)
    assert run({APPROVED: arn(2)}, **settings).output["outcome"] == "Deployed"
    assert len(hosting.requests("UpdateEndpoint")) == 1
    _assert_only_served_is_left(hosting, 2)


def test_repeated_event_of_an_approval_deploys_nothing(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    before = Counter(hosting.actions())
    assert run({APPROVED: arn(1)}).output == {"outcome": "AlreadyServed", "version": arn(1)}
    assert Counter(hosting.actions())["CreateModel"] == before["CreateModel"]


def test_late_event_of_an_older_approval_deploys_nothing(hosting: Hosting, run: Deploy) -> None:
    hosting.approve(2)
    run({APPROVED: arn(2)})
    assert run({APPROVED: arn(1)}).output == {"outcome": "NewerVersionIsApproved"}
    _assert_only_served_is_left(hosting, 2)


def test_event_of_an_approval_that_was_withdrawn_deploys_nothing(
    hosting: Hosting, run: Deploy
) -> None:
    hosting.reject(1)
    assert run({APPROVED: arn(1)}).output == {"outcome": "NewerVersionIsApproved"}
    assert hosting.endpoints == {}


@pytest.mark.parametrize("is_deleted", [False, True], ids=["rejected", "deleted"])
def test_newest_approved_version_replaces_the_served_one(
    hosting: Hosting, run: Deploy, is_deleted: bool
) -> None:
    hosting.approve(2, 3)
    run({APPROVED: arn(3)})
    if is_deleted:
        del hosting.approvals[3]
    else:
        hosting.reject(3)
    assert run({}).output == {"outcome": "Deployed", "version": arn(2)}
    _assert_only_served_is_left(hosting, 2)


def test_rejection_of_another_version_changes_nothing(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    hosting.reject(2)
    assert run({}).output == {"outcome": "ApprovedVersionIsServed", "version": arn(1)}


def test_rejection_creates_no_endpoint(hosting: Hosting, run: Deploy) -> None:
    hosting.reject(2)
    assert run({}).output == {"outcome": "NothingIsServed"}
    assert hosting.endpoints == {}


def test_endpoint_is_kept_and_a_failure_reported_if_nothing_is_approved(
    hosting: Hosting, run: Deploy
) -> None:
    run({APPROVED: arn(1)})
    hosting.reject(1)
    end = run({})
    assert (end.status, end.error) == ("FAILED", "NothingIsApproved")
    assert arn(1) in end.cause
    _assert_only_served_is_left(hosting, 1)


def test_operator_deploys_an_older_version(hosting: Hosting, run: Deploy) -> None:
    hosting.approve(2)
    run({APPROVED: arn(2)})
    assert run({GIVEN: arn(1)}).output == {"outcome": "Deployed", "version": arn(1)}
    hosting.reject(3)
    assert run({}).output["outcome"] == "ApprovedVersionIsServed"
    _assert_only_served_is_left(hosting, 1)


def test_operator_deploys_the_served_version_again(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    larger = {"endpoint": {"serverless": {"memory_mb": 4096}}}
    assert run({GIVEN: arn(1)}, **larger).output["outcome"] == "Deployed"
    [config] = hosting.configs.values()
    assert config["ProductionVariants"][0]["ServerlessConfig"]["MemorySizeInMB"] == 4096


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_operator_cant_deploy_a_version_that_isnt_approved(
    hosting: Hosting, run: Deploy, status: str
) -> None:
    hosting.approvals[2] = status
    end = run({GIVEN: arn(2)})
    assert (end.error, status in end.cause) == ("NotApproved", True)
    assert not {**hosting.endpoints, **hosting.models}


# --- failures ---


def test_version_that_takes_no_text_is_never_tried(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.plain = {2}
    assert run({APPROVED: arn(2)}).error == "TakesNoText"
    assert len(hosting.requests("CreateModel")) == 1
    _assert_only_served_is_left(hosting, 1)


def test_version_whose_endpoint_fails_is_removed(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.unhealthy = {2}
    end = run({APPROVED: arn(2)})
    assert (end.status, end.error) == ("FAILED", "EndpointFailed")
    assert "The container doesn't answer pings." in end.cause
    _assert_only_served_is_left(hosting, 1)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("<html>no model</html>", id="no-json"),
        pytest.param("", id="empty"),
        pytest.param('{"predictions": [{"error": "x"}], "model_version": "2"}', id="an-error"),
        pytest.param(
            '{"predictions": [{"label": "pos", "probability": 1}], "model_version": "1"}',
            id="another-version",
        ),
    ],
)
def test_candidate_that_answers_wrong_never_gets_requests(
    hosting: Hosting, run: Deploy, answer: str
) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.wrong, hosting.answer = {2: {CANDIDATE}}, answer
    end = run({APPROVED: arn(2)})
    assert (end.error, answer in end.cause) == ("SmokeRequestFailed", True)
    assert "UpdateEndpoint" not in hosting.actions()
    _assert_only_served_is_left(hosting, 1)


def test_configuration_is_restored_if_the_live_endpoint_answers_wrong(
    hosting: Hosting, run: Deploy
) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.wrong = {2: {LIVE}}
    assert run({APPROVED: arn(2)}).error == "SmokeRequestFailed"
    assert len(hosting.requests("UpdateEndpoint")) == 2
    _assert_only_served_is_left(hosting, 1)


def test_first_endpoint_is_deleted_if_it_answers_wrong(hosting: Hosting, run: Deploy) -> None:
    hosting.wrong = {1: {LIVE}}
    assert run({APPROVED: arn(1)}).error == "SmokeRequestFailed"
    _assert_only_served_is_left(hosting, None)


def test_first_endpoint_is_deleted_if_it_goes_out_of_service(
    hosting: Hosting, run: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = hosting.create_endpoint

    def create_endpoint(request: Mapping[str, Any]) -> dict[str, Any]:
        created = create(request)
        if request["EndpointName"] == LIVE:
            hosting.endpoints[LIVE].next = (request["EndpointConfigName"], "OutOfService")
        return created

    monkeypatch.setattr(hosting, "create_endpoint", create_endpoint)
    assert run({APPROVED: arn(1)}).error == "EndpointFailed"
    _assert_only_served_is_left(hosting, None)


@pytest.mark.parametrize(
    ("name", "reported"),
    [("States.Timeout", "DeploymentFailed"), ("SmokeRequestFailed", "SmokeRequestFailed")],
)
def test_cause_is_reported_of_an_error_with_a_reserved_name_too(
    hosting: Hosting, monkeypatch: pytest.MonkeyPatch, name: str, reported: str
) -> None:
    machine = json.dumps({"StartAt": REPORT, "States": report(())})
    given = {"error": {"Error": name, "Cause": "the cause"}}
    [end] = deploy(machine, hosting, given, monkeypatch=monkeypatch)
    assert (end.error, end.cause) == (reported, "the cause")


def test_rollback_by_sagemaker_is_a_failure(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)}, **INSTANCES)
    hosting.approve(2)
    hosting.rolled_back = {2}
    end = run({APPROVED: arn(2)}, **INSTANCES)
    assert (end.status, end.error) == ("FAILED", "RolledBack")
    _assert_only_served_is_left(hosting, 1)


@pytest.mark.parametrize(
    "action",
    [
        *("ListModelPackages", "ListEndpoints", "DescribeEndpoint", "CreateModel"),
        *("CreateEndpointConfig", "CreateEndpoint", "InvokeEndpoint", "UpdateEndpoint"),
    ],
)
def test_old_version_stays_whichever_call_fails(hosting: Hosting, run: Deploy, action: str) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.refused = {action}
    end = run({APPROVED: arn(2)})
    assert end.status == "FAILED"
    assert "it is refused" in end.cause
    assert hosting.served() == 1
    hosting.refused = set()
    assert run({APPROVED: arn(2)}).output["outcome"] == "Deployed"
    assert hosting.served() == 2
    assert CANDIDATE not in hosting.endpoints


@pytest.mark.parametrize("action", ["DeleteEndpointConfig", "DeleteModel", "DescribeModel"])
def test_deployment_succeeds_without_cleaning_up(
    hosting: Hosting, run: Deploy, action: str
) -> None:
    run({APPROVED: arn(1)})
    hosting.approve(2)
    hosting.refused = {action}
    assert run({APPROVED: arn(2)}).output["outcome"] == "Deployed"
    assert hosting.served() == 2


def test_candidate_of_an_interrupted_deployment_is_deleted(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    hosting.endpoints[CANDIDATE] = Endpoint(hosting.endpoints[LIVE].config, "Creating", None)
    hosting.endpoints[CANDIDATE].next = (hosting.endpoints[LIVE].config, "InService")
    hosting.approve(2)
    assert run({APPROVED: arn(2)}).output["outcome"] == "Deployed"
    _assert_only_served_is_left(hosting, 2)


def test_failed_endpoint_is_created_again(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    hosting.endpoints[LIVE].status = "Failed"
    assert run({APPROVED: arn(1)}).output["outcome"] == "Deployed"
    assert hosting.served() == 1


def test_deployment_awaits_an_update_by_others(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    live = hosting.endpoints[LIVE]
    live.status, live.next = "Updating", (live.config, "InService")
    hosting.approve(2)
    assert run({APPROVED: arn(2)}).output["outcome"] == "Deployed"
    _assert_only_served_is_left(hosting, 2)


def test_endpoint_of_unknown_origin_is_replaced_by_an_approval_only(
    hosting: Hosting, run: Deploy
) -> None:
    hosting.endpoints[LIVE] = Endpoint("by-hand", "InService")
    hosting.reject(2)
    assert run({}).output["outcome"] == "NothingIsServed"
    assert run({APPROVED: arn(1)}).output["outcome"] == "Deployed"
    assert hosting.served() == 1


# --- several at once ---


def test_deployments_await_each_other(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    hosting.approve(2, 3)
    inputs = [{GIVEN: arn(2)}, {APPROVED: arn(3)}, {}, {APPROVED: arn(2)}]
    ends = deploy(machine_of(), hosting, *inputs, monkeypatch=monkeypatch)
    assert [end.output["outcome"] for end in ends] == [
        *("Deployed", "Deployed", "ApprovedVersionIsServed", "NewerVersionIsApproved"),
    ]
    _assert_only_served_is_left(hosting, 3)


def test_deployment_waits_until_it_is_listed(
    hosting: Hosting, run: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = hosting.list_executions

    def late(request: Mapping[str, Any]) -> dict[str, Any]:
        is_first = len(hosting.requests("ListExecutions")) == 1
        return {"Executions": []} if is_first else listed(request)

    monkeypatch.setattr(hosting, "list_executions", late)
    assert run({APPROVED: arn(1)}).output["outcome"] == "Deployed"
