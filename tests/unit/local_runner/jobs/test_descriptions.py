"""Properties of finished jobs, as Describe calls return them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobInterrupted
from local_runner.platform.containers import Invocation
from tests.support.runner_samples import (
    XGBOOST,
    Document,
    FakeContainer,
    Program,
    document,
    execute,
    fail,
    leave,
    planned,
    processing,
    put_object,
)

LOG = (
    "INFO: started\n"
    "[0]\ttrain-rmse:3.5\tvalidation-rmse:4.25\n"
    "[9]\ttrain-rmse:1.5e-01\tvalidation-rmse:2.125\n"
    "validation-rmse:9\n"
    "Accuracy: 0.75\n"
)
REGEX = {"Name": "accuracy", "Regex": "Accuracy: ([0-9.]+)"}
ESCAPED = {"Name": "rmse", "Regex": "#011validation-rmse:([0-9.]+)"}


def train_and_log(invocation: Invocation) -> None:
    (invocation.opt_ml / "model" / "xgboost-model").write_bytes(b"trees")
    with invocation.log.open("a") as log:
        log.write(LOG)


def training(*definitions: Document, **algorithm: Any) -> Document:
    if definitions:
        algorithm["MetricDefinitions"] = list(definitions)
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/train"}
    arguments = {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, **algorithm},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    }
    return {"Name": "A", "Type": "Training", "Arguments": arguments}


def value_of(root: Path, step: Document, path: str, program: Program) -> str | None:
    """Return the value of a property of the step, which is the message of a Fail step."""
    put_object(root, "s3://b/train/part.csv", "1")
    message = {"Std:Join": {"On": "", "Values": [{"Get": f"Steps.A.{path}"}]}}
    name = "train" if step["Type"] == "Training" else "A"
    plan = planned(document(step, fail("Show", message)))
    return execute(plan, root, FakeContainer({name: program})).steps["Show"].failure_reason


@pytest.mark.parametrize(
    ("definitions", "path", "value"),
    [
        ([], "FinalMetricDataList['validation:rmse'].Value", "2.125"),
        ([], "FinalMetricDataList['train:rmse'].Value", "0.15"),
        ([], "FinalMetricDataList[0].MetricName", "train:rmse"),
        ([REGEX], "FinalMetricDataList['accuracy'].Value", "0.75"),
        ([REGEX, ESCAPED], 'FinalMetricDataList["rmse"].Value', "2.125"),
        ([], "TrainingJobStatus", "Completed"),
        ([], "SecondaryStatus", "Completed"),
        ([], "InputDataConfig['train'].DataSource.S3DataSource.S3Uri", "s3://b/train"),
    ],
)
def test_property_of_a_training_job_resolves(
    tmp_path: Path, definitions: list[Document], path: str, value: str
) -> None:
    assert value_of(tmp_path, training(*definitions), path, train_and_log) == value


@pytest.mark.parametrize("path", ["TrainingTimeInSeconds", "BillableTimeInSeconds"])
def test_duration_of_a_training_job_resolves(tmp_path: Path, path: str) -> None:
    assert int(value_of(tmp_path, training(), path, train_and_log) or "-1") >= 0


def test_metric_that_was_not_logged_is_named(tmp_path: Path) -> None:
    reason = value_of(tmp_path, training(), "FinalMetricDataList['test:rmse']", train_and_log)
    assert "'test:rmse'" in (reason or "")


@pytest.mark.parametrize("hosts", [1, 2])
def test_metric_of_an_earlier_attempt_does_not_count(tmp_path: Path, hosts: int) -> None:
    def program(invocation: Invocation) -> None:
        is_retry = invocation.environment["TRAINING_JOB_NAME"].endswith("-2")
        with invocation.log.open("a") as log:
            log.write("Loss: 0.1\n" if is_retry else "Accuracy: 0.75\n")
        if not is_retry:
            raise JobInterrupted("killed")
        (invocation.opt_ml / "model" / invocation.log.name).write_bytes(b"trees")

    step = training(REGEX, {"Name": "loss", "Regex": "Loss: ([0-9.]+)"})
    step["Arguments"]["ResourceConfig"] = {"InstanceCount": hosts}
    exceptions = ["SageMaker.JOB_INTERNAL_ERROR"]
    step["RetryPolicies"] = [{"ExceptionType": exceptions, "MaxAttempts": 1}]
    assert value_of(tmp_path, step, "FinalMetricDataList[0].MetricName", program) == "loss"


def test_invalid_regular_expression_fails_the_job(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/train/part.csv", "1")
    plan = planned(document(training({"Name": "loss", "Regex": "loss=("})))
    execution = execute(plan, tmp_path, FakeContainer({"train": train_and_log}))
    assert "loss" in (execution.steps["A"].failure_reason or "")


@pytest.mark.parametrize("message", ["12 rows", None])
def test_exit_message_is_what_the_program_wrote(tmp_path: Path, message: str | None) -> None:
    def program(invocation: Invocation) -> None:
        leave("x", "file", "1")(invocation)
        if message:
            (invocation.opt_ml / "output" / "message").write_text(message)

    step = processing("A", outputs={"x": "s3://b/x"})
    assert (value_of(tmp_path, step, "ExitMessage", program) or "") == (message or "")


@pytest.mark.parametrize(
    "path", ["CreationTime", "ProcessingStartTime", "ProcessingEndTime", "LastModifiedTime"]
)
def test_times_of_a_job_resolve(tmp_path: Path, path: str) -> None:
    step = processing("A", outputs={"x": "s3://b/x"})
    time = value_of(tmp_path, step, path, leave("x", "file", "1"))
    assert datetime.fromisoformat(time or "").tzinfo is not None
