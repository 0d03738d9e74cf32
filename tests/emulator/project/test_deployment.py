"""The whole life of a deployment, by the CDK's command line against the emulated AWS.

The tests of this module are the chapters of one story, and each takes up where the last one ended.
"""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.emulated_pipelines import RunningPipeline, cached
from tests.support.emulated_stacks import names_left, outputs, resources
from tests.support.emulator_programs import (
    REGION,
    Cdk,
    Emulator,
    eventually,
)
from tests.support.local_runs import invented_reviews
from tests.support.settings_cases import BOUNDARY, SETTINGS

DATASET = "raw/reviews.tar.gz"
EVERYTHING = {
    **SETTINGS["everything"],
    "region": REGION,
    "keep_data": False,
    "dataset_uri": DATASET,
    "spot": False,  # a spot job is never taken from the cache
    "processing_engine": "single",  # Spark takes a minute; tests/local runs it
}
DELIVERY = {"repository": "someone/sentiment", "region": REGION}
PROD = {"region": REGION, "keep_data": True}
JOBS = {"Download", "Preprocess", "Train", "Transform", "Champion", "Evaluate"}
SCORING_JOBS = {"FindModel", "Prepare", "Transform", "Join"}
NEW_REVIEWS = 40
LIMITS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass
class Deployed:
    """Stacks of dev, with every setting on, prod, and delivery; the queue hears dev's alerts."""

    cdk: Cdk
    emulator: Emulator
    bucket: str
    queue: str
    pipeline: RunningPipeline
    first: str = ""
    champion: str = ""
    second: str = ""

    def alerts(self) -> Iterator[str]:
        """The messages that came to the alerts' topic."""
        client = self.emulator.client("sqs")
        found = client.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", ()):
            client.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            yield str(json.loads(message["Body"])["Message"])

    def alert(self, words: str) -> str:
        """The next alert that says ``words``."""
        return eventually(lambda: next((text for text in self.alerts() if words in text), None))


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator, archive: Path) -> Deployed:
    emulator.client("iam").create_policy(
        PolicyName=BOUNDARY.rpartition("/")[2], PolicyDocument=json.dumps(LIMITS)
    )
    cdk.settle({"dev": EVERYTHING, "prod": PROD}, delivery=DELIVERY)
    cdk("deploy", "--all", "--require-approval", "never")
    bucket = outputs(emulator, "sentiment-dev")["BucketName"]
    emulator.client("s3").upload_file(str(archive), bucket, DATASET)
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    [topic] = sns.list_topics()["Topics"]
    sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts",
    )
    pipeline = RunningPipeline(emulator, "sentiment-dev")
    return Deployed(cdk, emulator, bucket, queue, pipeline)


