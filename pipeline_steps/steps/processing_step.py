"""Steps that run a job of ``processing/``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pipeline_steps.context import Context, job_retries
from pipeline_steps.sdk import (
    Join,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    ProcessingStep,
    Processor,
)
from pipeline_steps.steps.job_resources import JobResources, sklearn_instance
from pipeline_steps.steps.networking import processing_network
from processing import names

_CODE = "code"


def input_options(inputs: Iterable[str]) -> list[str]:
    """Return the options of a job that name the folders of these inputs."""
    return [word for name in inputs for word in (f"--{name}", names.input_path(name))]


def processing_step(
    context: Context[Any],
    *,
    name: str,
    arguments: Sequence[Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Callable[[str], Join]],
    isolated: bool,
    environment: Mapping[str, Any] | None = None,
    job: str | None = None,
    resources: JobResources | None = None,
    **step: Any,
) -> ProcessingStep:
    """Return a step that runs a job of the code asset.

    outputs: functions by output name that return the output's URI, such as ``context.work_uri``.
    job: the lowercase name of the step by default. resources: one instance with scikit-learn by
    default.
    """
    deployment = context.deployment
    resources = resources or sklearn_instance(context)
    code_file = Join(on="/", values=[names.input_path(_CODE), deployment.code_file])
    processor = Processor(
        role=deployment.execution_role_arn,
        image_uri=resources.image_uri,
        instance_type=resources.instance_type,
        instance_count=resources.instance_count,
        volume_size_in_gb=resources.volume_gb,
        entrypoint=["python3", code_file, job or name.lower()],
        env=dict(environment) if environment else None,
        max_runtime_in_seconds=context.max_runtime_seconds,
        network_config=processing_network(context, isolated=isolated),
        volume_kms_key=deployment.kms_key_arn,
        output_kms_key=deployment.kms_key_arn,
        sagemaker_session=context.session,
    )
    code_uri = Join(on="/", values=[deployment.code_uri, deployment.code_file])
    request = processor.run(
        arguments=list(arguments),
        inputs=[_input(_CODE, code_uri), *(_input(key, uri) for key, uri in inputs.items())],
        outputs=[_output(key, uri_of(key)) for key, uri_of in outputs.items()],
    )
    return ProcessingStep(name=name, step_args=request, retry_policies=job_retries(), **step)


def output_of(step: ProcessingStep, name: str) -> Any:
    """Return the URI of a step's output; a step that uses it runs after that step."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def folder_of(step: ProcessingStep, name: str) -> Join:
    """Return the URI of a step's output with a slash at its end, which makes it a folder.

    An input of SageMaker is a prefix of keys: without the slash, it could be one object.
    """
    return Join(on="", values=[output_of(step, name), "/"])


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
