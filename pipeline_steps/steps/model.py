"""The steps that train, serve and register the model."""

from __future__ import annotations

from typing import Any

from pipeline_steps.context import Context, job_retries, step_retries
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import (
    PLACEHOLDER_ROLE,
    Channel,
    Compute,
    CountedTransformStep,
    DataSource,
    DriftCheckBaselines,
    ExecutionVariables,
    FilledModelMetrics,
    FoundModelStep,
    Join,
    JsonGet,
    MetadataProperties,
    MetricsSource,
    ModelBuilder,
    ModelPackageModelCard,
    ModelStep,
    ModelTrainer,
    OutputDataConfig,
    ProcessingStep,
    S3DataSource,
    StoppingCondition,
    TrainingStep,
    Transformer,
    TransformStep,
    without_telemetry,
)
from pipeline_steps.steps.hyperparameters import hyperparameters
from pipeline_steps.steps.job_resources import VOLUME_GB, xgboost_image
from pipeline_steps.steps.networking import model_network, training_network
from pipeline_steps.steps.processing import EVALUATION_REPORT, MODEL_CARD
from pipeline_steps.steps.processing_step import output_of
from pipeline_steps.steps.tuning import TrainStep, model_of, tune_step
from processing import names

# The image accepts requests up to 6 MB; Batch Transform requires payload x concurrency <= 100 MB.
_PAYLOAD_MB = 6
_CONCURRENT_REQUESTS = 4
_REQUEST_TIMEOUT_SECONDS = 600


def train_step(context: Context[Parameters], *, preprocess: ProcessingStep) -> TrainStep:
    """Train the built-in XGBoost on the training set; early stopping uses the validation set.

    With the setting ``tuning``, many such training jobs, with other hyperparameters each.
    """
    parameters = context.parameters
    trainer = ModelTrainer(
        training_image=xgboost_image(context),
        role=PLACEHOLDER_ROLE,
        base_job_name="train",
        compute=Compute(
            instance_type=parameters.training_instance_type,
            instance_count=parameters.training_instance_count,
            volume_size_in_gb=VOLUME_GB,
            volume_kms_key_id=context.deployment.kms_key_arn,
            enable_managed_spot_training=context.settings.spot or None,
        ),
        networking=training_network(context),
        stopping_condition=_stopping_condition(context),
        input_data_config=[
            _channel(context, names.TRAIN, output_of(preprocess, names.TRAIN)),
            _channel(context, names.VALIDATION, output_of(preprocess, names.VALIDATION)),
        ],
        output_data_config=_model_output(context),
        hyperparameters=hyperparameters(context),
        sagemaker_session=context.session,
    )
    # The SDK validates that the role is a string; a copy isn't validated again.
    trainer = trainer.model_copy(update={"role": context.deployment.execution_role_arn})
    train = TrainingStep(
        name=names.Step.TRAIN,
        display_name="Train-XGBoost",
        description="Trains until the metric on the validation set stops improving.",
        step_args=without_telemetry(trainer.train)(),
        cache_config=context.cache(),
        retry_policies=job_retries(),
    )
    tuning = context.settings.tuning
    return tune_step(context, tuning, train=train) if tuning else train


def model_builder(context: Context[Parameters], *, train: TrainStep) -> ModelBuilder:
    """Return the trained model for CreateModel."""
    return _builder(context, model_of(context, train))


def _builder(
    context: Context[Parameters], model_uri: Any, environment: dict[str, str] | None = None
) -> ModelBuilder:
    return ModelBuilder(
        image_uri=xgboost_image(context),
        s3_model_data_url=model_uri,
        env_vars=environment or {},
        role_arn=PLACEHOLDER_ROLE,
        network=model_network(context),
        dependencies={},  # by default, the SDK queries S3 for a bucket and adds four variables
        model_path=None,  # by default, the SDK creates a folder below /tmp
        sagemaker_session=context.session,
    )


def create_model_step(*, builder: ModelBuilder) -> ModelStep:
    """Create the model resource that Batch Transform uses."""
    return ModelStep(
        name=names.Step.CREATE_MODEL,
        display_name="Create-model",
        description="Creates the model for Batch Transform, without a network.",
        step_args=without_telemetry(builder.build)(),
        retry_policies=step_retries(),
    )


