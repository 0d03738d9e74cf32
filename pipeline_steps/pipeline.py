"""The pipeline: its code is its diagram, its arguments are the arrows."""

from __future__ import annotations

import json

from pipeline_steps.context import Context
from pipeline_steps.gate_steps import quality_gate_step, reject_step
from pipeline_steps.model_steps import (
    create_model_step,
    model_builder,
    register_step,
    train_step,
    transform_step,
)
from pipeline_steps.processing_steps import (
    champion_step,
    download_step,
    evaluate_step,
    preprocess_step,
)
from pipeline_steps.sdk import Pipeline, offline
from pipeline_steps.settings import PipelineSettings


def build_pipeline(context: Context) -> Pipeline:
    """Download -> Preprocess -> Train -> CreateModel -> Transform -> Evaluate -> QualityGate.

    Some settings take Download out (no_network, processing_engine) or put Champion beside it
    (champion_margin).
    """
    download = download_step(context) if context.settings.downloads else None
    preprocess = preprocess_step(context, download=download)
    train = train_step(context, preprocess=preprocess)
    builder = model_builder(context, train=train)
    model = create_model_step(builder=builder)
    transform = transform_step(context, preprocess=preprocess, model=model)
    champion = None if context.settings.champion_margin is None else champion_step(context)
    evaluate = evaluate_step(context, preprocess=preprocess, transform=transform, champion=champion)
    register = register_step(context, builder=builder, preprocess=preprocess, evaluate=evaluate)
    reject = reject_step(context, evaluate=evaluate)
    gate = quality_gate_step(context, evaluate=evaluate, passed=register, failed=reject)

    return Pipeline(
        name="sentiment",
        parameters=context.parameters.all(),
        steps=[
            step
            for step in (download, preprocess, train, model, transform, champion, evaluate, gate)
            if step
        ],
        pipeline_experiment_config=None,
        sagemaker_session=context.session,
    )


def render(settings: PipelineSettings) -> str:
    """The definition for these settings as JSON: pretty, keys sorted, equal for equal settings.

    Makes no network call and takes no credentials.
    """
    with offline():
        definition = json.loads(build_pipeline(Context.of(settings)).definition())
    filled = {key: value for key, value in definition.items() if value is not None}
    return json.dumps(filled, indent=1, sort_keys=True) + "\n"
