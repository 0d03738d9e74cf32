"""The emulated SageMaker's API: executions really run, and everything about them is described."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.support.emulated_pipelines import (
    RunningPipeline,
    cached,
    create_pipeline,
    create_small_pipeline,
)
from tests.support.emulator_process import Emulator
from tests.support.programs import eventually

NAME = "plain-reviews"
STEPS = [
    "Preprocess",
    "Train",
    "CreateModel",
    "Transform",
    "Evaluate",
    "QualityGate",
    "RegisterModel",
]
PARAMETERS = {"NumRound": "3"}


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator) -> RunningPipeline:
    return create_small_pipeline(emulator, NAME)


@pytest.fixture(scope="module")
def first(pipeline: RunningPipeline) -> str:
    """The ARN of an execution that has succeeded."""
    arn = pipeline.start(**PARAMETERS)
    pipeline.ended(arn)
    return arn


@pytest.fixture(scope="module")
def second(pipeline: RunningPipeline, first: str) -> str:
    """The ARN of another one, whose model is rejected."""
    arn = pipeline.start(**PARAMETERS, GateThreshold="0.99999")
    pipeline.ended(arn)
    return arn


def error_of(call: Callable[[], Any]) -> tuple[str, str]:
    """Return the code and the message of the error that a call raises."""
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_execution_registers_a_model(pipeline: RunningPipeline, first: str) -> None:
    described = pipeline.ended(first)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in described
    steps = pipeline.steps(first)
    assert list(steps) == STEPS
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert all(step["StartTime"] <= step["EndTime"] for step in steps.values())
    assert cached(steps) == []
    assert steps["QualityGate"]["Metadata"] == {"Condition": {"Outcome": "True"}}


def test_outputs_are_in_s3(pipeline: RunningPipeline, first: str) -> None:
    key = f"{first.rpartition('/')[2]}/evaluation/evaluation.json"
    found = pipeline.emulator.client("s3").get_object(Bucket=NAME, Key=key)
    assert json.loads(found["Body"].read()) == {"accuracy": 0.9}


def test_version_is_pending_and_can_be_approved(pipeline: RunningPipeline, first: str) -> None:
    sagemaker = pipeline.sagemaker
    version = pipeline.steps(first)["RegisterModel"]["Metadata"]["RegisterModel"]["Arn"]
    described = sagemaker.describe_model_package(ModelPackageName=version)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["ModelPackageStatus"] == "Completed"
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    listed = sagemaker.list_model_packages(
        ModelPackageGroupName=NAME, ModelApprovalStatus="Approved"
    )
    assert [item["ModelPackageArn"] for item in listed["ModelPackageSummaryList"]] == [version]


def test_training_job_is_described_with_its_times_and_tags(
    pipeline: RunningPipeline, first: str
) -> None:
    arn = pipeline.steps(first)["Train"]["Metadata"]["TrainingJob"]["Arn"]
    job = pipeline.sagemaker.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    assert (job["TrainingJobArn"], job["TrainingJobStatus"]) == (arn, "Completed")
    assert job["ModelArtifacts"]["S3ModelArtifacts"].startswith(f"s3://{NAME}/models/")
    seconds = (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds()
    assert seconds <= job["BillableTimeInSeconds"] < seconds + 1
    assert job["HyperParameters"]["num_round"] == "3"
    tags = pipeline.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": first} in tags


def test_logs_of_jobs_are_in_cloudwatch(pipeline: RunningPipeline, first: str) -> None:
    logs = pipeline.emulator.client("logs")
    steps = pipeline.steps(first)
    for step, kind, line in (
        ("Evaluate", "ProcessingJob", '"accuracy"'),
        ("Train", "TrainingJob", "validation-logloss"),
        ("Transform", "TransformJob", "scored 1 of 1 files"),
    ):
        job = steps[step]["Metadata"][kind]["Arn"].rpartition("/")[2]
        group = f"/aws/sagemaker/{kind}s"
        [stream] = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job)[
            "logStreams"
        ]
        assert stream["logStreamName"].startswith(f"{job}/algo-1-")
        events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])
        assert any(line in event["message"] for event in events["events"])


def test_second_execution_takes_cached_steps_from_the_first(
    pipeline: RunningPipeline, first: str, second: str
) -> None:
    steps = pipeline.steps(second)
    assert cached(steps) == ["Preprocess", "Train"]
    assert steps["Train"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}


def test_fail_step_fails_the_execution_with_its_message(
    pipeline: RunningPipeline, second: str
) -> None:
    described = pipeline.ended(second)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    reject = pipeline.steps(second)["Reject"]
    assert reject["FailureReason"] == "0.9 < 0.99999"
    assert reject["Metadata"]["Fail"]["ErrorMessage"] == reject["FailureReason"]


def test_job_fails_if_its_input_does_not_exist(pipeline: RunningPipeline) -> None:
    missing = "s3://no-such-bucket-here/rows"
    arn = pipeline.start(DatasetUri=missing)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    [(name, step)] = pipeline.steps(arn).items()
    assert (name, step["StepStatus"]) == ("Preprocess", "Failed")
    job = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    described = pipeline.sagemaker.describe_processing_job(ProcessingJobName=job)
    assert described["ProcessingJobStatus"] == "Failed"
    assert missing in described["FailureReason"]


def test_parameters_and_definition_of_an_execution_are_described(
    pipeline: RunningPipeline, first: str
) -> None:
    listed = pipeline.sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=first, MaxResults=100
    )["PipelineParameters"]
    assert {item["Name"]: item["Value"] for item in listed} == PARAMETERS
    described = pipeline.sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=first
    )["PipelineDefinition"]
    assert json.loads(described)["Version"] == "2020-12-01"


def test_lists_are_paged_and_start_with_the_newest(
    pipeline: RunningPipeline, first: str, second: str
) -> None:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = pipeline.sagemaker.list_pipeline_executions(PipelineName=NAME, MaxResults=1, **token)
        found += [item["PipelineExecutionArn"] for item in page["PipelineExecutionSummaries"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found[-2:] == [second, first]


@pytest.mark.parametrize(
    "parameters",
    [{"NoSuch": "1"}, {"NumRound": "many"}, {"NumRound": ""}, {"Format": "text/plain"}],
    ids=["unknown", "type", "empty", "enum"],
)
def test_invalid_parameters_are_rejected_before_anything_runs(
    pipeline: RunningPipeline, parameters: dict[str, str]
) -> None:
    assert error_of(lambda: pipeline.start(**parameters))[0] == "ValidationException"


def test_missing_resources_are_reported(pipeline: RunningPipeline) -> None:
    client = pipeline.sagemaker
    for call in (
        lambda: client.start_pipeline_execution(PipelineName="none"),
        lambda: client.describe_pipeline_execution(PipelineExecutionArn=f"{'arn:aws:x/':x<40}"),
        lambda: client.describe_training_job(TrainingJobName="none"),
    ):
        assert error_of(call)[0] == "ResourceNotFound"


def test_invalid_definition_is_rejected(pipeline: RunningPipeline) -> None:
    code, _ = error_of(lambda: create_pipeline(pipeline.emulator, "bad", {"Version": "1"}))
    assert code == "ValidationException"


def test_same_token_starts_one_execution(pipeline: RunningPipeline) -> None:
    request = {"PipelineName": NAME, "ClientRequestToken": "x" * 32}
    started = [pipeline.sagemaker.start_pipeline_execution(**request) for _ in range(2)]
    arns = {item["PipelineExecutionArn"] for item in started}
    assert len(arns) == 1
    pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arns.pop())


def test_stopped_execution_is_continued_by_a_retry(pipeline: RunningPipeline, first: str) -> None:
    arn = pipeline.start(NumRound="1000")
    eventually(lambda: "Metadata" in pipeline.steps(arn).get("Train", {}))
    pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    stopped = pipeline.steps(arn)
    assert stopped["Train"]["StepStatus"] == "Stopped"
    job = stopped["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    described = pipeline.sagemaker.describe_training_job(TrainingJobName=job)
    assert described["TrainingJobStatus"] == "Stopped"

    pipeline.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    continued = pipeline.steps(arn)
    assert continued["Preprocess"]["StartTime"] == stopped["Preprocess"]["StartTime"]
    assert continued["Train"]["Metadata"] != stopped["Train"]["Metadata"]


def test_execution_that_has_succeeded_is_not_retried(pipeline: RunningPipeline, first: str) -> None:
    code, _ = error_of(
        lambda: pipeline.sagemaker.retry_pipeline_execution(PipelineExecutionArn=first)
    )
    assert code == "ValidationException"


def test_calls_are_throttled_on_request(pipeline: RunningPipeline) -> None:
    list_all = pipeline.sagemaker.list_pipelines
    pipeline.emulator.throttle("ListPipelines", 2)  # the client retries once
    assert error_of(list_all) == ("ThrottlingException", "Rate exceeded")
    assert NAME in [item["PipelineName"] for item in list_all()["PipelineSummaries"]]


def test_connections_are_cut_on_request(pipeline: RunningPipeline) -> None:
    pipeline.emulator.cut("ListPipelines", 2)  # the client retries once
    with pytest.raises(ConnectionClosedError):
        pipeline.sagemaker.list_pipelines()
    pipeline.sagemaker.list_pipelines()


def test_group_with_versions_is_not_deleted(pipeline: RunningPipeline, first: str) -> None:
    delete = pipeline.sagemaker.delete_model_package_group
    assert error_of(lambda: delete(ModelPackageGroupName=NAME))[0] == "ConflictException"


def test_version_with_an_invalid_model_card_is_refused(pipeline: RunningPipeline) -> None:
    code, message = error_of(
        lambda: pipeline.sagemaker.create_model_package(
            ModelPackageGroupName=NAME, ModelCard={"ModelCardContent": "no JSON"}
        )
    )
    assert code == "ValidationException"
    assert "ModelCardContent" in message


def test_pipeline_with_a_running_execution_is_not_deleted(pipeline: RunningPipeline) -> None:
    arn = pipeline.start(NumRound="1000")
    delete = pipeline.sagemaker.delete_pipeline
    assert error_of(lambda: delete(PipelineName=NAME))[0] == "ConflictException"
    pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Stopped"
