"""Wiring of the steps: property files, output URIs, conditions, retries."""

from __future__ import annotations

from collections.abc import Iterator

from local_runner.definition.expressions import references
from local_runner.definition.model import JOB_TYPES, PipelineDefinition, Step
from validation.tuning import TRAINING_JOBS, request_of

_EXCEPTIONS = {
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.RESOURCE_LIMIT",
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
}
_WITH_MAX_RUNTIME = ("Processing", "Training", "Tuning")
_OUTPUTS = ("ProcessingOutputConfig", "OutputDataConfig", "TransformOutput")


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Yield wiring that fails, or silently goes wrong, during an execution."""
    for step in definition.all_steps():
        yield from _property_files(step)
        yield from _job(step)
        if step.type == "Condition" and not step.arguments["Conditions"]:
            yield f"step {step.name}: has no Conditions"
        if step.type == "Condition" and not step.else_steps:
            yield f"step {step.name}: has no ElseSteps, so false would end in 'Succeeded'"


def _output_names(step: Step) -> set[str]:
    """Return the names of a processing step's outputs."""
    config = step.arguments.get("ProcessingOutputConfig", {})
    return {output["OutputName"] for output in config.get("Outputs", ())}


def _property_files(step: Step) -> Iterator[str]:
    for file in step.property_files:
        if file.output_name not in _output_names(step):
            yield f"step {step.name}: property file {file.name} isn't in an output of the step"


def _job(step: Step) -> Iterator[str]:
    if step.type not in JOB_TYPES:
        return
    if not step.retry_policies:
        yield f"step {step.name}: has no retry policy"
    for policy in step.retry_policies:
        for name in sorted(set(policy.exceptions) - _EXCEPTIONS):
            yield f"step {step.name}: unknown exception type {name!r}"
    if step.type in _WITH_MAX_RUNTIME and "StoppingCondition" not in request_of(step):
        yield f"step {step.name}: has no StoppingCondition"
    if step.cache_enabled and any(_of_execution(value) for value in _inputs(step)):
        yield f"step {step.name}: an execution ID in its inputs makes every cache lookup miss"
    for output in _outputs(step):
        if not _of_execution(output):
            yield f"step {step.name}: an output URI without execution ID overwrites older outputs"


def _of_execution(value: object) -> bool:
    return any(reference.root == "Execution" for reference in references(value))


def _inputs(step: Step) -> Iterator[object]:
    for request in (request_of(step), step.arguments):
        for key, value in request.items():
            if key not in (*_OUTPUTS, TRAINING_JOBS):
                yield value


def _outputs(step: Step) -> Iterator[object]:
    request = request_of(step)
    for output in request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        yield output["S3Output"]["S3Uri"]
    for key in ("OutputDataConfig", "TransformOutput"):
        if key in request:
            yield request[key].get("S3OutputPath")
