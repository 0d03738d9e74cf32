"""Training and transform steps against the contract of the built-in XGBoost image."""

from __future__ import annotations

from collections.abc import Iterator

from local_runner.algorithms.xgboost import channels, hyperparameters
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.definition.expressions import resolve
from local_runner.definition.model import PipelineDefinition, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.errors import DefinitionError
from local_runner.platform.images import image_name
from validation.tuning import hyperparameters_of, request_of, trains

_XGBOOST = "sagemaker-xgboost"


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Yield what the image would reject, and different formats for training and transform."""
    defaults = DefaultsScope.of(definition.parameters, unknown="dummy")
    content_types = []
    for step in definition.all_steps():
        if trains(step) and _is_xgboost(step):
            yield from _hyperparameters(step, defaults)
            yield from _channels(step, defaults)
            content_types += [
                (step.name, channel.get("ContentType"))
                for channel in request_of(step).get("InputDataConfig", [])
            ]
        if step.type == "Transform":
            content_types.append((step.name, step.arguments["TransformInput"].get("ContentType")))
    if content_types and any(kind != content_types[0][1] for _, kind in content_types):
        steps = ", ".join(sorted({step for step, _ in content_types}))
        yield f"steps {steps}: content types differ; use the same for training and transform"


def _is_xgboost(step: Step) -> bool:
    image = request_of(step).get("AlgorithmSpecification", {}).get("TrainingImage", "")
    return isinstance(image, str) and image_name(image) == _XGBOOST


def _hyperparameters(step: Step, defaults: DefaultsScope) -> Iterator[str]:
    given = resolve(hyperparameters_of(step), defaults)
    for name, value in given.items():
        if not isinstance(value, str):
            yield f"step {step.name}: hyperparameter {name} must be a string, got {value!r}"
            return
    try:
        hyperparameters.validate_hyperparameters(given)
    except UserError as error:
        yield f"step {step.name}: {error}"


def _channels(step: Step, defaults: DefaultsScope) -> Iterator[str]:
    try:
        config = resolve(request_of(step).get("InputDataConfig", []), defaults)
        channels.validate_channels({channel["ChannelName"]: channel for channel in config})
    except (UserError, DefinitionError) as error:
        yield f"step {step.name}: {error}"
