"""The workflow that promotes a model version from dev to prod."""

from __future__ import annotations

from tests.support.workflow_files import action, steps, workflow

NAME, JOB = "promote.yml", "promote"


def test_promotion_is_started_by_a_person_and_waits_for_prods_reviewers() -> None:
    assert set(workflow(NAME)["on"]) == {"workflow_dispatch"}
    assert workflow(NAME)["jobs"][JOB]["environment"] == "prod"


def test_promotion_has_the_role_of_its_own_in_prods_account() -> None:
    [found] = [step for step in steps(NAME, JOB) if action(step).startswith("aws-actions/")]
    role = "arn:aws:iam::${{ vars.AWS_ACCOUNT_PROD }}:role/sentiment-prod-promote"
    assert found["with"]["role-to-assume"] == role
    assert steps(NAME, JOB)[-1]["run"] == "make promote"


def test_version_is_a_variable_and_not_part_of_the_command() -> None:
    variables = workflow(NAME)["jobs"][JOB]["env"]
    assert variables == {
        "ENVIRONMENT": "prod",
        "SOURCE": "dev",
        "VERSION": "${{ inputs.version }}",
    }
