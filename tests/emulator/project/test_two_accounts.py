"""Dev in one account and prod in another: deployment, and promotion between them.

The shell lines of users and of the delivery's jobs, with a profile for each account. Each fixture
continues where the one that it requests ended.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from processing.names import THRESHOLD_FILE
from tests.support.clean_room import ROOT, CleanRoom
from tests.support.emulated_runner import Ended, Runner
from tests.support.emulator_process import POLL, REGION, Emulator
from tests.support.workflow_files import steps, workflow

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git isn't installed")

ACCOUNTS = {"dev": "123456789012", "prod": "210987654321"}
COMMON = {"region": REGION, "keep_data": False, "customer_key": True}
CONTEXT = {"environments": {name: {**COMMON, "account": it} for name, it in ACCOUNTS.items()}}
TRUST = (
    f"--trust {ACCOUNTS['dev']} "
    "--cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess"
)
GITHUB = ("promote.yml", "promote")
GITLAB = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
WITHOUT_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}


@dataclass(frozen=True)
class Machine:
    """A checkout, and a profile for the account of each environment."""

    runner: Runner

    def run(self, profile: str, line: str, **variables: str) -> Ended:
        """Run a line with the credentials of an environment's account."""
        file = {"AWS_CONFIG_FILE": str(self.profiles), "AWS_PROFILE": profile}
        return self.runner.run(line, {**WITHOUT_KEYS, **file, **variables})

    def succeed(self, profile: str, line: str, **variables: str) -> str:
        """Run a line, require that it succeeds, and return its output."""
        ended = self.run(profile, line, **variables)
        assert ended.code == 0, ended.output
        return ended.output

    def sentiment(self, environment: str, *words: str) -> Any:
        """Run the command with --json in an environment and return the object."""
        line = ".venv/bin/sentiment " + " ".join((*words, "-e", environment, "--json"))
        return json.loads(self.succeed(environment, f"{line} 2> /dev/null"))

    @property
    def profiles(self) -> Path:
        """The AWS configuration."""
        return self.runner.folder.with_name("aws-config")

    def s3(self, environment: str) -> Any:
        """Return a client with the credentials of an environment's account."""
        return self.runner.emulator.client("s3", ACCOUNTS[environment])

    def bucket(self, environment: str) -> str:
        """Return the name of an environment's bucket."""
        start, buckets = f"sentiment-{environment}-storage", self.s3(environment).list_buckets()
        [name] = [it["Name"] for it in buckets["Buckets"] if it["Name"].startswith(start)]
        return str(name)

    def objects(self, environment: str, prefix: str) -> Mapping[str, bytes]:
        """Return the objects of an environment by what follows the prefix."""
        s3, bucket = self.s3(environment), self.bucket(environment)
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
        found = {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"]) for item in listed}
        return {key.removeprefix(prefix): item["Body"].read() for key, item in found.items()}


@pytest.fixture(scope="module")
def bootstrapped(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Both accounts are prepared; prod's trusts dev's with its deployments."""
    folder = tmp_path_factory.mktemp("accounts")
    room = CleanRoom.below(folder / "room", reachable=("127.0.0.1",))
    machine = Machine(Runner.create(folder, room, emulator, CONTEXT))
    config = ConfigParser()
    for name, account in ACCOUNTS.items():
        keys = {"aws_access_key_id": account, "aws_secret_access_key": "emulator"}
        config[f"profile {name}"] = {"region": REGION, **keys}
    with machine.profiles.open("w", encoding="utf-8") as stream:
        config.write(stream)
    machine.succeed("dev", "make bootstrap ENVIRONMENT=dev")
    machine.succeed("prod", "make bootstrap ENVIRONMENT=prod", ARGS=TRUST)
    yield machine
    assert room.network_attempts() == []


@pytest.fixture(scope="module")
def deployed(bootstrapped: Machine) -> Machine:
    """Each environment is deployed with the profile of its account."""
    for name in ACCOUNTS:
        bootstrapped.succeed(name, f"make deploy ENVIRONMENT={name}")
    return bootstrapped


@pytest.fixture(scope="module")
def trained(deployed: Machine, archive: Path) -> dict[str, Any]:
    """An execution in dev whose version is approved."""
    options = ("--dataset", str(archive), "--parameter", "NumRound=20", "--wait", *POLL)
    found: dict[str, Any] = deployed.sentiment("dev", "start", *options)
    deployed.sentiment("dev", "approve", "1")
    return found


@pytest.fixture(scope="module")
def refused(deployed: Machine, trained: dict[str, Any]) -> Ended:
    """A promotion before dev names prod's account in its settings."""
    return deployed.run("prod", "make promote")


@pytest.fixture(scope="module")
def promoted(deployed: Machine, refused: Ended) -> Ended:
    """The job of GitHub, after dev was deployed with prod's account as reader."""
    cdk_json = deployed.runner.folder / "cdk.json"
    content = json.loads(cdk_json.read_text(encoding="utf-8"))
    content["context"]["environments"]["dev"]["model_readers"] = [ACCOUNTS["prod"]]
    cdk_json.write_text(json.dumps(content), encoding="utf-8")
    deployed.runner.commit("Let prod read the models of dev")
    deployed.succeed("dev", "make deploy ENVIRONMENT=dev")
    [_, line] = [step["run"] for step in steps(*GITHUB) if "run" in step]
    variables = {**workflow(GITHUB[0])["jobs"][GITHUB[1]]["env"], "VERSION": ""}
    return deployed.run("prod", line, **variables)


def test_each_environment_is_in_its_account(deployed: Machine) -> None:
    for name, account in ACCOUNTS.items():
        sagemaker = deployed.runner.emulator.client("sagemaker", account)
        arns = {item["PipelineArn"] for item in sagemaker.list_pipelines()["PipelineSummaries"]}
        start = f"arn:aws:sagemaker:{REGION}:{account}:pipeline/sentiment-{name}"
        assert arns == {start, f"{start}-score"}


def test_credentials_of_a_trusted_account_deploy_the_other(deployed: Machine) -> None:
    assert "sentiment-prod (no changes)" in deployed.succeed("dev", "make deploy ENVIRONMENT=prod")


def test_credentials_of_an_account_that_is_not_trusted_are_refused(deployed: Machine) -> None:
    ended = deployed.run("prod", "make deploy ENVIRONMENT=dev")
    assert ended.code != 0
    assert "Could not assume role in target account" in ended.output


def test_promotion_is_refused_without_the_setting_and_names_it(refused: Ended) -> None:
    assert refused.code != 0
    assert "model_readers of dev" in refused.output


def test_job_promotes_the_version_with_its_evaluation(
    deployed: Machine, trained: dict[str, Any], promoted: Ended
) -> None:
    assert promoted.code == 0, promoted.output
    [version] = deployed.sentiment("prod", "versions")["versions"]
    assert version["approval"] == "PendingManualApproval"
    assert version["accuracy"] == trained["accuracy"]
    assert version["execution_id"] == trained["execution_id"]


def test_version_has_the_same_card_and_origin_in_prod(
    deployed: Machine, trained: dict[str, Any], promoted: Ended
) -> None:
    dev, prod = (deployed.sentiment(name, "card", "1") for name in ACCOUNTS)
    for key in ("card", "card_status", "commit", "generated_by"):
        assert prod[key] == dev[key]
    assert dev["card_status"] == "PendingReview"
    assert dev["generated_by"].endswith(trained["execution_id"])
    sagemaker = deployed.runner.emulator.client("sagemaker", ACCOUNTS["prod"])
    baselines = sagemaker.describe_model_package(ModelPackageName=prod["arn"])[
        "DriftCheckBaselines"
    ]
    for kind in ("ModelQuality", "ModelDataQuality"):
        uri = baselines[kind]["Statistics"]["S3Uri"]
        assert uri.startswith(f"s3://{deployed.bucket('prod')}/")


def test_model_vocabulary_and_evaluation_are_copied(deployed: Machine, promoted: Ended) -> None:
    copies = deployed.objects("prod", "models/sentiment-dev/1/")
    of_dev = deployed.objects("dev", "models/")
    # Only Evaluate reads it; the version's archive holds a copy.
    of_version = {key: it for key, it in of_dev.items() if not key.endswith(THRESHOLD_FILE)}
    assert copies == of_version
    names = {key.rpartition("/")[2] for key in copies}
    assert {"model.tar.gz", "vocabulary.json", "evaluation.json", "report.html"} <= names


def test_prod_may_read_the_models_of_dev_and_nothing_else(
    deployed: Machine, promoted: Ended
) -> None:
    keys, bucket = deployed.objects("dev", "").keys(), deployed.bucket("dev")
    models = {key for key in keys if key.startswith("models/")}
    for key in models:
        deployed.s3("prod").head_object(Bucket=bucket, Key=key)
    assert keys - models
    for key in keys - models:
        with pytest.raises(ClientError, match="403"):
            deployed.s3("prod").head_object(Bucket=bucket, Key=key)


def test_job_of_gitlab_finds_the_promoted_version(deployed: Machine, promoted: Ended) -> None:
    job = GITLAB["promote to prod"]
    given = {**job["variables"], "AWS_ACCOUNT": ACCOUNTS["prod"], "AWS_ID_TOKEN": "ey.a.b"}
    given["AWS_CONFIG_FILE"] = str(deployed.runner.folder / "build" / "aws" / "config")
    for line in (*GITLAB[".aws"]["before_script"], *job["script"]):
        ended = deployed.runner.run(line, {**WITHOUT_KEYS, **given})
        assert ended.code == 0, ended.output
    assert len(deployed.sentiment("prod", "versions")["versions"]) == 1


def test_prod_scores_with_the_promoted_version_and_nothing_of_dev(
    deployed: Machine, promoted: Ended, tmp_path: Path
) -> None:
    for key in deployed.objects("dev", "models/"):
        deployed.s3("dev").delete_object(Bucket=deployed.bucket("dev"), Key=f"models/{key}")
    deployed.sentiment("prod", "approve")
    reviews, table = tmp_path / "new.csv", tmp_path / "scores.csv"
    reviews.write_text("text\n" + "a truly good movie\na truly bad movie\n" * 50)
    options = ("--dataset", str(reviews), "--parameter", "DriftThreshold=1000", "--wait", *POLL)
    deployed.sentiment("prod", "start", "--scoring", *options)
    deployed.sentiment("prod", "scores", "--output", str(table))
    assert len(table.read_text(encoding="utf-8").splitlines()) == 101
