"""A step that runs one job of ``processing/``: what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline_steps.context import Context, job_retries
from pipeline_steps.job_resources import Machines, one_machine
from pipeline_steps.networking import processing_network
from pipeline_steps.sdk import (
    Join,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    ProcessingStep,
    Processor,
)
from processing import names

_CODE = "code"


def processing_step(
    context: Context[Any],
    *,
    name: str,
    arguments: Sequence[Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Callable[[str], Join]],
    isolated: bool,
    job: str | None = None,
    machines: Machines | None = None,
    **step: Any,
) -> ProcessingStep:
    """A step that runs one job of the code asset, if not told otherwise its own, on one machine.

    outputs: the outputs' names, each with who knows its place (``context.work_uri``, say).
    """
    deployed = context.deployed
    machines = machines or one_machine(context)
    code_file = Join(on="/", values=[names.input_path(_CODE), deployed.code_file])
    processor = Processor(
        role=deployed.execution_role_arn,
        image_uri=machines.image_uri,
        instance_type=machines.instance_type,
        instance_count=machines.instance_count,
        volume_size_in_gb=machines.volume_gb,
        entrypoint=["python3", code_file, job or name.lower()],
        max_runtime_in_seconds=context.max_runtime_seconds,
        network_config=processing_network(context, isolated=isolated),
        volume_kms_key=deployed.kms_key_arn,
        output_kms_key=deployed.kms_key_arn,
        sagemaker_session=context.session,
    )
    code_uri = Join(on="/", values=[deployed.code_uri, deployed.code_file])
    request = processor.run(
        arguments=list(arguments),
        inputs=[_input(_CODE, code_uri), *(_input(key, uri) for key, uri in inputs.items())],
        outputs=[_output(key, place(key)) for key, place in outputs.items()],
    )
    return ProcessingStep(name=name, step_args=request, retry_policies=job_retries(), **step)


def output_of(step: ProcessingStep, name: str) -> Any:
    """Where a step's output lies; whoever uses it runs after that step."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def _input(name: str, uri: Any) -> ProcessingInput:
    return ProcessingInput(
        input_name=name,
        s3_input=ProcessingS3Input(
            s3_uri=uri,
            local_path=names.input_path(name),
            s3_data_type="S3Prefix",
            s3_input_mode="File",
            s3_data_distribution_type="FullyReplicated",
        ),
    )


def _output(name: str, uri: Any) -> ProcessingOutput:
    return ProcessingOutput(
        output_name=name,
        s3_output=ProcessingS3Output(
            s3_uri=uri, local_path=names.output_path(name), s3_upload_mode="EndOfJob"
        ),
    )
