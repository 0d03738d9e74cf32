"""Definitions as text."""

from __future__ import annotations

import json

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters, ScoreParameters
from pipeline_steps.pipeline import build_pipeline
from pipeline_steps.score_pipeline import build_score_pipeline
from pipeline_steps.sdk import Pipeline, offline
from pipeline_steps.settings import PipelineSettings


def render(settings: PipelineSettings) -> str:
    """The training pipeline's definition for these settings as JSON.

    Pretty, keys sorted, equal for equal settings. Makes no network call and takes no credentials.
    """
    with offline():
        return _text(build_pipeline(Context.of(settings, Parameters)))


def render_score(settings: PipelineSettings) -> str:
    """The scoring pipeline's definition, likewise."""
    with offline():
        return _text(build_score_pipeline(Context.of(settings, ScoreParameters)))


def _text(pipeline: Pipeline) -> str:
    definition = json.loads(pipeline.definition())
    filled = {key: value for key, value in definition.items() if value is not None}
    return json.dumps(filled, indent=1, sort_keys=True) + "\n"
