"""Deployments of an environment that keeps its data: after a failed one, and after `destroy`.

Each fixture continues where the one that it requests ended.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.cdk_context import write_cdk_json
from tests.support.emulated_runner import Ended, Runner
from tests.support.emulated_stacks import failures, resources
from tests.support.emulator_process import REGION, Emulator

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git isn't installed")

STACK = "sentiment-prod"
KEPT = {
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SageMaker::ModelPackageGroup",
}
SETTINGS = {"region": REGION, "keep_data": True, "customer_key": True}
DEPLOY = "make deploy ENVIRONMENT=prod"
DESTROY = "make destroy ENVIRONMENT=prod ARGS=--force"
MODEL = "models/1/model.tar.gz"


def physical(emulator: Emulator) -> dict[str, str]:
    """Return the physical IDs of the stack's data by type."""
    return {
        item["ResourceType"]: item["PhysicalResourceId"]
        for item in resources(emulator, STACK).values()
        if item["ResourceType"] in KEPT
    }


def succeeded(ended: Ended) -> Ended:
    assert ended.code == 0, ended.output
    return ended


@dataclass(frozen=True)
class Prod:
    """Prod, its data, and a version of a model in it."""

    runner: Runner
    data: dict[str, str]
    version: str

    @property
    def emulator(self) -> Emulator:
        return self.runner.emulator

    def deploy(self) -> Ended:
        """Deploy, and require success."""
        return succeeded(self.runner.run(DEPLOY))

    def destroy(self) -> Ended:
        """Destroy, and require success."""
        return succeeded(self.runner.run(DESTROY))


@pytest.fixture(scope="module")
def runner(runner: Runner) -> Runner:
    """The runner, with the environment `prod` in a bootstrapped account."""
    write_cdk_json(runner.folder, {"environments": {"prod": SETTINGS}})
    runner.commit("Encrypt with a key")
    succeeded(runner.run("make bootstrap"))
    return runner


@pytest.fixture(scope="module")
def failed(runner: Runner, emulator: Emulator) -> Ended:
    """A first deployment that fails, because its name is taken by another pipeline."""
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_pipeline(
        PipelineName=STACK,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": []}),
        RoleArn="arn:aws:iam::123456789012:role/another",
        ClientRequestToken="x" * 32,
    )
    ended = runner.run(DEPLOY)
    assert STACK in str(failures(emulator, STACK))
    sagemaker.delete_pipeline(PipelineName=STACK, ClientRequestToken="y" * 32)
    return ended


@pytest.fixture(scope="module")
def prod(runner: Runner, emulator: Emulator, failed: Ended) -> Prod:
    """The next deployment, and a model in it."""
    succeeded(runner.run(DEPLOY))
    data = physical(emulator)
    emulator.client("s3").put_object(Bucket=data["AWS::S3::Bucket"], Key=MODEL, Body=b"model")
    created = emulator.client("sagemaker").create_model_package(ModelPackageGroupName=STACK)
    return Prod(runner, data, created["ModelPackageArn"])


@pytest.fixture(scope="module")
def again(prod: Prod) -> Prod:
    """The deployment after `make destroy`."""
    prod.destroy()
    prod.deploy()
    return prod


@pytest.fixture(scope="module")
def blocked(again: Prod) -> tuple[int, Ended]:
    """A deployment by the CDK alone, which doesn't adopt anything, and then one by make."""
    again.destroy()
    cdk = 'PATH="$PWD/.venv/bin:$PATH" node_modules/.bin/cdk deploy --require-approval never'
    return again.runner.run(f"{cdk} {STACK}").code, again.deploy()


def versions(emulator: Emulator) -> list[Any]:
    found = emulator.client("sagemaker").list_model_packages(ModelPackageGroupName=STACK)
    return [item["ModelPackageArn"] for item in found["ModelPackageSummaryList"]]


def test_failed_first_deployment_leaves_nothing_behind(failed: Ended, prod: Prod) -> None:
    assert failed.code != 0
    buckets = [item["Name"] for item in prod.emulator.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if name.startswith(STACK)] == [prod.data["AWS::S3::Bucket"]]


def test_deployment_after_destroy_has_the_same_data_and_models(again: Prod) -> None:
    assert physical(again.emulator) == again.data
    found = again.emulator.client("s3").get_object(Bucket=again.data["AWS::S3::Bucket"], Key=MODEL)
    assert found["Body"].read() == b"model"
    assert versions(again.emulator) == [again.version]


def test_adopted_resources_belong_to_a_complete_stack(again: Prod) -> None:
    assert "No drift detected" in again.runner.run("make drift ENVIRONMENT=prod").output
    pipelines = again.emulator.client("sagemaker").list_pipelines()["PipelineSummaries"]
    assert {item["PipelineName"] for item in pipelines} == {STACK, f"{STACK}-score"}


def test_failed_deployment_after_destroy_blocks_nothing(
    again: Prod, blocked: tuple[int, Ended]
) -> None:
    code, _ = blocked
    assert code != 0
    assert physical(again.emulator) == again.data
    assert versions(again.emulator) == [again.version]


@pytest.fixture(scope="module")
def without_data(prod: Prod, blocked: tuple[int, Ended]) -> dict[str, str]:
    """The data after the user deleted what destroy had kept."""
    prod.destroy()
    client, bucket = prod.emulator.client("s3"), prod.data["AWS::S3::Bucket"]
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in page.get("Versions", ()):
            client.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    client.delete_bucket(Bucket=bucket)
    prod.emulator.client("kms").schedule_key_deletion(KeyId=prod.data["AWS::KMS::Key"])
    prod.deploy()
    return physical(prod.emulator)


def test_deleted_data_is_created_again(prod: Prod, without_data: dict[str, str]) -> None:
    is_same = {kind: without_data[kind] == prod.data[kind] for kind in KEPT}
    assert is_same == {kind: "SageMaker" in kind for kind in KEPT}
