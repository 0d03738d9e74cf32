"""The emulated SageMaker through boto3 alone: executions run, and everything can be asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.support.emulated_pipelines import RunningPipeline, cached, lay_ready
from tests.support.emulator_programs import Emulator, eventually

STEPS = [
    "Download",
    "Preprocess",
    "Train",
    "CreateModel",
    "Transform",
    "Evaluate",
    "QualityGate",
    "RegisterModel",
]


@pytest.fixture(scope="module")
def ready(
    emulator: Emulator, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunningPipeline, dict[str, str]]:
    return lay_ready(emulator, "plain-reviews", archive, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def pipeline(ready: tuple[RunningPipeline, dict[str, str]]) -> RunningPipeline:
    return ready[0]


@pytest.fixture(scope="module")
def parameters(ready: tuple[RunningPipeline, dict[str, str]]) -> dict[str, str]:
    return ready[1]


@pytest.fixture(scope="module")
def first(pipeline: RunningPipeline, parameters: dict[str, str]) -> str:
    """The ARN of an execution that is over."""
    arn = pipeline.start(**parameters)
    pipeline.ended(arn)
    return arn


@pytest.fixture(scope="module")
def second(pipeline: RunningPipeline, parameters: dict[str, str], first: str) -> str:
    """The ARN of another one, whose gate refuses."""
    arn = pipeline.start(**parameters, GateThreshold="0.99999")
    pipeline.ended(arn)
    return arn


def code_of(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_an_execution_runs_to_a_registered_model(pipeline: RunningPipeline, first: str) -> None:
    described = pipeline.ended(first)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in described
    steps = pipeline.steps(first)
    assert list(steps) == STEPS
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert all(step["StartTime"] <= step["EndTime"] for step in steps.values())
    assert cached(steps) == []
    assert steps["QualityGate"]["Metadata"] == {"Condition": {"Outcome": "True"}}


def test_its_evaluation_lies_in_s3(pipeline: RunningPipeline, first: str) -> None:
    key = f"models/{first.rpartition('/')[2]}/evaluation/evaluation.json"
    found = pipeline.emulator.client("s3").get_object(Bucket=pipeline.name, Key=key)
    report = json.loads(found["Body"].read())
    assert 0.8 < report["binary_classification_metrics"]["accuracy"]["value"] <= 1


def test_its_version_waits_for_approval_and_can_be_approved(
    pipeline: RunningPipeline, first: str
) -> None:
    sagemaker, arn = pipeline.sagemaker, pipeline.steps(first)["RegisterModel"]["Metadata"]
    version = arn["RegisterModel"]["Arn"]
    described = sagemaker.describe_model_package(ModelPackageName=version)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["ModelPackageStatus"] == "Completed"
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    listed = sagemaker.list_model_packages(
        ModelPackageGroupName=pipeline.name, ModelApprovalStatus="Approved"
    )
    assert [item["ModelPackageArn"] for item in listed["ModelPackageSummaryList"]] == [version]


def test_a_training_job_is_described_with_its_times_and_tags(
    pipeline: RunningPipeline, first: str
) -> None:
    arn = pipeline.steps(first)["Train"]["Metadata"]["TrainingJob"]["Arn"]
    job = pipeline.sagemaker.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    assert (job["TrainingJobArn"], job["TrainingJobStatus"]) == (arn, "Completed")
    assert job["ModelArtifacts"]["S3ModelArtifacts"].startswith(f"s3://{pipeline.name}/models/")
    seconds = (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds()
    assert seconds <= job["BillableTimeInSeconds"] < seconds + 1
    assert job["HyperParameters"]["num_round"] == "20"
    tags = pipeline.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": first} in tags


def test_the_jobs_lines_are_in_cloudwatch(pipeline: RunningPipeline, first: str) -> None:
    logs = pipeline.emulator.client("logs")
    steps = pipeline.steps(first)
    for step, kind, line in (
        ("Evaluate", "ProcessingJob", '"accuracy"'),
        ("Train", "TrainingJob", "validation-error"),
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


def test_a_second_execution_takes_what_it_can_from_the_first(
    pipeline: RunningPipeline, first: str, second: str
) -> None:
    steps = pipeline.steps(second)
    assert cached(steps) == ["Download", "Preprocess", "Train"]
    assert steps["Train"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}


def test_a_gate_that_refuses_fails_the_execution_with_the_measured_accuracy(
    pipeline: RunningPipeline, second: str
) -> None:
    described = pipeline.ended(second)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    reject = pipeline.steps(second)["Reject"]
    assert "is below GateThreshold 0.99999" in reject["FailureReason"]
    assert reject["Metadata"]["Fail"]["ErrorMessage"] == reject["FailureReason"]


def test_a_dataset_in_no_bucket_fails_the_job_that_looks_for_it(
    pipeline: RunningPipeline, parameters: dict[str, str]
) -> None:
    nowhere = "s3://no-such-bucket-here/x.tar.gz"
    arn = pipeline.start(**{**parameters, "DatasetUri": nowhere})
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    [(name, step)] = pipeline.steps(arn).items()
    assert (name, step["StepStatus"]) == ("Download", "Failed")
    job = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    described = pipeline.sagemaker.describe_processing_job(ProcessingJobName=job)
    assert described["ProcessingJobStatus"] == "Failed"
    assert nowhere in described["FailureReason"]


def test_given_parameters_and_the_definition_are_told(
    pipeline: RunningPipeline, parameters: dict[str, str], first: str
) -> None:
    told = pipeline.sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=first, MaxResults=100
    )["PipelineParameters"]
    assert {item["Name"]: item["Value"] for item in told} == parameters
    definition = pipeline.sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=first
    )["PipelineDefinition"]
    assert json.loads(definition)["Version"] == "2020-12-01"


def test_lists_come_in_pages_the_newest_first(
    pipeline: RunningPipeline, first: str, second: str
) -> None:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = pipeline.sagemaker.list_pipeline_executions(
            PipelineName=pipeline.name, MaxResults=1, **token
        )
        found += [item["PipelineExecutionArn"] for item in page["PipelineExecutionSummaries"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found[-2:] == [second, first]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"NoSuch": "1"}, "there is no parameter 'NoSuch'"),
        ({"NumRound": "many"}, "parameter NumRound must be of type Integer, not 'many'"),
        ({"NumRound": ""}, '[string "" is too short (length: 0, required minimum: 1)]'),
        ({"FeatureFormat": "text/plain"}, "parameter FeatureFormat must be one of"),
    ],
    ids=["unknown", "type", "empty", "enum"],
)
def test_wrong_parameters_are_refused_before_anything_runs(
    pipeline: RunningPipeline, parameters: dict[str, str], given: dict[str, str], message: str
) -> None:
    code, told = code_of(lambda: pipeline.start(**{**parameters, **given}))
    assert code == "ValidationException"
    assert told.startswith(message)


def test_what_does_not_exist_is_named(pipeline: RunningPipeline) -> None:
    client = pipeline.sagemaker
    for call in (
        lambda: client.start_pipeline_execution(PipelineName="none"),
        lambda: client.describe_pipeline_execution(PipelineExecutionArn=f"{'arn:aws:x/':x<40}"),
        lambda: client.describe_training_job(TrainingJobName="none"),
    ):
        assert code_of(call)[0] == "ResourceNotFound"
    code, _ = code_of(
        lambda: client.create_pipeline(
            PipelineName="bad", PipelineDefinition="{", RoleArn="arn:aws:iam::123456789012:role/x"
        )
    )
    assert code == "ValidationException"


def test_the_same_token_starts_one_execution(
    pipeline: RunningPipeline, parameters: dict[str, str]
) -> None:
    given = [{"Name": name, "Value": value} for name, value in parameters.items()]
    request = {"PipelineName": pipeline.name, "PipelineParameters": given}
    request["ClientRequestToken"] = "x" * 32
    started = [pipeline.sagemaker.start_pipeline_execution(**request) for _ in range(2)]
    arns = {item["PipelineExecutionArn"] for item in started}
    assert len(arns) == 1
    pipeline.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arns.pop())


def test_an_execution_is_stopped_and_continued_where_it_was(
    pipeline: RunningPipeline, parameters: dict[str, str], first: str
) -> None:
    arn = pipeline.start(**parameters, Eta="0.35")
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
    code, message = code_of(
        lambda: pipeline.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    )
    assert (code, "Succeeded" in message) == ("ValidationException", True)


def test_throttling_can_be_asked_for_and_ends(pipeline: RunningPipeline) -> None:
    list_all = pipeline.sagemaker.list_pipelines
    pipeline.emulator.throttle("ListPipelines", 2)  # the client tries once more
    assert code_of(list_all) == ("ThrottlingException", "Rate exceeded")
    assert pipeline.name in [item["PipelineName"] for item in list_all()["PipelineSummaries"]]


def test_a_connection_can_be_cut_and_the_next_one_is_fine(pipeline: RunningPipeline) -> None:
    pipeline.emulator.cut("ListPipelines", 2)  # the client tries once more
    with pytest.raises(ConnectionClosedError):
        pipeline.sagemaker.list_pipelines()
    pipeline.sagemaker.list_pipelines()


def test_a_group_with_versions_and_a_pipeline_that_runs_cannot_be_deleted(
    pipeline: RunningPipeline, parameters: dict[str, str], first: str
) -> None:
    client = pipeline.sagemaker
    code, _ = code_of(
        lambda: client.delete_model_package_group(ModelPackageGroupName=pipeline.name)
    )
    assert code == "ConflictException"
    arn = pipeline.start(**parameters)
    code, _ = code_of(lambda: client.delete_pipeline(PipelineName=pipeline.name))
    assert code == "ConflictException"
    client.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Stopped"
