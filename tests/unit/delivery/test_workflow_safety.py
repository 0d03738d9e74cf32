"""The workflows have no more rights than they need, and run no untrusted code with them."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.workflow_files import (
    GITHUB,
    NAMES,
    TARGETS,
    WORKFLOWS,
    Job,
    Step,
    action,
    every_step,
    jobs,
    steps,
    text,
    workflow,
)

PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
LOCAL = re.compile(r"uses: \./\.github/workflows/([\w-]+\.yml)(?= )")
MAKE = re.compile(
    r'make( --silent)? ([a-z-]+)( [A-Z]+=[\w/.-]+)*( > [\w.]+| >> "\$GITHUB_OUTPUT")?'
)
CREDENTIALS = "aws-actions/configure-aws-credentials"

MAY_WRITE = {
    "pull-request.yml-show": {"pull-requests"},
    **{f"deploy.yml-{environment}": {"id-token"} for environment in workflow("deploy.yml")["jobs"]},
    "deploy-environment.yml-deploy": {"id-token"},
    "drift.yml-drift": {"id-token"},
    "promote.yml-promote": {"id-token"},
}
JOBS = {f"{name}-{job}": definition for name, job, definition in jobs()}
MACHINES = {key: job for key, job in JOBS.items() if "uses" not in job}
STEPS = {f"{name}-{job}-{number}": step for number, (name, job, step) in enumerate(every_step())}
COMMANDS = {key: step for key, step in STEPS.items() if "run" in step}
CODE = COMMANDS | {key: step for key, step in STEPS.items() if "script" in step.get("with", {})}
CHECKOUTS = {key: step for key, step in STEPS.items() if action(step) == "actions/checkout"}


def test_there_are_steps_of_every_kind() -> None:
    assert all((MACHINES, COMMANDS, CODE.keys() - COMMANDS.keys(), CHECKOUTS))


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_by_commit_with_their_version(name: str) -> None:
    used = [line.strip().removeprefix("- ") for line in text(name).splitlines() if "uses:" in line]
    assert used
    for line in used:
        local = LOCAL.match(line)
        assert PINNED.fullmatch(line) or (local and (WORKFLOWS / local[1]).is_file()), line


def test_action_has_the_same_commit_everywhere() -> None:
    used = {step["uses"] for _, _, step in every_step() if "uses" in step}
    assert len(used) == len({item.partition("@")[0] for item in used})


def test_dependabot_updates_only_actions() -> None:
    # It can't update the lock files as `make lock` does.
    settings = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))
    assert [update["package-ecosystem"] for update in settings["updates"]] == ["github-actions"]


@pytest.mark.parametrize("name", NAMES)
def test_workflow_grants_no_permissions_to_all_jobs(name: str) -> None:
    assert workflow(name)["permissions"] == {}


@pytest.mark.parametrize("name", JOBS)
def test_job_has_only_the_write_permissions_it_needs(name: str) -> None:
    permissions = JOBS[name]["permissions"]
    written = {key for key, value in permissions.items() if value == "write"}
    assert written == MAY_WRITE.get(name, set())
    assert permissions.keys() <= {"contents", "deployments", "id-token", "pull-requests"}


@pytest.mark.parametrize("job", MACHINES.values(), ids=MACHINES)
def test_job_has_a_timeout_and_a_pinned_image(job: Job) -> None:
    assert 0 < job["timeout-minutes"] <= 150
    assert job["runs-on"] == "ubuntu-24.04"


@pytest.mark.parametrize("step", COMMANDS.values(), ids=COMMANDS)
def test_command_is_a_make_target_that_developers_can_run(step: Step) -> None:
    line = MAKE.fullmatch(step["run"])
    assert line, step["run"]
    assert line[2] in TARGETS
    assert "shell" not in step


@pytest.mark.parametrize("step", CODE.values(), ids=CODE)
def test_code_contains_no_expressions(step: Step) -> None:
    code = step.get("run", "") + step.get("with", {}).get("script", "")
    assert "${{" not in code


@pytest.mark.parametrize("step", CHECKOUTS.values(), ids=CHECKOUTS)
def test_checkout_leaves_no_token_behind(step: Step) -> None:
    assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_failures_are_never_ignored(name: str) -> None:
    assert "continue-on-error" not in text(name)
    assert "always()" not in text(name)


@pytest.mark.parametrize("name", NAMES)
def test_workflow_contains_no_keys(name: str) -> None:
    written = text(name)
    assert "secrets" not in written
    assert "access-key" not in written
    assert not re.search(r"AKIA|ASIA|ghp_|\d{12}", re.sub(r"[0-9a-f]{40}", "", written))


def test_workflows_with_credentials_use_no_cache() -> None:
    for name in set(NAMES) - {"pull-request.yml"}:
        assert "cache" not in text(name)


# --- pull requests ---


def test_pull_request_from_a_fork_runs_with_the_forks_rights() -> None:
    # Other events (pull_request_target, workflow_run) grant it the rights of the repository.
    assert workflow("pull-request.yml")["on"] == {"pull_request": {"branches": ["main"]}}


def test_pull_request_has_no_access_to_aws() -> None:
    written = text("pull-request.yml")
    for word in (CREDENTIALS, "id-token", "role", "environment:", "vars."):
        assert word not in written


def test_pull_request_runs_nothing_that_deploys_or_costs() -> None:
    ran = {
        step["run"].replace("--silent ", "").split()[1]
        for name, _, step in every_step()
        if name == "pull-request.yml" and "run" in step
    }
    assert ran == {"check", "compare", "diff", "synth", "test"}


def test_job_that_may_comment_runs_no_code_of_the_pull_request() -> None:
    used = [action(step) for step in steps("pull-request.yml", "show")]
    assert used == ["actions/download-artifact", "actions/github-script"]


def test_changes_are_shown_also_if_the_model_is_too_bad_to_pass() -> None:
    ran = {step.get("id", step.get("run")): step for step in steps("pull-request.yml", "diff")}
    [compare] = [number for number, name in enumerate(ran) if "make --silent compare" in str(name)]
    assert list(ran)[compare + 1] == "changes"
    assert ran["changes"]["if"] == "${{ !cancelled() && steps.diff.outcome == 'success' }}"
    show = workflow("pull-request.yml")["jobs"]["show"]
    assert show["if"] == "${{ !cancelled() && needs.diff.outputs.changes }}"


def test_newer_push_cancels_only_runs_of_the_same_pull_request() -> None:
    assert workflow("pull-request.yml")["concurrency"] == {
        "group": "pull-request-${{ github.event.pull_request.number }}",
        "cancel-in-progress": True,
    }
