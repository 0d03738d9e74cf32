"""The workflows' shell lines, run in a clone of the project against the emulated AWS.

Each fixture continues where the one that it requests ended.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass

import pytest

from tests.support.emulated_pipelines import RunningPipeline
from tests.support.emulated_runner import Ended, Runner
from tests.support.emulator_process import REGION, Emulator
from tests.support.workflow_files import steps, workflow

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git isn't installed")

DEPLOY = ("deploy-environment.yml", "deploy")
DRIFT = ("drift.yml", "drift")
PULL_REQUEST = ("pull-request.yml", "diff")
STACK = "sentiment-dev"
JOB = "processing/jobs/preprocess.py"
FIRST_LINE = "from __future__ import annotations\n"
BROKEN = f'{FIRST_LINE}raise SystemExit("this commit breaks it")\n'


def lines(name: str, job: str) -> list[str]:
    """Return the shell lines of a job's steps, in order."""
    return [step["run"] for step in steps(name, job) if "run" in step]


def variables(name: str, job: str) -> dict[str, str]:
    """Return a job's variables for environment dev, except the role, which isn't assumed here."""
    expressions = {"${{ inputs.environment }}": "dev", "${{ matrix.environment }}": "dev"}
    written: dict[str, str] = workflow(name)["jobs"][job]["env"]
    return {key: expressions.get(value, value) for key, value in written.items() if key != "ROLE"}


@dataclass(frozen=True)
class Delivery:
    """The runner of the workflows' jobs, and the pipeline that they deploy."""

    runner: Runner
    pipeline: RunningPipeline

    def region(self) -> str:
        """Run the step that looks up the region, and return its output."""
        output = self.runner.folder.with_name("output")
        given = {**variables(*DEPLOY), "GITHUB_OUTPUT": str(output)}
        ended = self.runner.run(lines(*DEPLOY)[0], given)
        assert ended.code == 0, ended.output
        return output.read_text(encoding="utf-8")

    def deploy(self) -> Ended:
        """Run the deployment's step "deploy"."""
        return self.runner.run(lines(*DEPLOY)[1], variables(*DEPLOY))

    def smoke(self) -> Ended:
        """Run the deployment's step "smoke"."""
        return self.runner.run(lines(*DEPLOY)[2], variables(*DEPLOY))

    def roll_back(self) -> Ended:
        """Run the deployment's step "Roll back"."""
        return self.runner.run(lines(*DEPLOY)[3], variables(*DEPLOY))

    def detect_drift(self) -> Ended:
        """Run the nightly job."""
        [_, line] = lines(*DRIFT)
        return self.runner.run(line, variables(*DRIFT))

    def definition(self) -> str:
        """Return the deployed definition."""
        described = self.pipeline.sagemaker.describe_pipeline(PipelineName=self.pipeline.name)
        return str(described["PipelineDefinition"])


@dataclass(frozen=True)
class Deployed:
    """A deployment, its smoke run, and the definition that was deployed."""

    deployment: Ended
    smoke: Ended
    definition: str


@dataclass(frozen=True)
class Drifted:
    """The nightly job before and after a manual change, and the deployment that reverts it."""

    before: Ended
    after: Ended
    revert: Ended
    definition: str


@pytest.fixture(scope="module")
def delivery(runner: Runner, emulator: Emulator) -> Delivery:
    ended = runner.run("make bootstrap")
    assert ended.code == 0, ended.output
    return Delivery(runner, RunningPipeline(emulator, STACK))


@pytest.fixture(scope="module")
def merged(delivery: Delivery) -> Deployed:
    """The deployment of the tested commit."""
    return Deployed(delivery.deploy(), delivery.smoke(), delivery.definition())


@pytest.fixture(scope="module")
def drifted(delivery: Delivery, merged: Deployed) -> Drifted:
    """A default that was changed by hand, and reverted."""
    before = delivery.detect_drift()
    changed = json.loads(merged.definition)
    changed["Parameters"][0]["DefaultValue"] = "by hand"
    delivery.pipeline.sagemaker.update_pipeline(
        PipelineName=STACK, PipelineDefinition=json.dumps(changed)
    )
    after = delivery.detect_drift()
    revert = delivery.runner.run("make deploy ARGS=--revert-drift", variables(*DEPLOY))
    return Drifted(before, after, revert, delivery.definition())


@pytest.fixture(scope="module")
def broken(delivery: Delivery, drifted: Drifted) -> Delivery:
    """The clone with a commit on top that breaks the job Preprocess."""
    delivery.runner.edit(JOB, FIRST_LINE, BROKEN)
    delivery.runner.commit("Break Preprocess")
    return delivery


