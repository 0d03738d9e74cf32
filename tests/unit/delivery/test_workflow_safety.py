"""The workflows can't be turned against the repository or the account; each promise, as data."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.clean_room import ROOT
from tests.support.workflow_files import (
    GITHUB,
    NAMES,
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
MAKE = re.compile(r"make( --silent)? ([a-z-]+)( [A-Z]+=[\w/.-]+)*( > [\w.]+)?")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
CREDENTIALS = "aws-actions/configure-aws-credentials"

MAY_WRITE = {
    ("pull-request.yml", "show"): {"pull-requests"},
    ("deploy.yml", "dev"): {"id-token"},
    ("deploy.yml", "prod"): {"id-token"},
    ("deploy-environment.yml", "deploy"): {"id-token"},
    ("drift.yml", "drift"): {"id-token"},
}
JOBS = [pytest.param(name, job, says, id=f"{name}-{job}") for name, job, says in jobs()]
STEPS = [
    pytest.param(step, id=f"{name}-{job}-{number}")
    for number, (name, job, step) in enumerate(every_step())
]


def test_these_are_the_workflows() -> None:
    assert NAMES == ["deploy-environment.yml", "deploy.yml", "drift.yml", "pull-request.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(name: str) -> None:
    used = [line.strip().removeprefix("- ") for line in text(name).splitlines() if "uses:" in line]
    assert used
    for line in used:
        local = LOCAL.match(line)
        assert PINNED.fullmatch(line) or (local and (WORKFLOWS / local[1]).is_file()), line


def test_an_action_has_one_commit_everywhere() -> None:
    used = {step["uses"] for _, _, step in every_step() if "uses" in step}
    assert len(used) == len({item.partition("@")[0] for item in used})


def test_new_commits_of_actions_are_proposed_by_dependabot_and_nothing_else_is() -> None:
    # It can't resolve the lock files as `make lock` does.
    settings = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))
    assert [update["package-ecosystem"] for update in settings["updates"]] == ["github-actions"]


@pytest.mark.parametrize("name", NAMES)
def test_workflow_gives_nothing_and_each_job_asks_for_its_own(name: str) -> None:
    assert workflow(name)["permissions"] == {}


@pytest.mark.parametrize(("name", "job", "says"), JOBS)
def test_job_may_write_what_it_needs_and_nothing_else(name: str, job: str, says: Job) -> None:
    rights = says["permissions"]
    assert {key for key, value in rights.items() if value == "write"} == MAY_WRITE.get(
        (name, job), set()
    )
    assert rights.keys() <= {"contents", "deployments", "id-token", "pull-requests"}


@pytest.mark.parametrize(("name", "job", "says"), JOBS)
def test_job_ends_by_itself_on_a_machine_that_stays_the_same(
    name: str, job: str, says: Job
) -> None:
    if "uses" not in says:
        assert 0 < says["timeout-minutes"] <= 150
        assert says["runs-on"] == "ubuntu-24.04"


@pytest.mark.parametrize("step", STEPS)
def test_shell_runs_a_make_target_that_a_person_can_run_too(step: Step) -> None:
    if "run" in step:
        line = MAKE.fullmatch(step["run"])
        assert line, step["run"]
        assert line[2] in TARGETS
        assert "shell" not in step


@pytest.mark.parametrize("step", STEPS)
def test_nothing_from_outside_is_pasted_into_code(step: Step) -> None:
    code = step.get("run", "") + step.get("with", {}).get("script", "")
    assert "${{" not in code


@pytest.mark.parametrize("step", STEPS)
def test_checkout_leaves_no_token_behind(step: Step) -> None:
    if action(step) == "actions/checkout":
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_is_never_swallowed(step: Step) -> None:
    assert "continue-on-error" not in step
    assert "always()" not in str(step.get("if"))


@pytest.mark.parametrize("name", NAMES)
def test_there_are_no_keys(name: str) -> None:
    written = text(name)
    assert "secrets" not in written
    assert "access-key" not in written
    assert not re.search(r"AKIA|ASIA|ghp_|\d{12}", re.sub(r"[0-9a-f]{40}", "", written))


def test_what_runs_with_credentials_comes_from_no_cache() -> None:
    for name in set(NAMES) - {"pull-request.yml"}:
        assert "cache" not in text(name)


# --- pull requests ---


def test_pull_request_runs_as_the_fork_that_it_comes_from() -> None:
    # Other events (pull_request_target, workflow_run) would lend it the repository's own rights.
    assert workflow("pull-request.yml")["on"] == {"pull_request": {"branches": ["main"]}}


def test_pull_request_gets_no_aws() -> None:
    written = text("pull-request.yml")
    for word in (CREDENTIALS, "id-token", "role", "environment:", "vars."):
        assert word not in written


def test_pull_request_starts_nothing_that_costs_or_deploys() -> None:
    ran = {
        step["run"].replace("--silent ", "").split()[1]
        for name, _, step in every_step()
        if name == "pull-request.yml" and "run" in step
    }
    assert ran == {"check", "diff", "synth", "test"}


def test_job_that_may_comment_runs_nothing_of_the_pull_request() -> None:
    used = [action(step) for step in steps("pull-request.yml", "show")]
    assert used == ["actions/download-artifact", "actions/github-script"]


def test_newer_push_to_a_pull_request_ends_the_older_run_of_this_one_only() -> None:
    assert workflow("pull-request.yml")["concurrency"] == {
        "group": "pull-request-${{ github.event.pull_request.number }}",
        "cancel-in-progress": True,
    }
