"""ParallelismConfiguration of the emulated SageMaker: how many steps run at the same time."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from local_runner.cores import available_cores
from tests.support.emulated_pipelines import RunningPipeline, create_pipeline
from tests.support.emulator_process import Emulator
from tests.support.runner_samples import document, parameter, processing

# Ends when as many programs run as the folder's file "expected" says.
_MEET = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / str(os.getpid())).touch()
deadline = time.monotonic() + 60
while len(list(folder.glob("[0-9]*"))) < int((folder / "expected").read_text()):
    assert time.monotonic() < deadline, "the steps don't run in parallel"
    time.sleep(0.01)
"""
_STEPS = available_cores() + 1


def limit(steps: int) -> dict[str, Any]:
    return {"ParallelismConfiguration": {"MaxParallelExecutionSteps": steps}}


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator) -> RunningPipeline:
    program = ("-c", _MEET, {"Get": "Parameters.Folder"})
    steps = (processing(f"Step{number}", program=program) for number in range(_STEPS))
    definition = document(*steps, parameters=(parameter("Folder"),))
    return create_pipeline(emulator, "parallel-steps", definition, **limit(1))


def start(pipeline: RunningPipeline, folder: Path, **configuration: Any) -> str:
    started = pipeline.sagemaker.start_pipeline_execution(
        PipelineName=pipeline.name,
        PipelineParameters=[{"Name": "Folder", "Value": str(folder)}],
        **configuration,
    )
    return str(started["PipelineExecutionArn"])


def test_limit_of_the_pipeline_is_the_default(pipeline: RunningPipeline, tmp_path: Path) -> None:
    (tmp_path / "expected").write_text("1")
    described = pipeline.ended(start(pipeline, tmp_path))
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 1}
    times = [
        (step["StartTime"], step["EndTime"])
        for step in pipeline.steps(described["PipelineExecutionArn"]).values()
    ]
    assert len(times) == _STEPS
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(sorted(times)))


def test_start_and_retry_override_the_limit(pipeline: RunningPipeline, tmp_path: Path) -> None:
    arn = start(pipeline, tmp_path, **limit(2))  # the programs miss the file "expected"
    described = pipeline.ended(arn)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    for name in list(tmp_path.iterdir()):
        name.unlink()
    (tmp_path / "expected").write_text(str(_STEPS))
    pipeline.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, **limit(_STEPS))
    described = pipeline.ended(arn)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": _STEPS}


def test_limit_of_the_pipeline_can_be_changed(pipeline: RunningPipeline) -> None:
    pipeline.sagemaker.update_pipeline(PipelineName=pipeline.name, **limit(3))
    described = pipeline.sagemaker.describe_pipeline(PipelineName=pipeline.name)
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
