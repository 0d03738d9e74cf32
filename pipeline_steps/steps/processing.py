"""The training pipeline's processing steps: Download, Preprocess, Package, Champion, Evaluate."""

from __future__ import annotations

from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import (
    ExecutionVariables,
    Join,
    ProcessingStep,
    PropertyFile,
    TransformStep,
)
from pipeline_steps.steps.hyperparameters import hyperparameters
from pipeline_steps.steps.job_resources import spark_cluster, xgboost_image, xgboost_instance
from pipeline_steps.steps.processing_step import (
    folder_of,
    input_options,
    output_of,
    processing_step,
)
from pipeline_steps.steps.tuning import TrainStep, model_of, tuned_values
from processing import names

EVALUATION_REPORT = PropertyFile(
    name="EvaluationReport", output_name=names.EVALUATION, path=names.EVALUATION_FILE
)
MODEL_CARD = PropertyFile(
    name="ModelCard", output_name=names.EVALUATION, path=names.MODEL_CARD_FILE
)


def download_step(context: Context[Parameters]) -> ProcessingStep:
    """Copy the dataset into the environment's own bucket."""
    return processing_step(
        context,
        name=names.Step.DOWNLOAD,
        display_name="Download-reviews",
        description="Downloads the dataset; the only step that needs the internet.",
        arguments=[
            *("--uri", context.parameters.dataset_uri),
            *("--output", names.output_path(names.RAW)),
        ],
        inputs={},
        outputs={names.RAW: context.work_uri},
        isolated=False,
        environment=_dataset_version(context),
        cache_config=context.cache(),
    )


def _dataset_version(context: Context[Parameters]) -> dict[str, Any]:
    """Return a variable that no job reads, for the step cache of the step that reads the dataset.

    The cache compares the dataset's URI and the environment, not the dataset.
    """
    return {"DATASET_VERSION": context.parameters.dataset_version}


def preprocess_step(
    context: Context[Parameters], *, download: ProcessingStep | None
) -> ProcessingStep:
    """Turn reviews into features, labels, a vocabulary and a manifest.

    Without Download, SageMaker copies the dataset from DatasetUri, for isolated jobs too: of one
    object, also those whose keys begin with its key, which the job ignores. On Spark, a cluster
    does the same work.
    """
    parameters, on_spark = context.parameters, context.settings.on_spark
    return processing_step(
        context,
        name=names.Step.PREPROCESS,
        display_name="Text-to-features",
        description="Turns reviews into features of the training, validation and test sets.",
        arguments=[
            *("--raw", names.input_path(names.RAW)),
            *("--output", names.OUTPUT),
            *_as_options(preprocess_parameters(context)),
            *("--training-parts", parameters.training_instance_count.to_string()),
            *("--seed", parameters.seed.to_string()),
        ],
        inputs={names.RAW: folder_of(download, names.RAW) if download else parameters.dataset_uri},
        outputs={
            names.TRAIN: context.work_uri,
            names.VALIDATION: context.work_uri,
            names.TEST: context.work_uri,
            names.LABELS: context.work_uri,
            names.ROWS: context.work_uri,
            # A registered version refers to these outputs, so they don't expire.
            names.VOCABULARY: context.model_uri,
            names.MANIFEST: context.model_uri,
        },
        isolated=not on_spark,
        environment={} if download else _dataset_version(context),
        cache_config=context.cache(),
        job=names.PREPROCESS_ON_SPARK if on_spark else None,
        resources=spark_cluster(context) if on_spark else None,
    )


def preprocess_parameters(context: Context[Parameters]) -> dict[str, Any]:
    """Return what determines the features together with the seed, by option of Preprocess."""
    parameters = context.parameters
    return {
        "text_column": parameters.text_column,
        "label_column": parameters.label_column,
        "id_column": parameters.id_column,
        "positive_label": parameters.positive_label,
        "test_fraction": parameters.test_fraction.to_string(),
        "validation_fraction": parameters.validation_fraction.to_string(),
        "features": parameters.features,
        "vocabulary_size": parameters.vocabulary_size.to_string(),
        "feature_format": parameters.feature_format,
    }


def _as_options(values: dict[str, Any]) -> list[Any]:
    return [
        word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", value)
    ]


