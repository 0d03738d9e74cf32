"""The endpoint in the emulated AWS: approvals deploy, bad versions don't, no request is lost.

Each fixture continues where the one that it requests ended.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulated_stacks import resources
from tests.support.emulator_process import POLL, REGION, Cdk, Emulator
from tests.support.programs import eventually
from tests.support.served_models import served_model

NAME = "sentiment-dev"
SETTINGS = {
    "region": REGION,
    "keep_data": False,
    "alert_email": "someone@example.com",
    "endpoint": {"instances": {"max_count": 2}},
}
TEXT = "a truly good movie"
CLIENTS = 3
WRONG = """
import flask

app = flask.Flask(__name__)

@app.get("/ping")
def ping():
    return ""

@app.post("/invocations")
def invocations():
    return {"predictions": [{"label": "pos", "probability": 1.0}], "model_version": "another"}
"""
"""Answers as another version."""


@dataclass(frozen=True)
class Deployed:
    """The stack of dev; the queue receives its alerts."""

    emulator: Emulator
    queue: str

    def endpoint(self) -> dict[str, Any]:
        """Return what `sentiment endpoint` shows, when no deployment is running."""
        states = self.emulator.client("stepfunctions")
        [machine] = [
            item["stateMachineArn"]
            for item in states.list_state_machines()["stateMachines"]
            if item["name"] == f"{NAME}-deploy"
        ]

        def is_idle() -> bool:
            found = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
            self.emulator.let_pass(60)
            return not found["executions"]

        eventually(is_idle, pause=0.3)
        found: dict[str, Any] = self.emulator.sentiment_json("endpoint")
        return found

    def serves(self) -> str | None:
        """Return the number of the version that answers requests after all deployments."""
        served = self.endpoint()["endpoint"]["version_number"]
        answered = self.emulator.sentiment_json("invoke", TEXT)["model_version"]
        assert answered == served
        return str(answered)

    def register(self, **container: Any) -> str:
        """Register a version like the first one, but for the container, and return its number."""
        sagemaker = self.emulator.client("sagemaker")
        arn = f"arn:aws:sagemaker:{REGION}:123456789012:model-package/{NAME}/1"
        given = sagemaker.describe_model_package(ModelPackageName=arn)["InferenceSpecification"]
        spec = {**given, "Containers": [{**given["Containers"][0], **container}]}
        made = sagemaker.create_model_package(
            ModelPackageGroupName=NAME,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=spec,
        )
        return str(made["ModelPackageArn"]).rpartition("/")[2]

    def register_application(self, folder: Path, source: str) -> str:
        """Register a version with an application of its own."""
        model = served_model(folder, source)
        bucket = self.emulator.client("ssm").get_parameter(Name=f"/{NAME}/BucketName")
        name, key = bucket["Parameter"]["Value"], f"models/{folder.name}/model.tar.gz"
        self.emulator.client("s3").upload_file(str(model.archive), name, key)
        return self.register(ModelDataUrl=f"s3://{name}/{key}", Environment=dict(model.environment))

    def decide(self, decision: str, *versions: str) -> None:
        """Approve or reject versions."""
        for version in versions:
            ended = self.emulator.sentiment(decision, version)
            assert ended.returncode == 0, ended.stderr

    def alert(self) -> str:
        """Return the next alert."""
        client = self.emulator.client("sqs")

        def look() -> str | None:
            for message in client.receive_message(QueueUrl=self.queue).get("Messages", ()):
                client.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                text = str(json.loads(message["Body"])["Message"])
                if "deployment" in text:
                    return text
            return None

        return eventually(look, 30)

    def names(self) -> dict[str, list[str]]:
        """Return the names of endpoints, and of what deployments created."""
        sagemaker = self.emulator.client("sagemaker")
        return {
            kind: [
                item[f"{kind}Name"]
                for item in getattr(sagemaker, operation)(NameContains=NAME)[f"{kind}s"]
            ]
            for kind, operation in (
                ("Endpoint", "list_endpoints"),
                ("EndpointConfig", "list_endpoint_configs"),
                ("Model", "list_models"),
            )
        }


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator) -> Deployed:
    cdk.configure({"dev": SETTINGS})
    cdk("deploy", "--require-approval", "never", NAME)
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    [topic] = [item["TopicArn"] for item in sns.list_topics()["Topics"]]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts"
    )
    return Deployed(emulator, queue)


@pytest.fixture(scope="module")
def approved(deployed: Deployed, archive: Path) -> Deployed:
    """After the approval of version 1, which an execution registered."""
    options = ("--dataset", str(archive), "--parameter", "NumRound=20", "--wait", *POLL)
    started = deployed.emulator.sentiment("start", *options)
    assert started.returncode == 0, started.stdout + started.stderr
    deployed.decide("approve", "1")
    return deployed


@pytest.fixture(scope="module")
def answers(approved: Deployed) -> list[str]:
    """The versions that answer while version 2 is approved and deployed."""
    approved.endpoint()
    version = approved.register()
    client = approved.emulator.client("sagemaker-runtime")
    found: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer = client.invoke_endpoint(
                EndpointName=NAME, ContentType="text/plain", Body=TEXT.encode()
            )
            found.append(json.loads(answer["Body"].read())["model_version"])

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask) for _ in range(CLIENTS)]
        try:
            approved.decide("approve", version)
            newest = approved.endpoint()["deployments"][0]
            assert newest["outcome"] == "Deployed", newest["reason"]
            eventually(lambda: found[-1] == version, 30)
        finally:
            done.set()
        for each in asking:
            each.result()
    return found


@pytest.fixture(scope="module")
def updated(approved: Deployed, answers: list[str]) -> Deployed:
    """After the deployment of version 2."""
    return approved


@pytest.fixture(scope="module")
def refused(
    updated: Deployed, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, dict[str, Any]]:
    """The failed deployments of versions that can't be loaded, or answer wrong, by version."""
    found = {}
    for name, source in (("unloadable", "import nowhere"), ("wrong", WRONG)):
        version = updated.register_application(tmp_path_factory.mktemp(name), source)
        updated.decide("approve", version)
        found[version] = updated.endpoint()
        updated.decide("reject", version)
    return found


