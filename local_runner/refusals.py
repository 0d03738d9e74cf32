"""Refusals: parts of a plan that local runs don't support, with the remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from local_runner.algorithms.xgboost.unsupported import (
    unsupported_channel,
    unsupported_cluster,
    unsupported_hyperparameters,
)
from local_runner.definition.cleanup import source_faults
from local_runner.definition.expressions import Scope, call, references, resolve
from local_runner.definition.model import CLEANUP, FOR_EACH, FUNCTION_TYPES, OTHER_TYPES, Json, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.definition.requests import argument_faults, missing_arguments
from local_runner.jobs.limits import input_mode_notes, refused_fields
from local_runner.jobs.script_mode import is_script_mode
from local_runner.known_outcomes import steps_that_run
from local_runner.plan import Plan, PlannedStep, body_name
from local_runner.platform.images import image_name
from local_runner.step_programs import program_refusals, version_notes


def refusals(plan: Plan) -> Iterator[str]:
    """Yield a message for each part of the plan that can't be run here; it names the step.

    Of steps that the parameters exclude, only arguments that the service refuses count.
    """
    scope, runs = DefaultsScope(plan.parameters), steps_that_run(plan)
    steps = {planned.step.name: planned.step for planned in plan.steps}
    for planned in plan.steps_to_run:
        step = planned.step
        is_excluded = runs[step.name] is False
        for message in argument_faults(step) if is_excluded else _of_step(planned, steps, scope):
            yield f"step {step.name}: {message}"


def notes(plan: Plan) -> Iterator[str]:
    """Yield what runs otherwise than the plan says; each note names the step."""
    scope = DefaultsScope(plan.parameters)
    for planned in plan.steps_to_run:
        if any(argument_faults(planned.step)):
            continue
        arguments = _with_parameters(planned.step.arguments, scope)
        for request in _requests(planned.step, arguments):
            for note in (*version_notes(request), *input_mode_notes(request)):
                yield f"step {planned.step.name}: {note}"
        config = arguments.get("HyperParameterTuningJobConfig")
        if isinstance(config, Mapping) and config.get("Strategy") == "Bayesian":
            yield f"step {planned.step.name}: the strategy Bayesian runs as Random"


def _of_step(planned: PlannedStep, steps: Mapping[str, Step], scope: Scope) -> Iterator[str]:
    step = planned.step
    if step.type in FUNCTION_TYPES and planned.handler is None:
        yield (
            f"local runs call a Python function for a {step.type} step; name it with "
            f"--handler {body_name(step)}=MODULE:FUNCTION"
        )
    if step.type == CLEANUP:
        yield from source_faults(step, steps)
    if step.type in OTHER_TYPES:
        yield (
            f"local runs don't support the step type {step.type}; remove the step, or select "
            "others with --only, --from or --until"
        )
        return
    if step.type == FOR_EACH and "IterationOutputs" not in step.arguments:
        yield (
            "IterableItems must be known before the execution by local runs; use a list, or a "
            "parameter with a JSON list"
        )
        return
    if faults := list(argument_faults(step)):
        yield from faults
        return
    yield from missing_arguments(step)
    arguments = _with_parameters(step.arguments, scope)
    yield from refused_fields(step.type, arguments)
    for request in _requests(step, arguments):
        yield from program_refusals(request)
        yield from _of_xgboost(request)


def _of_xgboost(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield what XGBoost's own program supports on AWS only; a script has its own rules."""
    specification = arguments.get("AlgorithmSpecification") or {}
    hyperparameters = arguments.get("HyperParameters") or {}
    image = specification.get("TrainingImage")
    if not isinstance(image, str) or image_name(image) != "sagemaker-xgboost":
        return
    if specification.get("ContainerEntrypoint") or is_script_mode(arguments):
        return
    yield from unsupported_hyperparameters(hyperparameters)
    hosts = (arguments.get("ResourceConfig") or {}).get("InstanceCount")
    yield from unsupported_cluster(hyperparameters, hosts)
    for channel in arguments.get("InputDataConfig") or ():
        yield from unsupported_channel(channel.get("ChannelName", ""), channel.get("ContentType"))


def _requests(step: Step, arguments: Json) -> Iterator[Mapping[str, Json]]:
    """Yield the request of a step, and that of the training jobs of a tuning job."""
    yield arguments
    if step.type == "Tuning" and isinstance(job := arguments.get("TrainingJobDefinition"), Mapping):
        yield {**job, "HyperParameters": job.get("StaticHyperParameters", {})}


def _with_parameters(value: Json, scope: Scope) -> Json:
    """Return ``value`` with the parameters' values; other expressions stay as they are."""
    function, operand = call(value)
    if function:
        is_known = function != "Std:JsonGet" and all(
            reference.root == "Parameters" for reference in references(value)
        )
        return resolve(value, scope) if is_known else value
    if isinstance(operand, Mapping):
        return {key: _with_parameters(item, scope) for key, item in operand.items()}
    if isinstance(operand, list):
        return [_with_parameters(item, scope) for item in operand]
    return operand
