"""The scoring pipeline: scores new reviews with a registered model version."""

from __future__ import annotations

from pipeline_steps.context import Context
from pipeline_steps.parameters import ScoreParameters, in_order
from pipeline_steps.sdk import Pipeline
from pipeline_steps.steps.model import transform_step
from pipeline_steps.steps.processing_step import output_of
from pipeline_steps.steps.scoring import (
    drift_gate_step,
    drift_known_step,
    find_model_step,
    join_step,
    model_of_version_step,
    of_version,
    prepare_step,
)
from processing.names import FEATURE_FORMAT_PATH, FEATURES


def build_score_pipeline(context: Context[ScoreParameters]) -> Pipeline:
    """FindModel -> Prepare -> CreateModel -> Transform -> Join -> DriftKnown."""
    version = find_model_step(context)
    prepare = prepare_step(context, version=version)
    model = model_of_version_step(context, version=version)
    transform = transform_step(
        context,
        features=output_of(prepare, FEATURES),
        content_type=of_version(version, FEATURE_FORMAT_PATH),
        model=model,
    )
    join = join_step(context, version=version, prepare=prepare, transform=transform)
    gate = drift_gate_step(context, join=join)
    known = drift_known_step(join=join, gate=gate)

    return Pipeline(
        name="sentiment-score",
        parameters=in_order(context.parameters, context.deployment),
        steps=[version, prepare, model, transform, join, known],
        pipeline_experiment_config=None,
        mlflow_config=context.mlflow("sentiment-score"),
        sagemaker_session=context.session,
    )
