"""Executions and endpoints are processes: they end with the emulator, and fail if killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulated_pipelines import ROLE, RunningPipeline, create_pipeline
from tests.support.emulator_process import Emulator, running_emulator
from tests.support.programs import children, eventually, is_running
from tests.support.runner_samples import document, processing
from tests.support.served_models import served_model

SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
DEFINITION = document(processing("Sleep", program=("-c", SLEEP)))


def start_sleeping(emulator: Emulator) -> tuple[RunningPipeline, str, int]:
    """Start an execution whose only job sleeps. Return pipeline, ARN and the job's process id."""
    pipeline = create_pipeline(emulator, "sleep", DEFINITION)
    arn = pipeline.start()
    logs = emulator.client("logs")

    def first_line() -> str | None:
        try:
            found = logs.filter_log_events(logGroupName="/aws/sagemaker/ProcessingJobs")
        except logs.exceptions.ResourceNotFoundException:  # created with the first line
            return None
        return next((event["message"] for event in found["events"]), None)

    eventually(lambda: "Metadata" in pipeline.steps(arn).get("Sleep", {}))
    return pipeline, arn, int(eventually(first_line))


def start_endpoint(emulator: Emulator, folder: Path) -> None:
    """Start an endpoint, and wait until it is in service."""
    model = served_model(folder)
    emulator.client("s3").create_bucket(Bucket="models")
    emulator.client("s3").upload_file(str(model.archive), "models", "model.tar.gz")
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_model(
        ModelName="one",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": model.image,
            "ModelDataUrl": "s3://models/model.tar.gz",
            "Environment": dict(model.environment),
        },
    )
    variant = {"VariantName": "all", "ModelName": "one", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="one", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName="one", EndpointConfigName="one")
    eventually(
        lambda: sagemaker.list_endpoints(NameContains="one", StatusEquals="InService")["Endpoints"]
    )


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children and of their children, at any depth."""
    return [found for child in children(pid) for found in (child, *descendants(child))]


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulated AWS for one test."""
    with running_emulator(tmp_path / "emulator.log") as running:
        yield running


def test_execution_and_its_jobs_fail_if_its_process_is_killed(own_emulator: Emulator) -> None:
    pipeline, arn, job = start_sleeping(own_emulator)
    [process] = own_emulator.execution_processes()
    os.kill(process, signal.SIGKILL)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    step = pipeline.steps(arn)["Sleep"]
    assert step["StepStatus"] == "Failed"
    assert step["FailureReason"].startswith("InternalServerError: ")
    name = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    described = pipeline.sagemaker.describe_processing_job(ProcessingJobName=name)
    assert described["ProcessingJobStatus"] == "Failed"
    eventually(lambda: not is_running(job), 10)


def test_executions_and_endpoints_end_with_the_emulator(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "emulator.log") as emulator:
        _, _, job = start_sleeping(emulator)
        start_endpoint(emulator, tmp_path)
        processes = [emulator.pid, *descendants(emulator.pid)]
        assert job in processes
    assert [pid for pid in processes if is_running(pid)] == []


def test_killed_emulator_leaves_no_process(own_emulator: Emulator, tmp_path: Path) -> None:
    _, _, job = start_sleeping(own_emulator)
    start_endpoint(own_emulator, tmp_path)
    processes = descendants(own_emulator.pid)
    assert job in processes
    os.kill(own_emulator.pid, signal.SIGKILL)
    eventually(lambda: not any(map(is_running, processes)), 10)