def package_step(
    context: Context[Parameters], *, preprocess: ProcessingStep, train: TrainStep
) -> ProcessingStep:
    """Choose the decision threshold; pack the archive that answers requests with text.

    It runs beside Transform, for which the evaluation waits longer. A goal for the threshold needs
    the scores of the validation set, so the job runs in the XGBoost image.
    """
    inputs = {
        names.MODEL: model_of(context, train),
        names.VOCABULARY: output_of(preprocess, names.VOCABULARY),
        names.VALIDATION: output_of(preprocess, names.VALIDATION),
    }
    return processing_step(
        context,
        name=names.Step.PACKAGE,
        display_name="Package-model",
        description="Chooses the decision threshold; packs the model with what serves it.",
        arguments=[
            *input_options(inputs),
            *("--decision-threshold", context.parameters.decision_threshold),
            *("--output", names.OUTPUT),
        ],
        inputs=inputs,
        outputs={names.PACKAGE: context.model_uri},
        isolated=True,
        resources=xgboost_instance(context),
        cache_config=context.cache(),
    )


def champion_step(context: Context[Parameters]) -> ProcessingStep:
    """Fetch the evaluation of the newest approved version, with which Evaluate compares.

    Never cached, because its result depends on approvals.
    """
    return processing_step(
        context,
        name=names.Step.CHAMPION,
        display_name="Look-up-champion",
        description="Looks up the newest approved version in the model registry; needs a network.",
        arguments=[
            *("--group", context.deployment.model_package_group_name),
            *("--output", names.output_path(names.CHAMPION)),
        ],
        inputs={},
        outputs={names.CHAMPION: context.work_uri},
        isolated=False,
    )


def evaluate_step(
    context: Context[Parameters],
    *,
    preprocess: ProcessingStep,
    package: ProcessingStep,
    train: TrainStep,
    transform: TransformStep,
    champion: ProcessingStep | None,
) -> ProcessingStep:
    """Evaluate the predictions and compare them with the champion's; write report and model card.

    The report reads the model and plots, so the job runs in the XGBoost image.
    """
    preprocessed = (
        *(names.LABELS, names.ROWS, names.TRAIN, names.VALIDATION),
        *(names.VOCABULARY, names.MANIFEST),
    )
    inputs = {
        names.PREDICTIONS: transform.properties.TransformOutput.S3OutputPath,
        names.PACKAGE: output_of(package, names.PACKAGE),
        **{name: output_of(preprocess, name) for name in preprocessed},
        **({names.CHAMPION: output_of(champion, names.CHAMPION)} if champion else {}),
    }
    return processing_step(
        context,
        name=names.Step.EVALUATE,
        display_name="Evaluate-model",
        description="Evaluates the predictions; writes the HTML report and the model card.",
        arguments=[
            *input_options(inputs),
            *("--output", names.OUTPUT),
            *("--pipeline", ExecutionVariables.PIPELINE_NAME),
            *("--gate-metric", context.parameters.gate_metric),
            *("--gate-threshold", context.parameters.gate_threshold.to_string()),
            *("--dataset", context.parameters.dataset_uri),
            *(_margin(context) if champion else ()),
            *("--provenance", *_provenance(context, train)),
        ],
        inputs=inputs,
        outputs={names.EVALUATION: context.model_uri},
        isolated=True,
        resources=xgboost_instance(context),
        property_files=[EVALUATION_REPORT, MODEL_CARD],
    )


def _margin(context: Context[Parameters]) -> tuple[Any, ...]:
    margin = context.parameters.champion_margin
    assert margin is not None
    return "--champion-margin", margin.to_string()


def _provenance(context: Context[Parameters], train: TrainStep) -> list[Join]:
    """Return what determines the model together with the data, as ``name=value``.

    Parameters have the names of their fields, from which the model card derives a command.
    """
    values = {
        names.EXECUTION: ExecutionVariables.PIPELINE_EXECUTION_ID,
        names.STARTED: ExecutionVariables.START_DATETIME,
        names.COMMIT: context.parameters.commit,
        "code": context.deployment.code_file,
        "image": xgboost_image(context),
        **preprocess_parameters(context),
        "training_instance_count": context.parameters.training_instance_count.to_string(),
        **hyperparameters(context, tuned_values(context, train)),
        "decision_threshold": context.parameters.decision_threshold,
    }
    return [Join(on="=", values=[name, value]) for name, value in values.items()]
