"""The jobs in .gitlab-ci.yml: their triggers, roles and rights, as in GitHub's workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.clean_room import ROOT
from tests.support.workflow_files import TARGETS

FILE = ROOT / ".gitlab-ci.yml"
TEXT = FILE.read_text(encoding="utf-8")
WRITTEN: dict[str, Any] = yaml.safe_load(TEXT)
GLOBAL = {"workflow", "stages", "default"}
# The keywords in use, so that a typing error fails.
KEYWORDS = {
    *("allow_failure", "artifacts", "before_script", "environment", "extends", "id_tokens"),
    *("interruptible", "resource_group", "rules", "script", "stage", "timeout", "variables"),
}
MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
ON_MAIN = '$CI_COMMIT_BRANCH == "main" && '
LINE = re.compile(
    r"(AWS_PROFILE=(?P<profile>[a-z]+) )?make( --silent)? (?P<target>[a-z]+)"
    r"( [A-Z]+=\$?\w+)*( > \w+\.md)?"
)


def _extended(name: str) -> dict[str, Any]:
    """Return a job with what it extends; like GitLab, only maps are merged."""
    own = WRITTEN[name]
    base = _extended(own["extends"]) if "extends" in own else {}
    merged = {**base, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = {**base[key], **value}
    return merged


JOBS = {
    name: _extended(name) for name in WRITTEN if name not in GLOBAL and not name.startswith(".")
}
ENVIRONMENTS = [name.removeprefix("deploy ") for name in JOBS if name.startswith("deploy ")]
WITH_AWS = {name: job for name, job in JOBS.items() if "id_tokens" in job}


PROMOTION = "promote to prod"


def _lines(job: dict[str, Any]) -> Iterator[re.Match[str]]:
    for line in (*job.get("before_script", ()), *job["script"]):
        match = LINE.fullmatch(line)
        assert match, line
        yield match


def test_each_environment_is_deployed_and_checked_for_drift() -> None:
    assert ENVIRONMENTS == ["dev", "prod"]
    expected = {f"{kind} {name}" for kind in ("deploy", "drift") for name in ENVIRONMENTS}
    assert JOBS.keys() == {"check", "changes", PROMOTION, *expected}
    assert WITH_AWS.keys() == {PROMOTION, *expected}


@pytest.mark.parametrize("name", JOBS)
def test_job_has_known_keywords_a_stage_a_timeout_and_one_rule(name: str) -> None:
    job = JOBS[name]
    assert job.keys() <= KEYWORDS
    assert job["stage"] in WRITTEN["stages"]
    assert int(job["timeout"].removesuffix(" minutes")) <= 150
    assert len(job["rules"]) == 1


@pytest.mark.parametrize("name", JOBS)
def test_lines_are_make_targets_that_developers_can_run(name: str) -> None:
    assert {line["target"] for line in _lines(JOBS[name])} <= TARGETS


@pytest.mark.parametrize("name", JOBS)
def test_tokens_are_issued_on_main_only(name: str) -> None:
    [rule] = JOBS[name]["rules"]
    if name in WITH_AWS:
        assert rule["if"].startswith(ON_MAIN)
        assert JOBS[name]["id_tokens"] == {"AWS_ID_TOKEN": {"aud": "sts.amazonaws.com"}}
    else:
        assert rule["if"] == MERGE_REQUEST
        assert "AWS" not in str(JOBS[name])


@pytest.mark.parametrize("name", WITH_AWS)
def test_targets_run_with_the_role_of_their_name_in_the_jobs_own_account(name: str) -> None:
    kind, *_, environment = name.split()
    account = f"$AWS_ACCOUNT_{environment.upper()}"
    assert JOBS[name]["variables"]["ENVIRONMENT"] == environment
    assert JOBS[name]["variables"]["AWS_ACCOUNT"] == account
    assert JOBS[name]["rules"][0]["if"].endswith(f" && {account}")
    ran = [(line["target"], line["profile"]) for line in _lines(JOBS[name])]
    expected = {"deploy": ("deploy", "smoke"), "drift": ("drift",), "promote": ("promote",)}[kind]
    assert ran == [("credentials", None), *((target, target) for target in expected)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_deployments_of_an_environment_wait_for_each_other(environment: str) -> None:
    job = JOBS[f"deploy {environment}"]
    assert job["environment"] == job["resource_group"] == environment
    assert job["interruptible"] is False


def test_only_prod_waits_for_a_person_and_only_when_it_is_deployed() -> None:
    waiting = {name for name, job in JOBS.items() if job["rules"][0].get("when") == "manual"}
    assert waiting == {"deploy prod", PROMOTION}
    assert JOBS["deploy prod"]["allow_failure"] is False
    stages = WRITTEN["stages"]
    assert stages.index(JOBS["deploy dev"]["stage"]) < stages.index(JOBS["deploy prod"]["stage"])


def test_promotion_waits_for_those_of_prod_and_holds_up_no_deployment() -> None:
    job = JOBS[PROMOTION]
    assert job["environment"] == job["resource_group"] == "prod"
    assert job["rules"][0]["allow_failure"] is True
    assert job["variables"]["SOURCE"] == "dev"


def test_nightly_jobs_are_in_no_environment_and_deploy_nothing() -> None:
    for name in WITH_AWS:
        is_nightly = ' == "schedule"' in JOBS[name]["rules"][0]["if"]
        assert is_nightly == name.startswith("drift ")
        assert ("environment" in JOBS[name]) != is_nightly


def test_file_contains_no_keys_and_ignores_no_failure() -> None:
    assert not re.search(r"AKIA|ASIA|glpat-|\d{12}", TEXT)
    assert TEXT.count("allow_failure: true") == 1  # of the promotion
    assert "cache:" not in TEXT
