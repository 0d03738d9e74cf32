"""Approvals deploy versions to an endpoint; if one fails, the version before stays in service.

The commands show the endpoint, ask it, delete it and deploy to it again.

Each fixture continues where the one that it requests ended.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulated_stacks import outputs
from tests.support.emulator_process import POLL, REGION, Cdk, Emulator
from tests.support.programs import eventually
from tests.support.served_models import asking, served_model
from tests.support.settings_cases import EMAIL

NAME = "sentiment-dev"
SETTINGS = {
    "region": REGION,
    "keep_data": False,
    "alert_email": EMAIL,
    "endpoint": {"instances": {"count": 2, "max_count": 4}},
}
REVIEW = "A warm and funny film that I can only recommend."
BROKEN = {"SAGEMAKER_SERVING_MODULE": "no_such_module:application"}
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
    """A deployed environment: the ARN of the state machine that deploys, the queue of alerts."""

    emulator: Emulator
    machine: str
    queue: str
    versions: list[str] = field(default_factory=list)

    @property
    def sagemaker(self) -> Any:
        """The SageMaker client."""
        return self.emulator.client("sagemaker")

    def approve(self, number: int, status: str = "Approved") -> dict[str, Any]:
        """Set a version's approval status, and return the deployment that it starts."""
        before = set(self.deployments())
        self.sagemaker.update_model_package(
            ModelPackageArn=self.versions[number - 1], ModelApprovalStatus=status
        )

        def look() -> list[str] | None:
            return [arn for arn in self.deployments() if arn not in before] or None

        [started] = eventually(look)
        return self._ended(started)

    def deployments(self) -> list[str]:
        """Return the ARNs of all deployments."""
        client = self.emulator.client("stepfunctions")
        found = client.list_executions(stateMachineArn=self.machine)
        return [item["executionArn"] for item in found["executions"]]

    def _ended(self, arn: str) -> dict[str, Any]:
        client = self.emulator.client("stepfunctions")

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = client.describe_execution(executionArn=arn)
            if found["status"] == "RUNNING":
                self.emulator.let_pass(30)
                return None
            return found

        return eventually(look)

    def register(self, archive: str | None = None, **variables: str) -> None:
        """Register a copy of the first version, with other variables of its container.

        archive: the URI of another archive.
        """
        specification = self.sagemaker.describe_model_package(ModelPackageName=self.versions[0])[
            "InferenceSpecification"
        ]
        container = specification["Containers"][0]
        container["Environment"].update(variables)
        container["ModelDataUrl"] = archive or container["ModelDataUrl"]
        created = self.sagemaker.create_model_package(
            ModelPackageGroupName=NAME,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=specification,
        )
        self.versions.append(created["ModelPackageArn"])

    def idle(self) -> None:
        """Wait until no deployment is running."""
        client = self.emulator.client("stepfunctions")

        def is_idle() -> bool:
            found = client.list_executions(stateMachineArn=self.machine, statusFilter="RUNNING")
            self.emulator.let_pass(30)
            return not found["executions"]

        eventually(is_idle, pause=0.3)

    def answer(self, text: str = REVIEW) -> dict[str, Any]:
        """Return what the endpoint answers to a review."""
        found = self.emulator.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=NAME, ContentType="text/plain", Body=text
        )
        answer: dict[str, Any] = json.loads(found["Body"].read())
        return answer

    def hosted(self) -> dict[str, list[str]]:
        """Return the names of endpoints, configurations, and models of deployments."""
        client = self.sagemaker
        endpoints = client.list_endpoints()["Endpoints"]
        configs = client.list_endpoint_configs()["EndpointConfigs"]
        models = client.list_models(NameContains=f"{NAME}-v")["Models"]
        return {
            "endpoints": [item["EndpointName"] for item in endpoints],
            "configurations": [item["EndpointConfigName"] for item in configs],
            "models": [item["ModelName"] for item in models],
        }

    def alerts(self) -> list[str]:
        """Return the alerts since the last call."""
        client = self.emulator.client("sqs")
        found = client.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", ()):
            client.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(item["Body"])["Message"] for item in found.get("Messages", ())]


