"""The life of a deployment, from `cdk deploy` to `cdk destroy`, against the emulated AWS.

Each fixture continues where the one that it requests ended.
"""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_samples import JOB_LOG_GROUPS
from tests.support.emulated_pipelines import RunningPipeline, cached
from tests.support.emulated_stacks import outputs, remaining_resources, resources
from tests.support.emulator_process import POLL, REGION, Cdk, Emulator
from tests.support.local_runs import invented_reviews
from tests.support.programs import eventually
from tests.support.settings_cases import BOUNDARY, SETTINGS

DATASET = "raw/reviews.tar.gz"
NO_NEW_DATA = {
    "start_on_new_data": False,
    "score_on_new_data": False,
    "quiet_minutes": None,
    "incoming_days": None,
}
EVERYTHING = {
    **SETTINGS["everything"],
    "region": REGION,
    "keep_data": False,
    "dataset_uri": DATASET,
    "processing_engine": "single",  # Spark takes a minute; tests/local covers it
    "endpoint": None,  # test_deployment_by_approval.py covers it
    **NO_NEW_DATA,  # the dataset is uploaded before the first execution; see test_new_data.py
}
DELIVERY = {"repository": "someone/sentiment", "region": REGION}
PROD = {"region": REGION, "keep_data": True}
DEPLOY = ("deploy", "--require-approval", "never")
START = ("start", "--wait", *POLL)
JOBS = {"Preprocess", "Train", "Package", "Transform", "Champion", "Evaluate"}
REJECTED = ("--parameter=NumRound=20", "--parameter=GateThreshold=0.99999")
"""Options of an execution whose model the gate rejects."""
SCORING_JOBS = {"FindModel", "Prepare", "Transform", "Join"}
NEW_REVIEWS = 40
ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}

Completed = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Deployed:
    """Stacks of dev (with every setting), prod and delivery; the queue receives dev's alerts."""

    cdk: Cdk
    emulator: Emulator
    bucket: str
    queue: str
    pipeline: RunningPipeline
    received: list[str] = field(default_factory=list)

    def alert(self, *words: str) -> str:
        """Wait for the alert that contains all ``words`` and return it."""

        def look() -> str | None:
            self._receive()
            return next(
                (text for text in self.received if all(map(text.__contains__, words))), None
            )

        return eventually(look, 10)

    def _receive(self) -> None:
        client = self.emulator.client("sqs")
        found = client.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", ()):
            client.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            self.received.append(json.loads(message["Body"])["Message"])

    def run_machine(self, part: str, given: Mapping[str, str]) -> None:
        """Run the state machine with ``part`` in its name, and wait for its success."""
        client = self.emulator.client("stepfunctions")
        [machine] = [
            item["stateMachineArn"]
            for item in client.list_state_machines()["stateMachines"]
            if part in item["name"]
        ]
        run = client.start_execution(stateMachineArn=machine, input=json.dumps(given))

        def ended() -> bool:
            found = client.describe_execution(executionArn=run["executionArn"])
            return bool(found["status"] == "SUCCEEDED")

        eventually(ended, 60)

    def executions(self) -> list[str]:
        """Return the ARNs of the training pipeline's executions."""
        found = self.pipeline.sagemaker.list_pipeline_executions(
            PipelineName=self.pipeline.name, MaxResults=100
        )
        return [item["PipelineExecutionArn"] for item in found["PipelineExecutionSummaries"]]

    def retrainings(self) -> list[str]:
        """Return the ARNs of the trainings that drift has started."""
        found = self.pipeline.sagemaker.list_pipeline_executions(PipelineName=self.pipeline.name)
        return [
            item["PipelineExecutionArn"]
            for item in found["PipelineExecutionSummaries"]
            if item["PipelineExecutionDisplayName"].startswith("drift-")
        ]

    def models(self) -> list[str]:
        """Return the names of the models."""
        found = self.pipeline.sagemaker.list_models()["Models"]
        return sorted(model["ModelName"] for model in found)


