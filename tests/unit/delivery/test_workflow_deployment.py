"""The workflows agree with the delivery stack and each other, and roll back failures."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from tests.support.workflow_files import (
    action,
    every_step,
    steps,
    text,
    the_step,
    workflow,
)

DEPLOY = ("deploy-environment.yml", "deploy")
DRIFT = ("drift.yml", "drift")
CREDENTIALS = "aws-actions/configure-aws-credentials"
ROLES = {"make deploy": "deploy", "make smoke": "smoke"}


def _callers() -> dict[str, Any]:
    jobs: dict[str, Any] = workflow("deploy.yml")["jobs"]
    return jobs


def _called() -> dict[str, Any]:
    file, name = DEPLOY
    job: dict[str, Any] = workflow(file)["jobs"][name]
    return job


ENVIRONMENTS = [job["with"]["environment"] for job in _callers().values()]


def test_only_commits_of_main_are_deployed() -> None:
    assert workflow("deploy.yml")["on"] == {
        "push": {"branches": ["main"]},
        "workflow_dispatch": None,
    }


def test_every_deployed_environment_is_checked_for_drift() -> None:
    [job] = workflow("drift.yml")["jobs"].values()
    found = [item["environment"] for item in job["strategy"]["matrix"]["include"]]
    assert found == ENVIRONMENTS


@pytest.mark.parametrize(("file", "name"), [DEPLOY, DRIFT])
def test_region_of_credentials_is_that_of_cdk_json(file: str, name: str) -> None:
    found = steps(file, name)
    credentials = [step for step in found if action(step) == CREDENTIALS]
    assert {step["with"]["aws-region"] for step in credentials} == {
        "${{ steps.settings.outputs.region }}"
    }
    assert found.index(the_step(file, name, "settings")) < found.index(credentials[0])


def test_drift_is_checked_on_a_schedule_and_in_one_environment_despite_drift_in_another() -> None:
    assert "schedule" in workflow("drift.yml")["on"]
    [job] = workflow("drift.yml")["jobs"].values()
    assert job["strategy"]["fail-fast"] is False
    assert steps(*DRIFT)[-1]["run"] == "make drift"


def test_environment_is_deployed_only_after_the_one_before_it_succeeded() -> None:
    for before, (name, job) in pairwise(_callers().items()):
        assert job["needs"] == before[0], name
        assert "always" not in job["if"], name


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environment_is_deployed_to_its_own_account_and_only_if_that_is_set(name: str) -> None:
    [job] = [job for job in _callers().values() if job["with"]["environment"] == name]
    account = f"vars.AWS_ACCOUNT_{name.upper()}"
    assert job["if"] == account
    assert job["with"]["account"] == f"${{{{ {account} }}}}"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_drift_is_checked_in_the_account_of_the_environment(name: str) -> None:
    [job] = workflow("drift.yml")["jobs"].values()
    [found] = [item for item in job["strategy"]["matrix"]["include"] if item["environment"] == name]
    assert found["account"] == f"${{{{ vars.AWS_ACCOUNT_{name.upper()} }}}}"


def test_caller_gives_the_inputs_that_the_called_workflow_declares() -> None:
    # actionlint reads one file at a time.
    declared = workflow(DEPLOY[0])["on"]["workflow_call"]["inputs"]
    for job in _callers().values():
        assert job["with"].keys() == declared.keys()


def test_caller_grants_the_permissions_of_the_called_job() -> None:
    for job in _callers().values():
        assert job["permissions"] == _called()["permissions"]


def test_deployment_waits_for_the_reviewers_of_the_environment() -> None:
    assert _called()["environment"] == "${{ inputs.environment }}"


def test_deployments_of_an_environment_wait_for_each_other() -> None:
    assert _called()["concurrency"] == {
        "group": "deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    # In the calling workflow, it would make dev wait for the reviewers of prod.
    assert "concurrency" not in workflow("deploy.yml")


def test_each_target_runs_with_its_own_role() -> None:
    role, used = "", []
    for step in steps(*DEPLOY):
        if action(step) == CREDENTIALS:
            role = step["with"]["role-to-assume"]
        if "run" in step and role:
            used.append((step["run"], role))
    assert used == [
        (target, "${{ env.ROLE }}-" + ROLES[target])
        for target in ("make deploy", "make smoke", "make deploy")
    ]


def test_roles_are_named_as_in_the_delivery_stack() -> None:
    role = "arn:aws:iam::${{ inputs.account }}:role/sentiment-${{ inputs.environment }}"
    assert _called()["env"]["ROLE"] == role
    assert "role/sentiment-${{ matrix.environment }}-drift" in text("drift.yml")


def test_drift_check_needs_no_approval_and_only_the_lookup_role() -> None:
    [job] = workflow("drift.yml")["jobs"].values()
    assert "environment" not in job
    found = [step for step in steps(*DRIFT) if action(step) == CREDENTIALS]
    assert [step["with"].get("role-chaining", False) for step in found] == [False, True]
    assert (
        ":role/cdk-${{ steps.settings.outputs.qualifier }}-lookup-role-"
        in found[1]["with"]["role-to-assume"]
    )


def test_accounts_are_variables_of_the_repository() -> None:
    accounts = set(re.findall(r"vars\.(\w+)", text("deploy.yml") + text("drift.yml")))
    assert accounts == {f"AWS_ACCOUNT_{name.upper()}" for name in ENVIRONMENTS}


# --- rollback ---


def test_smoke_run_ends_before_its_credentials_and_leaves_time_for_a_rollback() -> None:
    minutes = the_step(*DEPLOY, "smoke")["timeout-minutes"]
    assert minutes < 60
    assert minutes + 90 < _called()["timeout-minutes"]


def test_only_a_failed_smoke_run_causes_a_rollback() -> None:
    # CloudFormation itself undoes a failed deployment.
    # Without failure(), GitHub skips the step after a failed one.
    lookup = the_step(*DEPLOY, "before")
    assert lookup["if"] == "failure() && steps.smoke.outcome == 'failure'"


def test_only_the_rollback_and_the_text_of_a_pull_request_depend_on_a_failure() -> None:
    found = steps(*DEPLOY)
    rollback = found[found.index(the_step(*DEPLOY, "before")) :]
    upload = the_step("pull-request.yml", "diff", "changes")
    assert [step for _, _, step in every_step() if "if" in step] == [*rollback, upload]


def test_rollback_deploys_the_commit_that_was_looked_up_and_only_with_one() -> None:
    found = steps(*DEPLOY)
    rollback = found[found.index(the_step(*DEPLOY, "before")) + 1 :]
    assert len(rollback) == 3
    assert {step["if"] for step in rollback} == {"failure() && steps.before.outputs.sha"}
    assert rollback[0]["with"]["ref"] == "${{ steps.before.outputs.sha }}"
    assert rollback[-1]["run"] == "make deploy"
    assert "clean" not in rollback[0]["with"]  # the default removes what the newer commit built
