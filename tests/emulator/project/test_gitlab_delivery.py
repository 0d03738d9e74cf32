"""The lines of GitLab's jobs, run in a clone of the project with a token instead of AWS keys."""

from __future__ import annotations

import shutil

import pytest
import yaml

from tests.support.clean_room import ROOT
from tests.support.emulated_runner import Runner
from tests.support.emulator_process import Emulator

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git isn't installed")

JOBS = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
CREDENTIALS = JOBS[".aws"]["before_script"]
DEPLOY = JOBS[".deploy"]["script"][0]
DRIFT = JOBS[".drift"]["script"]


@pytest.fixture(scope="module")
def runner(runner: Runner) -> Runner:
    """The runner of the jobs, in a bootstrapped account."""
    ended = runner.run("make bootstrap ENVIRONMENT=dev")
    assert ended.code == 0, ended.output
    return runner


def test_roles_assumed_by_a_token_deploy_and_detect_drift(
    runner: Runner, emulator: Emulator
) -> None:
    variables = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_SESSION_TOKEN": "",
        "AWS_CONFIG_FILE": str(runner.folder / "build" / "aws" / "config"),
        "AWS_ID_TOKEN": "ey.a.b",
        "AWS_ACCOUNT": "123456789012",
        "ENVIRONMENT": "dev",
    }
    for line in (*CREDENTIALS, DEPLOY, *DRIFT):
        ended = runner.run(line, variables)
        assert ended.code == 0, ended.output
    pipelines = emulator.client("sagemaker").list_pipelines()["PipelineSummaries"]
    assert "sentiment-dev" in {pipeline["PipelineName"] for pipeline in pipelines}