@pytest.fixture(scope="module")
def new_reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of reviews without labels."""
    path = tmp_path_factory.mktemp("new") / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text"])
        for number, (_, text) in enumerate(invented_reviews(train=0, test=NEW_REVIEWS)):
            rows.writerow([f"new-{number}", text])
    return path


@pytest.mark.parametrize("name", ["dev", "prod", "delivery-roles"])
def test_every_resource_of_the_template_is_there(deployed: Deployed, name: str) -> None:
    stack = f"sentiment-{name}"
    template = json.loads((deployed.cdk.folder / f"cdk.out/{stack}.template.json").read_text())
    found = resources(deployed.emulator, stack)
    kinds = {name: resource["Type"] for name, resource in template["Resources"].items()}
    assert {name: item["ResourceType"] for name, item in found.items()} == kinds
    assert {item["ResourceStatus"] for item in found.values()} <= {"CREATE_COMPLETE"}
    assert all(item["PhysicalResourceId"] for item in found.values())


def test_outputs_and_ssm_parameters_agree(deployed: Deployed) -> None:
    found = outputs(deployed.emulator, "sentiment-dev")
    assert sorted(found) == [
        "BucketName",
        "ConsoleUrl",
        "PipelineArn",
        "PipelineName",
        "ScorePipelineName",
    ]
    ssm = deployed.emulator.client("ssm")
    for name, value in found.items():
        parameter = ssm.get_parameter(Name=f"/sentiment-dev/{name}")["Parameter"]
        assert parameter["Value"] == value


def test_nothing_of_any_stack_has_drifted(deployed: Deployed) -> None:
    printed = deployed.cdk("drift", "--app", "cdk.out", "--fail")
    assert printed.count("No drift detected") == 3


def test_preflight_finds_nothing_missing(deployed: Deployed) -> None:
    told = deployed.emulator.told("preflight")
    assert {check["status"] for check in told["checks"]} == {"ok"}


def test_an_execution_started_with_the_deployed_defaults_registers_a_model(
    deployed: Deployed,
) -> None:
    told = deployed.emulator.told("start", "--wait", "--parameter", "NumRound=20")
    assert told["status"] == "Succeeded"
    assert [step["name"] for step in told["steps"]][-2:] == ["QualityGate", "RegisterModel"]
    assert not any(step["cached"] for step in told["steps"])
    deployed.champion = told["model_package_arn"]
    deployed.first = told["execution_id"]


def test_what_it_measured_wrote_and_cost_can_be_asked_for(deployed: Deployed) -> None:
    told = deployed.emulator.told
    [execution] = told("list")["executions"]
    assert execution["execution_id"] == deployed.first
    key = f"models/{deployed.first}/evaluation/evaluation.json"
    found = deployed.emulator.client("s3").get_object(Bucket=deployed.bucket, Key=key)
    assert told("report", deployed.first) == json.loads(found["Body"].read())
    assert any('"accuracy"' in line["message"] for line in told("logs", "Evaluate")["lines"])
    cost = told("cost")
    assert {job["step"] for job in cost["jobs"]} == JOBS
    assert (cost["total_usd"] > 0, cost["unpriced_instance_types"]) == (True, [])


def test_a_version_that_nobody_has_approved_scores_nothing(
    deployed: Deployed, new_reviews: Path
) -> None:
    given = ("--dataset", str(new_reviews), "--parameter", "ModelVersion=1")
    ended = deployed.emulator.sentiment("start", "--scoring", "--wait", *given)
    assert ended.returncode == 1
    reason = f"step CreateModel: ClientError: ModelPackage {deployed.champion} is not approved"
    assert reason in ended.stdout


def test_the_new_version_is_told_of_and_is_approved(deployed: Deployed) -> None:
    assert deployed.champion in deployed.alert("waits for approval")
    told = deployed.emulator.told("approve", "1", "--comment", "good")
    assert told["arn"] == deployed.champion
    assert told["approval_before"] == "PendingManualApproval"
    described = deployed.pipeline.sagemaker.describe_model_package(
        ModelPackageName=deployed.champion
    )
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "good"


def test_new_reviews_are_scored_by_the_approved_version(
    deployed: Deployed, new_reviews: Path
) -> None:
    given = ("--dataset", str(new_reviews), "--parameter", "DriftThreshold=100")
    told = deployed.emulator.told("start", "--scoring", "--wait", *given)
    assert told["status"] == "Succeeded"
    bucket, _, key = told["scores"].removeprefix("s3://").partition("/")
    assert (bucket, key) == (
        deployed.bucket,
        f"scores/{told['execution_id']}/scores/scores.csv",
    )
    found = deployed.emulator.client("s3").get_object(Bucket=bucket, Key=key)
    rows = list(csv.DictReader(found["Body"].read().decode().splitlines()))
    assert [row["id"] for row in rows] == [f"new-{number}" for number in range(NEW_REVIEWS)]
    assert {row["label"] for row in rows} <= {"neg", "pos"}
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)


def test_the_scoring_pipeline_is_asked_about_like_the_other(deployed: Deployed) -> None:
    told = deployed.emulator.told
    execution, refused = told("list", "--scoring")["executions"]
    assert (execution["status"], refused["status"]) == ("Succeeded", "Failed")
    cost = told("cost", execution["execution_id"], "--scoring")
    assert {job["step"] for job in cost["jobs"]} == SCORING_JOBS
    assert cost["cached_steps"] == ["Download"]  # by the execution that was refused
    assert told("logs", "FindModel", "--scoring")["lines"]
    checks = told("preflight", "--scoring")["checks"]
    assert {check["status"] for check in checks} == {"ok"}


def test_reviews_that_drifted_are_scored_and_told_of(deployed: Deployed, new_reviews: Path) -> None:
    given = ("--dataset", str(new_reviews), "--parameter", "DriftThreshold=0")
    ended = deployed.emulator.sentiment("start", "--scoring", "--wait", *given)
    assert ended.returncode == 1
    assert "step Drifted: The reviews drifted from the test set by " in ended.stdout
    assert f"scores       s3://{deployed.bucket}/scores/" in ended.stdout


def test_its_model_is_cleaned_away_and_its_approved_version_stays(deployed: Deployed) -> None:
    told = deployed.emulator.told
    shown = told("clean")
    assert models(deployed) == shown["models"] != []
    assert (shown["dry_run"], shown["versions"], shown["log_streams"]) == (True, [], [])
    assert told("clean", "--yes")["models"] == shown["models"]
    assert models(deployed) == []
    again = told("clean", "--yes")
    assert (again["models"], again["versions"], again["failures"]) == ([], [], {})


def test_a_deployment_without_changes_changes_nothing(deployed: Deployed) -> None:
    printed = deployed.cdk("deploy", "--app", "cdk.out", "--require-approval", "never", "--all")
    assert printed.count("(no changes)") == 3


def test_a_changed_setting_updates_the_pipelines_only(deployed: Deployed) -> None:
    before = resources(deployed.emulator, "sentiment-dev")
    deployed.cdk.settle({"dev": {**EVERYTHING, "transform_instance_type": "ml.m5.xlarge"}})
    deployed.cdk("deploy", "--require-approval", "never", "sentiment-dev")
    after = resources(deployed.emulator, "sentiment-dev")
    changed = [name for name, item in after.items() if item["ResourceStatus"] == "UPDATE_COMPLETE"]
    assert [after[name]["ResourceType"] for name in changed] == ["AWS::SageMaker::Pipeline"] * 2
    assert {name: item["PhysicalResourceId"] for name, item in after.items()} == {
        name: item["PhysicalResourceId"] for name, item in before.items()
    }


def test_watching_it_survives_ctrl_c_throttling_and_a_broken_connection(deployed: Deployed) -> None:
    deployed.second = deployed.pipeline.start(NumRound="20", GateThreshold="0.99999")
    execution_id = deployed.second.rpartition("/")[2]
    with deployed.emulator.started("watch", execution_id, "--interval", "0.5") as watching:
        assert watching.stderr
        assert watching.stderr.readline() == f"execution {execution_id}\n"
        watching.send_signal(signal.SIGINT)
        said = watching.stderr.read()
    assert (watching.returncode, "the execution continues" in said) == (130, True)
    deployed.emulator.throttle("DescribePipelineExecution", 1)
    deployed.emulator.cut("ListPipelineExecutionSteps", 1)
    ended = deployed.emulator.sentiment("watch", "--interval", "0.5")
    assert ended.returncode == 1
    assert f"Failed: execution {execution_id}\nstep Reject: " in ended.stdout
    assert "no response (ThrottlingException); retrying" in ended.stderr
    assert "no response (Connection was closed before we received" in ended.stderr


def test_it_reused_steps_and_its_refused_model_is_told_of(deployed: Deployed) -> None:
    steps = deployed.pipeline.steps(deployed.second)
    assert "Preprocess" in cached(steps)
    assert "Train" in cached(steps)
    assert "Transform" not in cached(steps)
    job = steps["Transform"]["Metadata"]["TransformJob"]["Arn"].rpartition("/")[2]
    described = deployed.pipeline.sagemaker.describe_transform_job(TransformJobName=job)
    assert described["TransformResources"]["InstanceType"] == "ml.m5.xlarge"
    log = deployed.emulator.sentiment("logs", "Champion").stdout
    assert f"champion: {deployed.champion}" in log
    alert = deployed.alert("The quality gate rejected the model")
    assert steps["Reject"]["FailureReason"] in alert
    assert deployed.second in alert


def test_destroying_leaves_a_group_with_versions_and_says_so(deployed: Deployed) -> None:
    code, printed = deployed.cdk.attempt("destroy", "--app", "cdk.out", "--force", "sentiment-dev")
    assert code == 1
    assert "it still contains model packages: sentiment-dev" in printed


def test_once_it_is_cleaned_without_a_pipeline_destroying_leaves_nothing(
    deployed: Deployed,
) -> None:
    told = deployed.emulator.told("clean", "--all-versions", "--yes")
    assert (len(told["models"]), told["versions"]) == (1, [deployed.champion])
    assert models(deployed) == []
    deployed.cdk("destroy", "--app", "cdk.out", "--force", "sentiment-dev")
    others = resources(deployed.emulator, "sentiment-delivery-roles").values()
    roles = {f"role {item['PhysicalResourceId']}" for item in others}
    left = [name for name in names_left(deployed.emulator) if name not in roles]
    assert [name for name in left if "dev" in name] == []


def test_prod_keeps_its_bucket_and_its_group_and_nothing_else(deployed: Deployed) -> None:
    kept = outputs(deployed.emulator, "sentiment-prod")["BucketName"]
    client = deployed.emulator.client("cloudformation")
    for stack in ("sentiment-prod", "sentiment-delivery-roles"):
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
    left = [name for name in names_left(deployed.emulator) if "cdk-" not in name]
    assert left == sorted([f"bucket {kept}", "group sentiment-prod"])


def models(deployed: Deployed) -> list[str]:
    """The models that there are, by name."""
    found = deployed.pipeline.sagemaker.list_models()["Models"]
    return sorted(model["ModelName"] for model in found)
