"""Cleanup steps and names of jobs in the emulated SageMaker."""

from __future__ import annotations

from tests.support.emulated_pipelines import create_pipeline
from tests.support.emulator_process import Emulator
from tests.support.runner_samples import document, processing

NAME = "cleaned-up"
_WRITE = """
import pathlib, sys
pathlib.Path(*sys.argv[1:]).write_text("1")
"""


def test_cleanup_step_deletes_objects_named_by_the_job_and_describes_it(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=NAME)
    own_name = {"Get": "Execution.ProcessingJobName"}
    of_job = {"Get": "Steps.Write.ProcessingJobName"}
    uri = {"Std:Join": {"On": "/", "Values": [f"s3://{NAME}/rows", of_job]}}
    sources = [{"StepName": "Write", "S3Uris": [uri]}]
    clean = {"Name": "Clean", "Type": "Cleanup", "Arguments": {"Resources": {"S3": sources}}}
    s3.put_object(Bucket=NAME, Key="rows/kept", Body=b"")
    program = ("-c", _WRITE, "/opt/ml/processing/output/rows", own_name)
    write = processing("Write", outputs={"rows": f"s3://{NAME}/rows"}, program=program)
    pipeline = create_pipeline(emulator, NAME, document(write, clean))

    described = pipeline.ended(pipeline.start())
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=NAME)["Contents"]] == ["rows/kept"]
    steps = pipeline.steps(described["PipelineExecutionArn"])
    assert steps["Clean"]["Metadata"]["Cleanup"] == {
        "CleanedSteps": ["Write"],
        "FailedSteps": [],
        "SkippedSteps": [],
    }
    job = steps["Write"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert job.startswith(
        f"pipelines-{described['PipelineExecutionArn'].rpartition('/')[2]}-Write-"
    )
