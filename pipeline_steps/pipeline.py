"""The training pipeline. The code mirrors its diagram: arguments are the arrows."""

from __future__ import annotations

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters, in_order
from pipeline_steps.sdk import Pipeline
from pipeline_steps.steps.gate import quality_gate_step, reject_step
from pipeline_steps.steps.model import (
    create_model_step,
    model_builder,
    register_step,
    train_step,
    transform_step,
)
from pipeline_steps.steps.processing import (
    champion_step,
    download_step,
    evaluate_step,
    package_step,
    preprocess_step,
)
from pipeline_steps.steps.processing_step import output_of
from processing.names import TEST


def build_pipeline(context: Context[Parameters]) -> Pipeline:
    """Download -> Preprocess -> Train -> CreateModel -> Transform -> Evaluate -> QualityGate.

    Package runs after Train, beside Transform, and Evaluate waits for both. Settings may remove
    Download (dataset_uri) or add Champion (champion_margin).
    """
    download = download_step(context) if context.settings.has_download else None
    preprocess = preprocess_step(context, download=download)
    train = train_step(context, preprocess=preprocess)
    builder = model_builder(context, train=train)
    model = create_model_step(builder=builder)
    package = package_step(context, preprocess=preprocess, train=train)
    transform = transform_step(
        context,
        features=output_of(preprocess, TEST),
        content_type=context.parameters.feature_format,
        model=model,
    )
    champion = champion_step(context) if context.settings.has_champion else None
    evaluate = evaluate_step(
        context,
        preprocess=preprocess,
        train=train,
        package=package,
        transform=transform,
        champion=champion,
    )
    register = register_step(
        context, train=train, preprocess=preprocess, package=package, evaluate=evaluate
    )
    reject = reject_step(context, evaluate=evaluate)
    gate = quality_gate_step(context, evaluate=evaluate, passed=register, failed=reject)

    steps = [download, preprocess, train, model, package, transform, champion, evaluate, gate]
    return Pipeline(
        name="sentiment",
        parameters=in_order(context.parameters, context.deployment),
        steps=[step for step in steps if step],
        pipeline_experiment_config=None,
        mlflow_config=context.mlflow("sentiment"),
        sagemaker_session=context.session,
    )
