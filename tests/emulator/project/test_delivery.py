"""What the workflows run, run: the same lines, against the emulated AWS, in a clone of the project.

The tests of this module are the chapters of one story, and each takes up where the last one ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.emulated_pipelines import RunningPipeline
from tests.support.emulated_runner import Ended, Runner
from tests.support.emulator_programs import Emulator
from tests.support.workflow_files import steps, workflow

DEPLOY = ("deploy-environment.yml", "deploy")
DRIFT = ("drift.yml", "drift")
PULL_REQUEST = ("pull-request.yml", "diff")
BROKEN = 'raise SystemExit("this commit breaks it")'


def lines(name: str, job: str) -> list[str]:
    """What a job's steps run in a shell, in their order."""
    return [step["run"] for step in steps(name, job) if "run" in step]


def variables(name: str, job: str) -> dict[str, str]:
    """A job's variables, for the environment dev; without the role, which nobody asks for here."""
    given = {"${{ inputs.environment }}": "dev", "${{ matrix.environment }}": "dev"}
    written: dict[str, str] = workflow(name)["jobs"][job]["env"]
    return {key: given.get(value, value) for key, value in written.items() if key != "ROLE"}


@dataclass
class Delivery:
    """The machine of the jobs, and what they deliver."""

    runner: Runner
    pipeline: RunningPipeline
    good: str = ""

    def step(self, number: int) -> Ended:
        """Runs the deployment's step of this number: deploy, smoke, roll back."""
        return self.runner.run(lines(*DEPLOY)[number], variables(*DEPLOY))

    def drift(self) -> Ended:
        """Looks for drift as the nightly job does."""
        [line] = lines(*DRIFT)
        return self.runner.run(line, variables(*DRIFT))

    def definition(self) -> str:
        """The pipeline's definition, as it is there now."""
        described = self.pipeline.sagemaker.describe_pipeline(PipelineName=self.pipeline.name)
        return str(described["PipelineDefinition"])


@pytest.fixture(scope="module")
def delivery(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivery]:
    folder = tmp_path_factory.mktemp("delivery")
    room = CleanRoom.below(folder / "room", reachable=("127.0.0.1",))
    runner = Runner.below(folder, room, emulator)
    ended = runner.run("make bootstrap")
    assert ended.code == 0, ended.printed
    yield Delivery(runner, RunningPipeline(emulator, "sentiment-dev"))
    assert room.network_attempts() == []


def test_a_merged_commit_is_deployed_and_passes_its_smoke_run(delivery: Delivery) -> None:
    deployed, smoke = delivery.step(0), delivery.step(1)
    assert deployed.code == 0, deployed.printed
    assert smoke.code == 0, smoke.printed
    assert "Succeeded: execution" in smoke.printed
    [version] = delivery.pipeline.sagemaker.list_model_packages(
        ModelPackageGroupName="sentiment-dev"
    )["ModelPackageSummaryList"]
    assert version["ModelApprovalStatus"] == "Rejected"  # nobody is asked to approve it
    delivery.good = delivery.definition()


def test_at_night_nothing_has_drifted(delivery: Delivery) -> None:
    ended = delivery.drift()
    assert ended.code == 0, ended.printed
    assert "No drift detected" in ended.printed


def test_a_change_by_hand_turns_the_night_red_and_can_be_put_right(delivery: Delivery) -> None:
    changed = json.loads(delivery.good)
    changed["Parameters"][0]["DefaultValue"] = "by hand"
    delivery.pipeline.sagemaker.update_pipeline(
        PipelineName="sentiment-dev", PipelineDefinition=json.dumps(changed)
    )
    ended = delivery.drift()
    assert ended.code != 0
    assert "AWS::SageMaker::Pipeline" in ended.printed
    assert "/PipelineDefinition/PipelineDefinitionBody" in ended.printed
    assert "1 resource has drifted" in ended.printed
    right = delivery.runner.run("make deploy ARGS=--revert-drift", variables(*DEPLOY))
    assert right.code == 0, right.printed
    assert delivery.definition() == delivery.good


def test_a_pull_request_tells_what_it_would_change(delivery: Delivery) -> None:
    delivery.runner.edit(
        "processing/jobs/preprocess.py",
        "reader = DatasetReader(options.raw, read_options(options))",
        BROKEN,
    )
    delivery.runner.commit("Break Preprocess")
    [line] = lines(*PULL_REQUEST)
    ended = delivery.runner.run(line)
    assert ended.code == 0, ended.printed
    told = (delivery.runner.folder / "diff.md").read_text(encoding="utf-8")
    assert told.startswith("## sentiment-dev, sentiment-prod\n")
    assert "* `Preprocess`" in told


def test_a_commit_that_fails_its_smoke_run_is_rolled_back(delivery: Delivery) -> None:
    deployed = delivery.step(0)
    assert deployed.code == 0, deployed.printed
    assert delivery.definition() != delivery.good
    smoke = delivery.step(1)
    assert smoke.code != 0
    assert "step Preprocess: " in smoke.printed
    assert "this commit breaks it" in smoke.printed
    delivery.runner.git("checkout", "--quiet", "origin/main")
    back = delivery.step(2)
    assert back.code == 0, back.printed
    assert delivery.definition() == delivery.good


def test_every_line_of_the_deployment_was_run() -> None:
    assert lines(*DEPLOY) == ["make deploy", "make smoke", "make deploy"]
