"""Pipelines in the emulated AWS: creating them, starting and watching their executions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.names import CODE_FILE, Parameter
from tests.support.emulator_process import Emulator
from tests.support.programs import eventually
from tests.support.small_pipeline import ROWS
from tests.support.small_pipeline import definition as small_definition

_ENDED = ("Succeeded", "Failed", "Stopped")
GROUP = "sentiment"
ROLE = "arn:aws:iam::123456789012:role/pipelines"


@dataclass(frozen=True)
class RunningPipeline:
    """A pipeline of the emulated SageMaker, by name."""

    emulator: Emulator
    name: str

    @property
    def sagemaker(self) -> Any:
        """The SageMaker client."""
        return self.emulator.client("sagemaker")

    def start(self, **parameters: str) -> str:
        """Start an execution and return its ARN."""
        values = [{"Name": name, "Value": value} for name, value in parameters.items()]
        started = self.sagemaker.start_pipeline_execution(
            PipelineName=self.name, PipelineParameters=values
        )
        return str(started["PipelineExecutionArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """Wait for the execution's end and return its description."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_pipeline_execution(
                PipelineExecutionArn=arn
            )
            return found if found["PipelineExecutionStatus"] in _ENDED else None

        return eventually(look)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        """Return the execution's steps by name, in the order in which they started."""
        found = self.sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=100
        )
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


def cached(steps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of the steps that were taken from the cache."""
    return [name for name, step in steps.items() if "CacheHitResult" in step]


def create_pipeline(
    emulator: Emulator, name: str, definition: Mapping[str, Any], **options: Any
) -> RunningPipeline:
    """Create a pipeline without CloudFormation."""
    emulator.client("sagemaker").create_pipeline(
        PipelineName=name, PipelineDefinition=json.dumps(definition), RoleArn=ROLE, **options
    )
    return RunningPipeline(emulator, name)


def create_project_pipeline(
    emulator: Emulator, name: str, definition: Path, bucket: str
) -> RunningPipeline:
    """Create a pipeline of the project with the values of a deployment as defaults."""
    document = json.loads(definition.read_text(encoding="utf-8"))
    values = {
        Parameter.ARTIFACTS_URI: f"s3://{bucket}",
        Parameter.CODE_URI: f"s3://{bucket}/code",
        Parameter.CODE_FILE: CODE_FILE,
        Parameter.EXECUTION_ROLE_ARN: ROLE,
        Parameter.MODEL_PACKAGE_GROUP_NAME: GROUP,
        Parameter.KMS_KEY_ARN: "",
        Parameter.COMMIT: "unknown",
    }
    for parameter in document["Parameters"]:
        if parameter["Name"] in values:
            parameter["DefaultValue"] = values[parameter["Name"]]
    return create_pipeline(emulator, name, document)


def create_small_pipeline(emulator: Emulator, name: str) -> RunningPipeline:
    """Create the small pipeline, with a bucket of rows and a model package group of its name."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="raw/rows.csv", Body=ROWS.encode())
    emulator.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    return create_pipeline(emulator, name, small_definition(name, name))