@dataclass(frozen=True)
class Updated:
    """A deployment of a changed setting: dev's resources before and after."""

    before: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Watched:
    """An execution, a watch that was interrupted, and one that saw the end despite faults."""

    arn: str
    interrupted: Completed
    completed: Completed


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator, archive: Path) -> Deployed:
    emulator.client("iam").create_policy(
        PolicyName=BOUNDARY.rpartition("/")[2], PolicyDocument=json.dumps(ANYTHING)
    )
    cdk.configure({"dev": EVERYTHING, "prod": PROD}, delivery=DELIVERY)
    cdk(*DEPLOY, "--all")
    bucket = outputs(emulator, "sentiment-dev")["BucketName"]
    emulator.client("s3").upload_file(str(archive), bucket, DATASET)
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    [topic] = [
        item["TopicArn"]
        for item in sns.list_topics()["Topics"]
        if "ChatTopic" not in item["TopicArn"]
    ]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts",
    )
    return Deployed(cdk, emulator, bucket, queue, RunningPipeline(emulator, "sentiment-dev"))


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


@pytest.fixture(scope="module")
def trained(deployed: Deployed) -> dict[str, Any]:
    """An execution with the deployed defaults, but for fewer rounds."""
    started: dict[str, Any] = deployed.emulator.sentiment_json(*START, "--parameter", "NumRound=20")
    return started


@pytest.fixture(scope="module")
def scored_unapproved(deployed: Deployed, trained: dict[str, Any], new_reviews: Path) -> Completed:
    """An execution that asks for a version that isn't approved."""
    options = ("--dataset", str(new_reviews), "--parameter", "ModelVersion=1")
    return deployed.emulator.sentiment(*START, "--scoring", *options)


@pytest.fixture(scope="module")
def checked_unapproved(deployed: Deployed, scored_unapproved: Completed) -> Completed:
    """The check of the scoring pipeline before a version is approved."""
    return deployed.emulator.sentiment("preflight", "--scoring", "--json")


@pytest.fixture(scope="module")
def approved(deployed: Deployed, checked_unapproved: Completed) -> dict[str, Any]:
    """The first version's approval."""
    approval: dict[str, Any] = deployed.emulator.sentiment_json("approve", "--comment", "good")
    return approval


@pytest.fixture(scope="module")
def scored(deployed: Deployed, approved: dict[str, Any], new_reviews: Path) -> dict[str, Any]:
    """An execution that scores new reviews with the approved version."""
    options = ("--dataset", str(new_reviews), "--parameter", "DriftThreshold=100")
    started: dict[str, Any] = deployed.emulator.sentiment_json(*START, "--scoring", *options)
    return started


@pytest.fixture(scope="module")
def drifted(deployed: Deployed, scored: dict[str, Any], new_reviews: Path) -> Completed:
    """The same with a drift limit that nothing meets; the training that it starts is stopped."""
    options = ("--dataset", str(new_reviews), "--parameter", "DriftThreshold=0")
    ended = deployed.emulator.sentiment(*START, "--scoring", *options)
    [arn] = eventually(deployed.retrainings, 30)
    deployed.pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    deployed.pipeline.ended(arn)
    return ended


@pytest.fixture(scope="module")
def updated(deployed: Deployed) -> Updated:
    """The deployment after one setting was changed."""
    before = resources(deployed.emulator, "sentiment-dev")
    deployed.cdk.configure({"dev": {**EVERYTHING, "transform_instance_type": "ml.m5.xlarge"}})
    deployed.cdk(*DEPLOY, "sentiment-dev")
    return Updated(before, resources(deployed.emulator, "sentiment-dev"))


