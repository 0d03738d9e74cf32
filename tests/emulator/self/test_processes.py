"""Executions are processes: they end with the emulator, and fail if they are killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulated_pipelines import RunningPipeline, create_pipeline
from tests.support.emulator_process import Emulator, running_emulator
from tests.support.programs import eventually, is_running
from tests.support.runner_samples import document, processing

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


def test_executions_and_jobs_end_with_the_emulator(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "emulator.log") as emulator:
        _, _, job = start_sleeping(emulator)
        processes = [emulator.pid, *emulator.execution_processes(), job]
        assert len(processes) == 3
    assert [pid for pid in processes if is_running(pid)] == []


def test_killed_emulator_leaves_no_process(own_emulator: Emulator) -> None:
    _, _, job = start_sleeping(own_emulator)
    processes = [*own_emulator.execution_processes(), job]
    os.kill(own_emulator.pid, signal.SIGKILL)
    eventually(lambda: not any(map(is_running, processes)), 10)
