"""Uploads to a deployed environment start trainings and scorings by themselves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from processing.names import Parameter
from tests.support.emulated_pipelines import RunningPipeline
from tests.support.emulated_stacks import outputs
from tests.support.emulator_process import REGION, Cdk, Emulator
from tests.support.local_runs import invented_reviews
from tests.support.programs import eventually

MINUTE = 60
SETTINGS = {
    "region": REGION,
    "keep_data": False,
    "start_on_new_data": True,
    "score_on_new_data": True,
    "quiet_minutes": 15,
}
REVIEWS = [(path.split("/")[1], text) for path, text in invented_reviews()]


@dataclass(frozen=True)
class Watched:
    """A deployed environment that starts executions on new data."""

    emulator: Emulator
    bucket: str
    training: RunningPipeline
    scoring: RunningPipeline

    def upload(self, key: str, rows: Sequence[tuple[str, str]], *, labels: bool = True) -> None:
        """Upload a table of reviews."""
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["id", "text", *(["label"] if labels else [])])
        for number, (label, review) in enumerate(rows):
            table.writerow([f"{key}-{number}", review, *([label] if labels else [])])
        self.emulator.client("s3").put_object(
            Bucket=self.bucket, Key=key, Body=text.getvalue().encode()
        )

    def datasets(self, pipeline: RunningPipeline) -> dict[str, str]:
        """Return the datasets, without the bucket, of the pipeline's executions by ARN."""
        client = pipeline.sagemaker
        found = client.list_pipeline_executions(
            PipelineName=pipeline.name, SortOrder="Ascending", MaxResults=100
        )
        return {
            item["PipelineExecutionArn"]: self._dataset(item["PipelineExecutionArn"])
            for item in found["PipelineExecutionSummaries"]
        }

    def _dataset(self, arn: str) -> str:
        given = self.training.sagemaker.list_pipeline_parameters_for_execution(
            PipelineExecutionArn=arn
        )["PipelineParameters"]
        [uri] = [item["Value"] for item in given if item["Name"] == Parameter.DATASET_URI]
        return str(uri).removeprefix(f"s3://{self.bucket}/")

    def is_running(self, arn: str) -> bool:
        """Return whether an execution is running."""
        found = self.training.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return bool(found["PipelineExecutionStatus"] == "Executing")

    def waiting(self) -> int:
        """Return how many runs of state machines haven't ended."""
        client = self.emulator.client("stepfunctions")
        machines = [
            item["stateMachineArn"] for item in client.list_state_machines()["stateMachines"]
        ]
        return sum(
            len(client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])
            for arn in machines
        )

    def started(self, pipeline: RunningPipeline, count: int, seconds: int = MINUTE) -> list[str]:
        """Return the ARNs of the pipeline's executions, once there are ``count``; time passes."""

        def look() -> list[str] | None:
            found = list(self.datasets(pipeline))
            if len(found) < count:
                self.emulator.let_pass(seconds)
                return None
            return found

        return eventually(look)

    def settle(self) -> None:
        """Let time pass until no state machine runs any more."""

        def look() -> bool:
            self.emulator.let_pass(15 * MINUTE)
            return self.waiting() == 0

        eventually(look)


@pytest.fixture(scope="module")
def watched(cdk: Cdk, emulator: Emulator) -> Watched:
    cdk.configure({"dev": SETTINGS})
    cdk("deploy", "--require-approval", "never", "sentiment-dev")
    bucket = outputs(emulator, "sentiment-dev")["BucketName"]
    return Watched(
        emulator,
        bucket,
        RunningPipeline(emulator, "sentiment-dev"),
        RunningPipeline(emulator, "sentiment-dev-score"),
    )


@pytest.fixture(scope="module")
def uploaded(watched: Watched) -> str:
    """The execution that an upload of ten files, and of others, has started.

    It is running when more data arrives, and while this waits.
    """
    for number in range(10):
        watched.upload(f"raw/monday/part-{number}.csv", REVIEWS[number::10])
    for key in ("raw/monday/README.md", "raw/notes.docx", "raw/monday/.part-10.csv.crc"):
        watched.emulator.client("s3").put_object(Bucket=watched.bucket, Key=key, Body=b"x")
    eventually(lambda: watched.waiting() == 10)
    watched.emulator.let_pass(15 * MINUTE)
    eventually(lambda: watched.waiting() == 1)
    [arn] = watched.started(watched.training, 1)
    watched.upload("raw/tuesday.csv", REVIEWS)
    eventually(lambda: watched.waiting() == 1)
    watched.emulator.let_pass(MINUTE)
    assert watched.is_running(arn)
    assert watched.waiting() == 1
    return arn