@pytest.fixture(scope="module")
def forecast(
    deployed: Deployed, approved: dict[str, Any], updated: Updated
) -> dict[str, dict[str, Any]]:
    """The dry run of an execution, by step."""
    steps = deployed.emulator.sentiment_json("start", "--dry-run", *REJECTED)["steps"]
    return {step["name"]: step for step in steps}


@pytest.fixture(scope="module")
def watched(deployed: Deployed, forecast: dict[str, dict[str, Any]]) -> Watched:
    """An execution whose model is rejected, watched through Ctrl-C and faults of the service."""
    arn: str = deployed.emulator.sentiment_json("start", *REJECTED)["arn"]
    command = ("watch", arn.rpartition("/")[2], *POLL)
    with deployed.emulator.sentiment_process(*command) as process:
        assert process.stderr
        line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    interrupted = subprocess.CompletedProcess(command, process.returncode, "", line + rest)
    # Both of the call that comes first: soon the execution fails, and its alert calls others.
    deployed.emulator.cut("DescribePipelineExecution", 1)
    deployed.emulator.throttle("DescribePipelineExecution", 1)
    return Watched(arn, interrupted, deployed.emulator.sentiment("watch", *POLL))


@pytest.fixture(scope="module")
def triggered(deployed: Deployed, watched: Watched) -> list[str]:
    """The executions that the trigger's state machine starts: once idle, and once while it runs."""
    before = deployed.executions()
    for _ in range(2):
        deployed.run_machine("ExecutionTrigger", {})
    started = [arn for arn in deployed.executions() if arn not in before]
    for arn in started:
        deployed.pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        deployed.pipeline.ended(arn)
    return started


@pytest.mark.parametrize("name", ["dev", "prod", "delivery-roles"])
def test_every_resource_of_the_template_is_created(deployed: Deployed, name: str) -> None:
    stack = f"sentiment-{name}"
    template = json.loads((deployed.cdk.folder / f"cdk.out/{stack}.template.json").read_text())
    found = resources(deployed.emulator, stack)
    kinds = {name: resource["Type"] for name, resource in template["Resources"].items()}
    assert {name: item["ResourceType"] for name, item in found.items()} == kinds
    assert {item["ResourceStatus"] for item in found.values()} <= {"CREATE_COMPLETE"}
    assert all(item["PhysicalResourceId"] for item in found.values())


def test_ssm_parameters_hold_the_outputs(deployed: Deployed) -> None:
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


def test_no_stack_has_drifted(deployed: Deployed) -> None:
    output = deployed.cdk("drift", "--app", "cdk.out", "--fail")
    assert output.count("No drift detected") == 3


def test_deploying_again_changes_nothing(deployed: Deployed) -> None:
    output = deployed.cdk(*DEPLOY, "--app", "cdk.out", "--all")
    assert output.count("(no changes)") == 3


def test_preflight_passes(deployed: Deployed) -> None:
    checks = deployed.emulator.sentiment_json("preflight")["checks"]
    assert {check["status"] for check in checks} == {"ok"}


def test_execution_with_the_deployed_defaults_registers_a_model(trained: dict[str, Any]) -> None:
    assert trained["status"] == "Succeeded"
    assert [step["name"] for step in trained["steps"]][-2:] == ["QualityGate", "RegisterModel"]
    assert not any(step["cached"] for step in trained["steps"])


def test_execution_is_listed(deployed: Deployed, trained: dict[str, Any]) -> None:
    listed = deployed.emulator.sentiment_json("list")["executions"]
    [found] = [item for item in listed if item["execution_id"] == trained["execution_id"]]
    assert (found["accuracy"], found["status"]) == (trained["accuracy"], "Succeeded")
    assert found["model_package_arn"] == trained["model_package_arn"]


def test_report_is_the_evaluation_in_s3(deployed: Deployed, trained: dict[str, Any]) -> None:
    execution = trained["execution_id"]
    key = f"models/{execution}/evaluation/evaluation.json"
    found = deployed.emulator.client("s3").get_object(Bucket=deployed.bucket, Key=key)
    report = deployed.emulator.sentiment_json("report", execution)
    assert report == json.loads(found["Body"].read())