def transform_step(
    context: Context[Any], *, features: Any, content_type: Any, model: ModelStep | FoundModelStep
) -> TransformStep:
    """Score the rows below ``features`` with Batch Transform, many rows per request."""
    parameters = context.parameters
    transformer = Transformer(
        model_name=model.properties.ModelName,
        instance_type=parameters.transform_instance_type,
        instance_count=1,  # CountedTransformStep replaces it with the parameter
        strategy="MultiRecord",
        max_payload=_PAYLOAD_MB,
        max_concurrent_transforms=_CONCURRENT_REQUESTS,
        assemble_with="Line",
        accept="text/csv",
        output_path=context.work_uri(names.PREDICTIONS),
        output_kms_key=context.deployment.kms_key_arn,
        volume_kms_key=context.deployment.kms_key_arn,
        sagemaker_session=context.session,
    )
    return CountedTransformStep(
        instance_count=parameters.transform_instance_count,
        name=names.Step.TRANSFORM,
        display_name="Score-rows",
        description="Predicts a probability for each row of features with Batch Transform.",
        step_args=transformer.transform(
            data=features,
            content_type=content_type,
            split_type="Line",
            model_client_config={
                "InvocationsTimeoutInSeconds": _REQUEST_TIMEOUT_SECONDS,
                "InvocationsMaxRetries": 3,
            },
        ),
        retry_policies=job_retries(),
    )


def register_step(
    context: Context[Parameters],
    *,
    train: TrainStep,
    preprocess: ProcessingStep,
    package: ProcessingStep,
    evaluate: ProcessingStep,
) -> ModelStep:
    """Register a version that takes text, with its card, metrics, model, vocabulary and commit."""
    parameters = context.parameters
    archive = Join(on="/", values=[output_of(package, names.PACKAGE), names.MODEL_ARCHIVE])
    builder = _builder(context, archive, {**names.Serving.ENVIRONMENT})
    report = Join(on="/", values=[output_of(evaluate, names.EVALUATION), EVALUATION_REPORT.path])
    statistics = MetricsSource(content_type="application/json", s3_uri=report)
    return ModelStep(
        name=names.Step.REGISTER_MODEL,
        display_name="Register-model",
        description="Registers a version in the model package group with ModelApprovalStatus.",
        step_args=without_telemetry(builder.register)(
            model_package_group_name=context.deployment.model_package_group_name,
            content_types=[*names.Serving.REQUEST_TYPES],
            response_types=[*names.Serving.ANSWER_TYPES],
            inference_instances=[context.settings.transform_instance_type],
            transform_instances=[parameters.transform_instance_type],
            approval_status=parameters.model_approval_status,
            model_metrics=FilledModelMetrics(model_statistics=statistics),
            # The evaluation contains the reference profile, too, with which drift is measured.
            drift_check_baselines=DriftCheckBaselines(
                model_statistics=statistics, model_data_statistics=statistics
            ),
            model_card=ModelPackageModelCard(
                model_card_content=JsonGet(
                    step_name=evaluate.name,
                    property_file=MODEL_CARD,
                    json_path=names.MODEL_CARD_CONTENT,
                ),
                model_card_status="PendingReview",
            ),
            metadata_properties=MetadataProperties(
                commit_id=parameters.commit,
                generated_by=ExecutionVariables.PIPELINE_EXECUTION_ARN,
            ),
            customer_metadata_properties={
                names.MODEL: model_of(context, train),
                names.VOCABULARY: output_of(preprocess, names.VOCABULARY),
                names.MANIFEST: output_of(preprocess, names.MANIFEST),
            },
            skip_model_validation="None",
        ),
        retry_policies=step_retries(),
    )


def _channel(context: Context[Parameters], name: str, uri: Any) -> Channel:
    return Channel(
        channel_name=name,
        content_type=context.parameters.feature_format,
        input_mode="File",
        data_source=DataSource(
            s3_data_source=S3DataSource(
                s3_data_type="S3Prefix",
                s3_uri=uri,
                # The image doesn't shard the data; a single instance gets all of it.
                s3_data_distribution_type="ShardedByS3Key",
            )
        ),
    )


def _model_output(context: Context[Parameters]) -> OutputDataConfig:
    uri, key = context.model_uri("model"), context.deployment.kms_key_arn
    return OutputDataConfig(s3_output_path=uri, **({"kms_key_id": key} if key else {}))


def _stopping_condition(context: Context[Parameters]) -> StoppingCondition:
    """Return the maximum run time, and for Spot only, as the service requires, the wait time.

    There is no CheckpointConfig: the image doesn't read the checkpoints that it writes.
    """
    minutes = context.settings.spot_minutes
    wait = {} if minutes is None else {"max_wait_time_in_seconds": minutes * 60}
    return StoppingCondition(max_runtime_in_seconds=context.max_runtime_seconds, **wait)
