"""Executions are processes: what becomes of them when one is killed, and when AWS ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulated_pipelines import ROLE, RunningPipeline
from tests.support.emulator_programs import Emulator, eventually, running_emulator

SLEEP = {
    "AppSpecification": {
        "ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2",
        "ContainerEntrypoint": [
            *("python3", "-c"),
            "import os, time; print(os.getpid()); time.sleep(600)",
        ],
    },
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    },
    "RoleArn": ROLE,
}
DEFINITION = {
    "Version": "2020-12-01",
    "Steps": [{"Name": "Sleep", "Type": "Processing", "Arguments": SLEEP}],
}


def sleeping(emulator: Emulator) -> tuple[RunningPipeline, str, int]:
    """An execution whose only job sleeps: its pipeline, its ARN, the process of the job."""
    client = emulator.client("sagemaker")
    client.create_pipeline(
        PipelineName="sleep", PipelineDefinition=json.dumps(DEFINITION), RoleArn=ROLE
    )
    pipeline = RunningPipeline(emulator, "sleep")
    arn = pipeline.start()

    def printed() -> str | None:
        logs = emulator.client("logs")
        try:
            found = logs.filter_log_events(logGroupName="/aws/sagemaker/ProcessingJobs")
        except logs.exceptions.ResourceNotFoundException:  # it comes with the first line
            return None
        return next((event["message"] for event in found["events"]), None)

    eventually(lambda: "Metadata" in pipeline.steps(arn).get("Sleep", {}))
    return pipeline, arn, int(eventually(printed))


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[Emulator]:
    with running_emulator(tmp_path / "emulator.log") as running:
        yield running


def test_an_execution_whose_process_is_killed_has_failed_with_its_jobs(
    own_emulator: Emulator,
) -> None:
    pipeline, arn, job = sleeping(own_emulator)
    [process] = own_emulator.execution_processes()
    os.kill(process, signal.SIGKILL)
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    step = pipeline.steps(arn)["Sleep"]
    assert step["StepStatus"] == "Failed"
    assert "ended without a word" in step["FailureReason"]
    name = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    described = pipeline.sagemaker.describe_processing_job(ProcessingJobName=name)
    assert described["ProcessingJobStatus"] == "Failed"
    eventually(lambda: not is_running(job), 10)


def test_ending_the_emulator_ends_executions_and_their_jobs(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "emulator.log") as emulator:
        _, _, job = sleeping(emulator)
        processes = [emulator.pid, *emulator.execution_processes(), job]
        assert len(processes) == 3
    assert [pid for pid in processes if is_running(pid)] == []


def test_a_killed_emulator_leaves_nothing_running(own_emulator: Emulator) -> None:
    _, _, job = sleeping(own_emulator)
    processes = [*own_emulator.execution_processes(), job]
    os.kill(own_emulator.pid, signal.SIGKILL)
    eventually(lambda: not any(map(is_running, processes)), 10)
