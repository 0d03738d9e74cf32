"""Pipelines in the emulated AWS: laid ready, started, watched."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.clean_room import DEFINITION, ROOT
from tests.support.emulator_programs import Emulator, eventually

_OVER = ("Succeeded", "Failed", "Stopped")
ROLE = "arn:aws:iam::123456789012:role/pipelines"


@dataclass(frozen=True)
class RunningPipeline:
    """A pipeline of the emulated SageMaker, by name."""

    emulator: Emulator
    name: str

    @property
    def sagemaker(self) -> Any:
        """The client."""
        return self.emulator.client("sagemaker")

    def start(self, **parameters: str) -> str:
        """Starts an execution, as the console does; its ARN."""
        given = [{"Name": name, "Value": value} for name, value in parameters.items()]
        started = self.sagemaker.start_pipeline_execution(
            PipelineName=self.name, PipelineParameters=given
        )
        return str(started["PipelineExecutionArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """What describing the execution tells, once it is over."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_pipeline_execution(
                PipelineExecutionArn=arn
            )
            return found if found["PipelineExecutionStatus"] in _OVER else None

        return eventually(look)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        """The execution's steps by name, in the order in which they started."""
        found = self.sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=100
        )
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


def cached(steps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The steps that were taken from the cache."""
    return [name for name, step in steps.items() if "CacheHitResult" in step]


def lay_ready(
    emulator: Emulator, name: str, archive: Path, folder: Path
) -> tuple[RunningPipeline, dict[str, str]]:
    """A pipeline of the committed definition without CloudFormation, and its parameters."""
    s3, sagemaker = emulator.client("s3"), emulator.client("sagemaker")
    s3.create_bucket(Bucket=name)
    s3.upload_file(str(archive), name, "raw/reviews.tar.gz")
    code = folder / "processing.pyz"
    subprocess.run(
        [sys.executable, "-m", "processing.packaging", str(code)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    file = f"{hashlib.sha256(code.read_bytes()).hexdigest()}.pyz"
    s3.upload_file(str(code), name, f"code/{file}")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_pipeline(
        PipelineName=name,
        PipelineDefinition=DEFINITION.read_text(encoding="utf-8"),
        RoleArn=ROLE,
    )
    return RunningPipeline(emulator, name), {
        "ArtifactsUri": f"s3://{name}",
        "CodeFile": file,
        "CodeUri": f"s3://{name}/code",
        "DatasetUri": f"s3://{name}/raw/reviews.tar.gz",
        "ExecutionRoleArn": ROLE,
        "ModelPackageGroupName": name,
        "NumRound": "20",
    }
