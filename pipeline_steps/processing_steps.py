"""The steps that run ``processing/``: Download, Preprocess, Champion, Evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline_steps.context import Context, job_retries
from pipeline_steps.machines import Machines, one_machine, spark_cluster
from pipeline_steps.protection import processing_network
from pipeline_steps.sdk import (
    ExecutionVariables,
    Join,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    ProcessingStep,
    Processor,
    PropertyFile,
    TransformStep,
)
from processing import names

_CODE = "code"
_OF_MODEL = (names.EVALUATION, names.MANIFEST, names.VOCABULARY)
"""The outputs that a registered version refers to, and that live as long as it does."""

EVALUATION_REPORT = PropertyFile(
    name="EvaluationReport", output_name=names.EVALUATION, path=names.EVALUATION_FILE
)


def download_step(context: Context) -> ProcessingStep:
    """The dataset's URI becomes one archive in S3."""
    return _processing_step(
        context,
        name="Download",
        display_name="Download-reviews",
        description="Fetches the dataset; the only job that needs the internet.",
        arguments=[
            *("--uri", context.parameters.dataset_uri),
            *("--output", names.output_path(names.RAW)),
        ],
        inputs={},
        outputs=[names.RAW],
        isolated=False,
        cache_config=context.cache(),
    )


def preprocess_step(context: Context, *, download: ProcessingStep | None) -> ProcessingStep:
    """The archive becomes features, labels, a vocabulary and a manifest.

    Without Download it is read where DatasetUri says, by SageMaker itself: a job in network
    isolation gets its inputs all the same. Spark does the same work on several machines.
    """
    parameters = context.parameters
    on_spark = context.settings.on_spark
    return _processing_step(
        context,
        name="Preprocess",
        display_name="Text-to-bags-of-words",
        description="Strips HTML, drops stop words, stems, counts; splits into train, validation "
        "and test.",
        arguments=[
            *("--raw", names.input_path(names.RAW)),
            *("--output", names.OUTPUT),
            *("--vocabulary-size", parameters.vocabulary_size.to_string()),
            *("--validation-fraction", parameters.validation_fraction.to_string()),
            *("--feature-format", parameters.feature_format),
            *("--training-parts", parameters.training_instance_count.to_string()),
            *("--seed", parameters.seed.to_string()),
        ],
        inputs={names.RAW: output_of(download, names.RAW) if download else parameters.dataset_uri},
        outputs=[
            names.TRAIN,
            names.VALIDATION,
            names.TEST,
            names.LABELS,
            names.VOCABULARY,
            names.MANIFEST,
        ],
        isolated=not on_spark,
        cache_config=context.cache(),
        job=names.SPARK_PREPROCESS if on_spark else None,
        machines=spark_cluster(context) if on_spark else None,
    )


def champion_step(context: Context) -> ProcessingStep:
    """The newest approved version's evaluation, for Evaluate to hold the new model against.

    Never cached: what it says depends on who has approved what.
    """
    return _processing_step(
        context,
        name="Champion",
        display_name="Look-up-champion",
        description="Asks the model registry for the newest approved version; needs its API.",
        arguments=[
            *("--group", context.parameters.model_package_group_name),
            *("--output", names.output_path(names.CHAMPION)),
        ],
        inputs={},
        outputs=[names.CHAMPION],
        isolated=False,
    )


def evaluate_step(
    context: Context,
    *,
    preprocess: ProcessingStep,
    transform: TransformStep,
    champion: ProcessingStep | None,
) -> ProcessingStep:
    """Predictions against labels, and against the champion, become the evaluation report."""
    return _processing_step(
        context,
        name="Evaluate",
        display_name="Measure-accuracy",
        description="Compares the predictions of the test set with its labels.",
        arguments=[
            *("--predictions", names.input_path(names.PREDICTIONS)),
            *("--labels", names.input_path(names.LABELS)),
            *("--output", names.OUTPUT),
            *("--pipeline", ExecutionVariables.PIPELINE_NAME),
            *(_against_champion(context) if champion else ()),
        ],
        inputs={
            names.PREDICTIONS: transform.properties.TransformOutput.S3OutputPath,
            names.LABELS: output_of(preprocess, names.LABELS),
            **({names.CHAMPION: output_of(champion, names.CHAMPION)} if champion else {}),
        },
        outputs=[names.EVALUATION],
        isolated=True,
        property_files=[EVALUATION_REPORT],
    )


def _against_champion(context: Context) -> tuple[Any, ...]:
    margin = context.parameters.champion_margin
    assert margin is not None
    return (
        *("--champion", names.input_path(names.CHAMPION)),
        *("--champion-margin", margin.to_string()),
    )


def output_of(step: ProcessingStep, name: str) -> Any:
    """Where a step's output lies; whoever uses it runs after that step."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def _processing_step(
    context: Context,
    *,
    name: str,
    arguments: Sequence[Any],
    inputs: Mapping[str, Any],
    outputs: Sequence[str],
    isolated: bool,
    job: str | None = None,
    machines: Machines | None = None,
    **step: Any,
) -> ProcessingStep:
    """A step that runs one job of the code asset, if not told otherwise its own, on one machine."""
    parameters = context.parameters
    machines = machines or one_machine(context)
    code_file = Join(on="/", values=[names.input_path(_CODE), parameters.code_file])
    processor = Processor(
        role=parameters.execution_role_arn,
        image_uri=machines.image_uri,
        instance_type=machines.instance_type,
        instance_count=machines.instance_count,
        volume_size_in_gb=machines.volume_gb,
        entrypoint=["python3", code_file, job or name.lower()],
        max_runtime_in_seconds=context.max_runtime_seconds,
        network_config=processing_network(context, isolated=isolated),
        volume_kms_key=parameters.kms_key_arn,
        output_kms_key=parameters.kms_key_arn,
        sagemaker_session=context.session,
    )
    code_uri = Join(on="/", values=[parameters.code_uri, parameters.code_file])
    request = processor.run(
        arguments=list(arguments),
        inputs=[_input(_CODE, code_uri), *(_input(key, uri) for key, uri in inputs.items())],
        outputs=[_output(key, _place(context, key)) for key in outputs],
    )
    return ProcessingStep(name=name, step_args=request, retry_policies=job_retries(), **step)


def _place(context: Context, output: str) -> Join:
    return context.model_uri(output) if output in _OF_MODEL else context.work_uri(output)


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