def outcome(end: dict[str, Any]) -> str:
    assert end["status"] == "SUCCEEDED", (end.get("error"), end.get("cause"))
    return str(json.loads(end["output"])["outcome"])


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator, archive: Path) -> Deployed:
    """The stack, and a version that waits for approval."""
    cdk.configure({"dev": SETTINGS})
    cdk("deploy", "--require-approval", "never", NAME)
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    [topic] = sns.list_topics()["Topics"]
    sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts",
    )
    rounds = ("--parameter", "NumRound=20")
    emulator.sentiment_json("start", "--wait", *POLL, "--dataset", str(archive), *rounds)
    found = emulator.client("sagemaker").list_model_packages(ModelPackageGroupName=NAME)
    [version] = found["ModelPackageSummaryList"]
    machine = outputs(emulator, NAME)["EndpointStateMachineArn"]
    return Deployed(emulator, machine, queue, [version["ModelPackageArn"]])


@pytest.fixture(scope="module")
def first(deployed: Deployed) -> str:
    """The approval of the first version."""
    return outcome(deployed.approve(1))


@dataclass(frozen=True)
class Update:
    """The approval of the second version, and the versions that answered meanwhile."""

    outcome: str
    answers: list[str]
    hosted: dict[str, list[str]]


@pytest.fixture(scope="module")
def second(deployed: Deployed, first: str) -> Update:
    deployed.alerts()
    deployed.register()
    with asking(lambda: deployed.answer()["model_version"]) as answers:
        ended = outcome(deployed.approve(2))
    return Update(ended, answers, deployed.hosted())


@pytest.fixture(scope="module")
def third(deployed: Deployed, second: Update) -> dict[str, Any]:
    """The approval of a version that can't be started."""
    deployed.register(**BROKEN)
    return deployed.approve(3)