def test_logs_of_a_step_are_printed(deployed: Deployed, trained: dict[str, Any]) -> None:
    options = ("Evaluate", "--execution", trained["execution_id"])
    lines = deployed.emulator.sentiment_json("logs", *options)["lines"]
    assert any('"accuracy"' in line["message"] for line in lines)


def test_cost_covers_every_job(deployed: Deployed, trained: dict[str, Any]) -> None:
    cost = deployed.emulator.sentiment_json("cost", trained["execution_id"])
    assert {job["step"] for job in cost["jobs"]} == JOBS
    assert (cost["total_usd"] > 0, cost["unpriced_instance_types"]) == (True, [])


def test_version_that_is_not_approved_scores_if_it_is_named(
    deployed: Deployed, scored_unapproved: Completed
) -> None:
    assert scored_unapproved.returncode == 0, scored_unapproved.stderr
    lines = deployed.emulator.sentiment_json("logs", "FindModel", "--scoring")["lines"]
    assert any("isn't approved" in line["message"] for line in lines)


def test_new_version_raises_an_alert(deployed: Deployed, trained: dict[str, Any]) -> None:
    assert deployed.alert(trained["model_package_arn"])


def test_preflight_of_the_scoring_pipeline_requires_an_approved_version(
    deployed: Deployed, checked_unapproved: Completed, approved: dict[str, Any]
) -> None:
    assert checked_unapproved.returncode == 1
    before = json.loads(checked_unapproved.stdout)["checks"]
    [failed] = [check for check in before if check["status"] != "ok"]
    assert failed["name"] == "approved version"
    assert "sentiment approve 1 " in failed["message"]
    after = deployed.emulator.sentiment_json("preflight", "--scoring")["checks"]
    assert {check["status"] for check in after} == {"ok"}


def test_version_is_approved(
    deployed: Deployed, trained: dict[str, Any], approved: dict[str, Any]
) -> None:
    assert approved["arn"] == trained["model_package_arn"]
    assert approved["approval_before"] == "PendingManualApproval"
    described = deployed.pipeline.sagemaker.describe_model_package(ModelPackageName=approved["arn"])
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "good"


def test_versions_show_metrics_execution_and_which_one_scores(
    deployed: Deployed, trained: dict[str, Any], approved: dict[str, Any]
) -> None:
    [found] = [
        each
        for each in deployed.emulator.sentiment_json("versions")["versions"]
        if each["arn"] == approved["arn"]
    ]
    assert (found["accuracy"], found["execution_id"]) == (
        trained["accuracy"],
        trained["execution_id"],
    )
    assert (found["approval"], found["used_for_scoring"]) == ("Approved", True)


def test_approving_again_changes_nothing(deployed: Deployed, approved: dict[str, Any]) -> None:
    again = deployed.emulator.sentiment_json("approve", str(approved["version"]))
    assert (again["changed"], again["approval_after"]) == (False, "Approved")


def test_new_reviews_are_scored_by_the_approved_version(
    deployed: Deployed, scored: dict[str, Any]
) -> None:
    assert scored["status"] == "Succeeded"
    bucket, _, key = scored["scores"].removeprefix("s3://").partition("/")
    execution = scored["execution_id"]
    assert (bucket, key) == (deployed.bucket, f"scores/{execution}/scores/scores.csv")
    found = deployed.emulator.client("s3").get_object(Bucket=bucket, Key=key)
    rows = list(csv.DictReader(found["Body"].read().decode().splitlines()))
    assert [row["id"] for row in rows] == [f"new-{number}" for number in range(NEW_REVIEWS)]
    assert {row["label"] for row in rows} <= {"neg", "pos"}
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)


