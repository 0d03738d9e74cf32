"""Renders the pipelines' definitions and the ranges of their parameters as JSON."""

from __future__ import annotations

import json

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters, ScoreParameters, parameter_ranges
from pipeline_steps.pipeline import build_pipeline
from pipeline_steps.score_pipeline import build_score_pipeline
from pipeline_steps.sdk import Pipeline, offline
from pipeline_steps.settings import PipelineSettings
from pipeline_steps.tags import PROJECT_TAG, with_tags


def render(settings: PipelineSettings) -> str:
    """Return the training pipeline's definition for the settings: indented JSON with sorted keys.

    Equal settings give equal text. Makes no network calls and reads no credentials.
    """
    with offline():
        return _text(build_pipeline(Context.of(settings, Parameters)))


def render_score(settings: PipelineSettings) -> str:
    """Return the scoring pipeline's definition for the settings, as ``render`` does."""
    with offline():
        return _text(build_score_pipeline(Context.of(settings, ScoreParameters)))


def render_ranges() -> str:
    """Return the ranges of both pipelines' parameters by name, as JSON."""
    return json.dumps(parameter_ranges(), indent=1) + "\n"


def _text(pipeline: Pipeline) -> str:
    definition = json.loads(pipeline.definition())
    filled = {key: value for key, value in definition.items() if value is not None}
    return json.dumps(with_tags(filled, PROJECT_TAG), indent=1, sort_keys=True) + "\n"