@pytest.fixture(scope="module")
def fourth(
    deployed: Deployed, third: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The approval of a version that answers wrong."""
    deployed.alerts()  # of the version before
    model = served_model(tmp_path_factory.mktemp("wrong"), WRONG)
    bucket = outputs(deployed.emulator, NAME)["BucketName"]
    deployed.emulator.client("s3").upload_file(str(model.archive), bucket, "models/wrong.tar.gz")
    deployed.register(f"s3://{bucket}/models/wrong.tar.gz", **model.environment)
    return deployed.approve(4)


@pytest.fixture(scope="module")
def rejected(deployed: Deployed, fourth: dict[str, Any]) -> list[str]:
    """The rejections of the versions that failed, and of the second one, which is served."""
    return [outcome(deployed.approve(number, "Rejected")) for number in (4, 3, 2)]


@pytest.fixture(scope="module")
def undeployed(deployed: Deployed, rejected: list[str]) -> dict[str, Any]:
    """What `sentiment undeploy` deletes."""
    found: dict[str, Any] = deployed.emulator.sentiment_json("undeploy", "--yes")
    eventually(lambda: not deployed.hosted()["endpoints"])
    return found


def test_approval_creates_an_endpoint_that_answers(deployed: Deployed, first: str) -> None:
    assert first == "Deployed"
    answer = deployed.answer()
    [prediction] = answer["predictions"]
    assert answer["model_version"] == "1"
    assert prediction["label"] in ("pos", "neg")


def test_update_under_load_loses_no_request(second: Update) -> None:
    assert second.outcome == "Deployed"
    assert len(second.answers) > 10
    assert set(second.answers) <= {"1", "2"}
    assert second.answers[0] == "1"
    assert second.answers[-1] == "2"


def test_only_what_is_served_is_left(second: Update) -> None:
    [configuration] = second.hosted["configurations"]
    assert second.hosted["endpoints"] == [NAME]
    assert second.hosted["models"] == [configuration]
    assert configuration.startswith(f"{NAME}-v2-")


def test_version_that_cannot_be_started_is_reported_and_the_old_one_answers(
    deployed: Deployed, third: dict[str, Any]
) -> None:
    assert third["status"] == "FAILED"
    assert "no_such_module" in third["cause"]
    assert deployed.answer()["model_version"] == "2"
    [alert] = [text for text in deployed.alerts() if "A deployment of" in text]
    assert "no_such_module" in alert
    assert [name for name in deployed.hosted()["models"] if "-v3-" in name] == []


def test_version_that_answers_wrong_is_reported_and_the_old_one_answers(
    deployed: Deployed, fourth: dict[str, Any]
) -> None:
    assert fourth["error"] == "SmokeRequestFailed"
    assert deployed.answer()["model_version"] == "2"
    [alert] = [text for text in deployed.alerts() if "A deployment of" in text]
    assert "another" in alert
    assert [name for name in deployed.hosted()["models"] if "-v4-" in name] == []


def test_rejection_of_the_served_version_brings_the_one_before_back(
    deployed: Deployed, rejected: list[str]
) -> None:
    assert rejected == ["ApprovedVersionIsServed", "ApprovedVersionIsServed", "Deployed"]
    assert deployed.answer()["model_version"] == "1"


def test_command_shows_the_endpoint_and_its_deployments(
    deployed: Deployed, rejected: list[str]
) -> None:
    found = deployed.emulator.sentiment_json("endpoint", "--limit", "6")
    endpoint = found["endpoint"]
    assert (endpoint["status"], endpoint["version_number"]) == ("InService", "1")
    assert endpoint["capacity"] == {"type": "ml.m5.large", "count": 2}
    assert [(it["version_number"], it["status"], it["outcome"]) for it in found["deployments"]] == [
        ("1", "SUCCEEDED", "Deployed"),
        ("2", "SUCCEEDED", "ApprovedVersionIsServed"),
        ("2", "SUCCEEDED", "ApprovedVersionIsServed"),
        ("4", "FAILED", None),
        ("3", "FAILED", None),
        ("2", "SUCCEEDED", "Deployed"),
    ]
    assert "no_such_module" in found["deployments"][4]["reason"]


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("a.csv", f"id,text\n7,{REVIEW}\n", ["id,label,probability", "7,"]),
        ("a.jsonl", json.dumps({"id": 7, "text": REVIEW}), ['{"id": 7']),
        ("a.txt", REVIEW, ['{"predictions"']),
    ],
)
def test_command_sends_files_of_each_type(
    deployed: Deployed,
    rejected: list[str],
    tmp_path: Path,
    name: str,
    content: str,
    lines: list[str],
) -> None:
    path = tmp_path / name
    path.write_text(content)
    ended = deployed.emulator.sentiment("invoke", str(path))
    assert ended.returncode == 0, ended.stderr
    for line, start in zip(ended.stdout.splitlines(), lines, strict=True):
        assert line.startswith(start)


def test_command_sends_a_review_and_explains_it(deployed: Deployed, rejected: list[str]) -> None:
    found = deployed.emulator.sentiment_json("invoke", REVIEW, "--explain")
    [prediction] = deployed.answer()["predictions"]
    assert found["model_version"] == "1"
    assert found["probability"] == prediction["probability"]
    assert "words" in found


def test_command_reports_why_the_endpoint_refuses_a_request(
    deployed: Deployed, rejected: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text("{")
    ended = deployed.emulator.sentiment("invoke", str(path))
    assert ended.returncode == 1
    assert "400: " in ended.stderr


def test_undeploy_deletes_what_deployments_created(
    deployed: Deployed, undeployed: dict[str, Any]
) -> None:
    assert undeployed["endpoints"] == [NAME]
    assert not any(deployed.hosted().values())
    scaling = deployed.emulator.client("application-autoscaling")
    assert not scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert deployed.emulator.sentiment_json("endpoint")["endpoint"] is None
    assert deployed.emulator.sentiment("invoke", REVIEW).returncode == 1


def test_deploy_creates_the_endpoint_again(deployed: Deployed, undeployed: dict[str, Any]) -> None:
    before = len(deployed.deployments())
    with ThreadPoolExecutor() as threads:
        command = threads.submit(deployed.emulator.sentiment_json, "deploy", "1", "--wait", *POLL)
        eventually(lambda: len(deployed.deployments()) > before)
        deployed.idle()
        assert command.result()["outcome"] == "Deployed"
    assert deployed.answer()["model_version"] == "1"