def test_scores_are_downloaded(deployed: Deployed, scored: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "scores.csv"
    saved = deployed.emulator.sentiment_json(
        "scores", scored["execution_id"], "--output", str(output)
    )
    assert (saved["uri"], saved["rows"]) == (scored["scores"], NEW_REVIEWS)
    assert len(output.read_text(encoding="utf-8").splitlines()) == NEW_REVIEWS + 1


def test_labels_that_arrive_later_are_stored_and_their_accuracy_is_published(
    deployed: Deployed, scored: dict[str, Any], tmp_path: Path
) -> None:
    labels, export = tmp_path / "labels.csv", tmp_path / "labeled.csv"
    truth = [name.split("/")[1] for name, _ in invented_reviews(train=0, test=NEW_REVIEWS)]
    rows = "".join(f"new-{number},{label}\n" for number, label in enumerate(truth))
    labels.write_text(f"id,label\n{rows}")
    options = (str(labels), "--execution", scored["execution_id"], "--export", str(export))
    found = deployed.emulator.sentiment_json("feedback", *options)
    [execution] = found["executions"]
    assert (execution["labeled"], execution["added"]) == (NEW_REVIEWS, NEW_REVIEWS)
    assert (found["exported"], found["without_text"]) == (NEW_REVIEWS, {})
    s3 = deployed.emulator.client("s3")
    key = f"scores/{scored['execution_id']}/feedback/labels.csv"
    stored = s3.get_object(Bucket=deployed.bucket, Key=key)["Body"].read().decode()
    assert stored == f"id,label\n{rows}"
    cloudwatch = deployed.emulator.client("cloudwatch")
    listed = cloudwatch.list_metrics(Namespace="Sentiment", MetricName="FeedbackAccuracy")
    [metric] = listed["Metrics"]
    assert metric["Dimensions"] == [{"Name": "PipelineName", "Value": "sentiment-dev-score"}]

    labels.write_text("id,label\nnew-0,pos\nnew-0,neg\n")
    refused = deployed.emulator.sentiment("feedback", str(labels))
    assert (refused.returncode, "rows 1 and 2" in refused.stderr) == (1, True)


def test_predictions_of_the_test_set_are_downloaded(
    deployed: Deployed, trained: dict[str, Any], tmp_path: Path
) -> None:
    output, execution = tmp_path / "predictions.csv", trained["execution_id"]
    options = (execution, "--predictions", "--output", str(output))
    saved = deployed.emulator.sentiment_json("scores", *options)
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    correct = sum(row["label"] == row["actual"] for row in rows)
    assert (len(rows), correct / len(rows)) == (saved["rows"], pytest.approx(trained["accuracy"]))


def test_executions_of_the_scoring_pipeline_are_listed(
    deployed: Deployed, scored: dict[str, Any]
) -> None:
    listed = deployed.emulator.sentiment_json("list", "--scoring")["executions"]
    assert [execution["status"] for execution in listed][-2:] == ["Succeeded", "Succeeded"]


def test_cost_and_logs_of_the_scoring_pipeline(deployed: Deployed, scored: dict[str, Any]) -> None:
    execution = scored["execution_id"]
    cost = deployed.emulator.sentiment_json("cost", execution, "--scoring")
    assert {job["step"] for job in cost["jobs"]} == SCORING_JOBS
    assert cost["cached_steps"] == []
    options = ("FindModel", "--execution", execution, "--scoring")
    assert deployed.emulator.sentiment_json("logs", *options)["lines"]


def test_reviews_that_drifted_are_scored_and_the_command_fails(
    deployed: Deployed, drifted: Completed
) -> None:
    assert drifted.returncode == 1
    assert ", step Drifted\n" in drifted.stdout
    newest = deployed.emulator.sentiment_json("list", "--scoring", "--limit", "1")["executions"][0]
    reason, measure = newest["failure_reason"], newest["drift"]["max_drift_measure"]
    assert f"{newest['drift']['max_drift']} ({measure})" in reason
    assert reason.removeprefix("step Drifted: ") in drifted.stderr
    assert deployed.alert(reason.removeprefix("step Drifted: "), newest["arn"])
    assert f"scores       s3://{deployed.bucket}/scores/" in drifted.stdout


def test_drift_starts_one_training_and_the_alert_mentions_it(
    deployed: Deployed, drifted: Completed
) -> None:
    assert len(deployed.retrainings()) == 1
    assert deployed.alert("drifted from the test set", "starts a training")


def test_clean_deletes_models_after_a_dry_run_shows_them(
    deployed: Deployed, drifted: Completed
) -> None:
    clean = deployed.emulator.sentiment_json
    shown = clean("clean")
    assert deployed.models() == shown["models"] != []
    assert (shown["dry_run"], shown["versions"], shown["log_streams"]) == (True, [], [])
    assert clean("clean", "--yes")["models"] == shown["models"]
    assert deployed.models() == []
    again = clean("clean", "--yes")
    assert (again["models"], again["versions"], again["failures"]) == ([], [], {})


def test_changed_setting_updates_the_pipelines_only(updated: Updated) -> None:
    changed = [
        item["ResourceType"]
        for item in updated.after.values()
        if item["ResourceStatus"] == "UPDATE_COMPLETE"
    ]
    assert changed == ["AWS::SageMaker::Pipeline"] * 2
    ids = [
        {name: item["PhysicalResourceId"] for name, item in state.items()}
        for state in (updated.before, updated.after)
    ]
    assert ids[0] == ids[1]


def test_ctrl_c_ends_the_watching_and_not_the_execution(watched: Watched) -> None:
    execution = watched.arn.rpartition("/")[2]
    assert watched.interrupted.returncode == 130
    assert watched.interrupted.stderr.startswith(f"execution {execution}\n")
    assert "the execution continues" in watched.interrupted.stderr


def test_watching_survives_throttling_and_a_broken_connection(watched: Watched) -> None:
    assert watched.completed.returncode == 1
    execution = watched.arn.rpartition("/")[2]
    assert f"Failed: execution {execution}, step Reject\n" in watched.completed.stdout
    assert "ThrottlingException" in watched.completed.stderr
    assert "Connection was closed before we received" in watched.completed.stderr


def test_steps_with_the_same_inputs_are_taken_from_the_cache(
    deployed: Deployed, watched: Watched
) -> None:
    steps = deployed.pipeline.steps(watched.arn)
    assert {"Preprocess", "Train"} <= set(cached(steps))
    assert "Transform" not in cached(steps)


def test_dry_run_foresees_which_steps_are_cached(
    deployed: Deployed, watched: Watched, forecast: dict[str, dict[str, Any]]
) -> None:
    steps = deployed.pipeline.steps(watched.arn)
    foreseen = {name for name, step in forecast.items() if step["verdict"] == "cached"}
    assert foreseen == set(cached(steps))
    assert {name for name, step in forecast.items() if step["verdict"] == "conditional"} == {
        "RegisterModel",
        "Reject",
    }


def test_changed_setting_reaches_the_job(deployed: Deployed, watched: Watched) -> None:
    metadata = deployed.pipeline.steps(watched.arn)["Transform"]["Metadata"]
    job = metadata["TransformJob"]["Arn"].rpartition("/")[2]
    described = deployed.pipeline.sagemaker.describe_transform_job(TransformJobName=job)
    assert described["TransformResources"]["InstanceType"] == "ml.m5.xlarge"


def test_executions_are_compared_by_settings_and_predictions(
    deployed: Deployed, trained: dict[str, Any], watched: Watched
) -> None:
    found = deployed.emulator.sentiment_json("compare", trained["execution_id"], watched.arn)
    parameters = found["differences"]["parameters"]
    assert parameters.keys() == {"GateThreshold", "TransformInstanceType"}
    assert parameters["TransformInstanceType"] == ["ml.m5.large", "ml.m5.xlarge"]
    assert found["differences"]["outcome"]["status"] == ["Succeeded", "Failed"]
    [comparison] = found["comparisons"]
    assert comparison["same_model"] is True
    assert comparison["test"]["only_this"] == comparison["test"]["only_baseline"] == 0
    assert comparison["metrics"]["auc"]["paired"] is True


def test_champion_is_the_approved_version(
    deployed: Deployed, approved: dict[str, Any], watched: Watched
) -> None:
    log = deployed.emulator.sentiment("logs", "Champion").stdout
    assert f"champion: {approved['arn']}" in log


def test_execution_without_a_failed_step_raises_an_alert_and_one_with_it_none(
    deployed: Deployed, trained: dict[str, Any], watched: Watched
) -> None:
    for arn in (watched.arn, trained["arn"]):
        deployed.run_machine("FailedExecutions", {"execution": arn, "pipeline": "sentiment-dev"})
    assert deployed.alert("without a failed step", trained["arn"])
    of_failed = [text for text in deployed.received if watched.arn in text]
    assert not any("without a failed step" in text for text in of_failed)


def test_rejected_model_raises_an_alert(deployed: Deployed, watched: Watched) -> None:
    reason = deployed.pipeline.steps(watched.arn)["Reject"]["FailureReason"]
    assert deployed.alert(reason, watched.arn)


def test_trigger_starts_no_second_execution_while_one_is_running(triggered: list[str]) -> None:
    assert len(triggered) == 1


@pytest.fixture(scope="module")
def refused_destruction(deployed: Deployed, triggered: list[str]) -> tuple[int, str]:
    """The destruction of a stack whose model package group has versions."""
    return deployed.cdk.attempt("destroy", "--app", "cdk.out", "--force", "sentiment-dev")


@pytest.fixture(scope="module")
def cleaned(deployed: Deployed, refused_destruction: tuple[int, str]) -> dict[str, Any]:
    """The deletion of the versions and models that remain without a pipeline."""
    clean: dict[str, Any] = deployed.emulator.sentiment_json("clean", "--all-versions", "--yes")
    return clean


@pytest.fixture(scope="module")
def destroyed(deployed: Deployed, cleaned: dict[str, Any]) -> None:
    """The destruction of dev."""
    deployed.cdk("destroy", "--app", "cdk.out", "--force", "sentiment-dev")


def test_group_with_versions_is_not_destroyed(refused_destruction: tuple[int, str]) -> None:
    code, output = refused_destruction
    assert code == 1
    assert "it still contains model packages: sentiment-dev" in output


def test_clean_deletes_versions_and_models_without_a_pipeline(
    deployed: Deployed, trained: dict[str, Any], cleaned: dict[str, Any]
) -> None:
    assert cleaned["versions"] == [trained["model_package_arn"]]
    assert cleaned["models"]
    assert deployed.models() == []


def test_destroying_dev_leaves_nothing(deployed: Deployed, destroyed: None) -> None:
    others = resources(deployed.emulator, "sentiment-delivery-roles").values()
    roles = {f"role {item['PhysicalResourceId']}" for item in others}
    names = remaining_resources(deployed.emulator)
    assert [name for name in names if "dev" in name and name not in roles] == []


def test_destroying_all_leaves_the_data_of_prod_and_the_account_s_log_groups(
    deployed: Deployed, destroyed: None
) -> None:
    bucket = outputs(deployed.emulator, "sentiment-prod")["BucketName"]
    client = deployed.emulator.client("cloudformation")
    for stack in ("sentiment-prod", "sentiment-delivery-roles"):
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
    names = [name for name in remaining_resources(deployed.emulator) if "cdk-" not in name]
    shared = [f"log group {group}" for group in JOB_LOG_GROUPS]
    assert names == sorted([f"bucket {bucket}", "group sentiment-prod", *shared])