@pytest.fixture(scope="module")
def pull_request(broken: Delivery) -> Ended:
    """The diff of the broken commit."""
    diff, _ = lines(*PULL_REQUEST)
    return broken.runner.run(diff)


@pytest.fixture(scope="module")
def compared(broken: Delivery, pull_request: Ended) -> Ended:
    """The comparison of the broken commit's model."""
    _, compare = lines(*PULL_REQUEST)
    return broken.runner.run(compare)


@pytest.fixture(scope="module")
def failed(broken: Delivery, compared: Ended) -> Deployed:
    """The deployment of the broken commit."""
    return Deployed(broken.deploy(), broken.smoke(), broken.definition())


def test_merged_commit_is_deployed_and_passes_its_smoke_run(
    delivery: Delivery, merged: Deployed
) -> None:
    assert merged.deployment.code == 0, merged.deployment.output
    assert merged.smoke.code == 0, merged.smoke.output
    assert "Succeeded: execution" in merged.smoke.output


def test_smoke_run_registers_a_version_that_cannot_be_approved_by_mistake(
    delivery: Delivery, merged: Deployed
) -> None:
    [version] = delivery.pipeline.sagemaker.list_model_packages(ModelPackageGroupName=STACK)[
        "ModelPackageSummaryList"
    ]
    assert version["ModelApprovalStatus"] == "Rejected"


def test_nightly_job_passes_without_drift(drifted: Drifted) -> None:
    assert drifted.before.code == 0, drifted.before.output
    assert "No drift detected" in drifted.before.output


def test_nightly_job_fails_after_a_manual_change_and_names_it(drifted: Drifted) -> None:
    assert drifted.after.code != 0
    assert "AWS::SageMaker::Pipeline" in drifted.after.output
    assert "/PipelineDefinition/PipelineDefinitionBody" in drifted.after.output
    assert "1 resource has drifted" in drifted.after.output


def test_manual_change_can_be_reverted(merged: Deployed, drifted: Drifted) -> None:
    assert drifted.revert.code == 0, drifted.revert.output
    assert drifted.definition == merged.definition


def test_pull_request_shows_what_it_would_change(broken: Delivery, pull_request: Ended) -> None:
    assert pull_request.code == 0, pull_request.output
    diff = (broken.runner.folder / "diff.md").read_text(encoding="utf-8")
    assert diff.startswith("## sentiment-dev, sentiment-prod\n")
    assert "* `Preprocess`" in diff


def test_pull_request_whose_pipeline_fails_is_shown_and_refused(
    broken: Delivery, compared: Ended
) -> None:
    assert compared.code != 0
    assert "error: this checkout has no evaluation: step Preprocess: " in compared.output
    model = (broken.runner.folder / "model.md").read_text(encoding="utf-8")
    assert model.startswith("**this checkout has no evaluation: step Preprocess: ")


def test_smoke_run_of_a_broken_commit_fails_with_the_step_and_the_reason(
    merged: Deployed, failed: Deployed
) -> None:
    assert failed.deployment.code == 0, failed.deployment.output
    assert failed.definition != merged.definition
    assert failed.smoke.code != 0
    assert "step Preprocess" in failed.smoke.output
    assert "this commit breaks it" in failed.smoke.output


def test_broken_commit_is_rolled_back(broken: Delivery, merged: Deployed, failed: Deployed) -> None:
    broken.runner.git("checkout", "--quiet", "origin/main")
    ended = broken.roll_back()
    assert ended.code == 0, ended.output
    assert broken.definition() == merged.definition


def test_region_of_the_environment_is_an_output_of_its_step(delivery: Delivery) -> None:
    assert f"region={REGION}" in delivery.region().splitlines()


def test_environment_is_destroyed_after_its_versions_were_deleted(
    broken: Delivery, failed: Deployed
) -> None:
    destroy = "make destroy ENVIRONMENT=dev ARGS=--force"
    refused = broken.runner.run(destroy)
    assert refused.code != 0
    [remedy] = re.findall(r"\.venv/bin/sentiment clean .*", refused.output)
    for line in (remedy, destroy):
        ended = broken.runner.run(line)
        assert ended.code == 0, ended.output
    client = broken.pipeline.emulator.client("cloudformation")
    assert STACK not in [stack["StackName"] for stack in client.describe_stacks()["Stacks"]]


def test_deployment_and_drift_check_have_no_other_lines() -> None:
    region = lines(*DEPLOY)[0]
    assert lines(*DEPLOY) == [region, "make deploy", "make smoke", "make deploy"]
    assert lines(*DRIFT) == [region, "make drift"]