@pytest.fixture(scope="module")
def rejected(updated: Deployed, refused: Mapping[str, Any]) -> Deployed:
    """After the rejection of version 2."""
    updated.decide("reject", "2")
    return updated


@pytest.fixture(scope="module")
def undeployed(rejected: Deployed) -> Deployed:
    rejected.endpoint()
    ended = rejected.emulator.sentiment("undeploy", "--yes")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return rejected


def test_resources_of_the_deployment_are_created(deployed: Deployed) -> None:
    found = resources(deployed.emulator, NAME)
    kinds = {item["ResourceType"] for item in found.values()}
    assert {"AWS::StepFunctions::StateMachine", "AWS::Events::Rule"} <= kinds
    assert {item["ResourceStatus"] for item in found.values()} == {"CREATE_COMPLETE"}


def test_command_says_that_nothing_is_deployed_yet(deployed: Deployed) -> None:
    assert deployed.emulator.sentiment_json("endpoint") == {"deployments": [], "endpoint": None}
    assert deployed.emulator.sentiment("invoke", TEXT).returncode == 1


def test_approval_deploys_the_version(approved: Deployed) -> None:
    found = approved.endpoint()
    [deployment] = found["deployments"]
    assert deployment["outcome"] == "Deployed", deployment["reason"]
    endpoint = found["endpoint"]
    assert (endpoint["status"], endpoint["version_number"]) == ("InService", "1")
    names = approved.names()
    assert names["Endpoint"] == [NAME]
    assert names["EndpointConfig"] == names["Model"] == [endpoint["configuration"]]
    scaling = approved.emulator.client("application-autoscaling")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("a.csv", f"id,text\n7,{TEXT}\n", ["id,label,probability", "7,"]),
        ("a.jsonl", json.dumps({"id": 7, "text": TEXT}), ['{"id": 7']),
        ("a.txt", TEXT, ['{"predictions"']),
    ],
)
def test_endpoint_answers_each_content_type(
    approved: Deployed, tmp_path: Path, name: str, content: str, lines: list[str]
) -> None:
    approved.endpoint()
    path = tmp_path / name
    path.write_text(content)
    ended = approved.emulator.sentiment("invoke", str(path))
    assert ended.returncode == 0, ended.stderr
    for line, start in zip(ended.stdout.splitlines(), lines, strict=True):
        assert line.startswith(start)


def test_endpoint_refuses_bad_requests_with_the_reason(approved: Deployed, tmp_path: Path) -> None:
    approved.endpoint()
    path = tmp_path / "a.json"
    path.write_text("{")
    ended = approved.emulator.sentiment("invoke", str(path))
    assert ended.returncode == 1
    assert "400" in ended.stderr


def test_update_loses_no_request(updated: Deployed, answers: list[str]) -> None:
    assert set(answers) == {"1", "2"}
    first = answers.index("2")
    assert "1" not in answers[first + CLIENTS :]
    assert updated.serves() == "2"
    assert len(updated.names()["Model"]) == 1


@pytest.mark.parametrize(
    ("version", "reason"), [("3", "No module named 'nowhere'"), ("4", "another")]
)
def test_bad_version_is_not_deployed_and_the_reason_is_reported(
    updated: Deployed, refused: Mapping[str, dict[str, Any]], version: str, reason: str
) -> None:
    found = refused[version]
    newest = found["deployments"][0]
    assert (newest["version_number"], newest["status"]) == (version, "FAILED")
    assert reason in newest["reason"]
    assert found["endpoint"]["version_number"] == "2"
    assert reason in updated.alert()


def test_endpoint_keeps_its_version_after_bad_ones(
    updated: Deployed, refused: Mapping[str, Any]
) -> None:
    names = updated.names()
    assert names["Endpoint"] == [NAME]
    assert len(names["EndpointConfig"]) == len(names["Model"]) == 1


def test_rejection_brings_the_approved_version_back(rejected: Deployed) -> None:
    assert rejected.serves() == "1"


def test_undeploy_deletes_everything_of_the_endpoint(undeployed: Deployed) -> None:
    assert eventually(lambda: not any(undeployed.names().values()))
    scaling = undeployed.emulator.client("application-autoscaling")
    assert not scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_deploy_creates_the_endpoint_again(undeployed: Deployed) -> None:
    eventually(lambda: not undeployed.names()["Endpoint"])
    with ThreadPoolExecutor() as threads:
        command = threads.submit(undeployed.emulator.sentiment_json, "deploy", "1", "--wait", *POLL)
        eventually(lambda: bool(undeployed.emulator.sentiment_json("endpoint")["deployments"]))
        assert undeployed.serves() == "1"
        assert command.result()["outcome"] == "Deployed"