@pytest.fixture(scope="module")
def next_one(watched: Watched, uploaded: str) -> str:
    """The execution that data which arrived during the first one has started."""
    watched.training.ended(uploaded)
    _, arn = watched.started(watched.training, 2)
    watched.settle()
    return arn


@pytest.fixture(scope="module")
def delivered(watched: Watched, next_one: str) -> list[dict[str, Any]]:
    """The listed scorings of three deliveries, of which two arrive while the first is scored."""
    watched.training.ended(next_one)
    watched.emulator.sentiment_json("approve")
    watched.upload("incoming/first.csv", REVIEWS[:20], labels=False)
    [first] = watched.started(watched.scoring, 1)
    watched.upload("incoming/second.csv", REVIEWS[20:40], labels=False)
    assert watched.is_running(first)
    for number in range(3):
        rows = REVIEWS[40 + number :: 3][:10]
        watched.upload(f"incoming/third/{number}.csv", rows, labels=False)
    watched.scoring.ended(first)
    for arn in watched.started(watched.scoring, 3, 15 * MINUTE):
        watched.scoring.ended(arn)
    watched.settle()
    listed: list[dict[str, Any]]
    listed = watched.emulator.sentiment_json("list", "--scoring")["executions"]
    return listed


def test_upload_of_ten_files_starts_one_training(watched: Watched, uploaded: str) -> None:
    ended = watched.training.ended(uploaded)
    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert watched.datasets(watched.training)[uploaded] == "raw/monday/"


def test_data_that_arrives_during_a_training_is_used_by_the_next(
    watched: Watched, uploaded: str, next_one: str
) -> None:
    assert watched.datasets(watched.training) == {
        uploaded: "raw/monday/",
        next_one: "raw/tuesday.csv",
    }
    first, second = (
        watched.training.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        for arn in (uploaded, next_one)
    )
    assert second["CreationTime"] >= first["LastModifiedTime"]


def test_each_delivery_is_scored_with_its_own_drift(
    watched: Watched, delivered: list[dict[str, Any]]
) -> None:
    found = {item["parameters"][Parameter.DATASET_URI]: item for item in delivered}
    assert sorted(found) == [
        f"s3://{watched.bucket}/incoming/{name}" for name in ("first.csv", "second.csv", "third/")
    ]
    assert all(item["drift"]["status"] == "measured" for item in found.values())
    assert len({item["scores"] for item in found.values()}) == 3


def test_scores_of_a_delivery_are_found_by_its_name(
    watched: Watched, delivered: list[dict[str, Any]], tmp_path: Path
) -> None:
    output = tmp_path / "scores.csv"
    saved = watched.emulator.sentiment_json(
        "scores", "--dataset", "incoming/second.csv", "--output", str(output)
    )
    assert saved["rows"] == 20
    with output.open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert ids == [f"incoming/second.csv-{number}" for number in range(20)]


def test_nothing_that_executions_write_starts_another(
    watched: Watched, delivered: list[dict[str, Any]]
) -> None:
    watched.settle()
    assert len(watched.datasets(watched.training)) == 2
    assert len(watched.datasets(watched.scoring)) == 3


def test_dataset_that_is_not_used_is_named_in_the_failed_run(
    watched: Watched, delivered: list[dict[str, Any]]
) -> None:
    watched.emulator.client("s3").put_object(Bucket=watched.bucket, Key="raw//x/_SUCCESS", Body=b"")
    watched.settle()
    client = watched.emulator.client("stepfunctions")
    [machine] = [
        item["stateMachineArn"]
        for item in client.list_state_machines()["stateMachines"]
        if "ExecutionTrigger" in item["name"]
    ]
    [failed] = client.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"]
    described = client.describe_execution(executionArn=failed["executionArn"])
    assert described["cause"].startswith("raw//x/_SUCCESS ")
    assert json.loads(described["input"])["key"] == "raw//x/_SUCCESS"
