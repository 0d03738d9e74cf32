"""References to properties of steps: each exists in the response of the step's describe call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local_runner.definition.expressions import Reference, references
from local_runner.definition.model import CONDITION, PipelineDefinition, Step
from validation.service import output_of
from validation.wiring import output_names

_DESCRIBE_CALLS = {
    "Processing": "DescribeProcessingJob",
    "Training": "DescribeTrainingJob",
    "Model": "DescribeModel",
    "Transform": "DescribeTransformJob",
    "RegisterModel": "DescribeModelPackage",
}


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Yield references to properties and outputs that don't exist."""
    steps = {step.name: step for step in definition.all_steps()}
    for step in steps.values():
        own = step.arguments["Conditions"] if step.type == CONDITION else step.arguments
        for reference in references(own):
            if reference.root == "Steps" and reference.rest[:1] != ("PropertyFiles",):
                yield from _unresolved(reference, step, steps)


def _unresolved(reference: Reference, step: Step, steps: Mapping[str, Step]) -> Iterator[str]:
    owner = steps[reference.name]
    if owner.type not in _DESCRIBE_CALLS:
        yield f"step {step.name}: refers to step {owner.name}, which has no properties"
        return
    shape: Shape | None = output_of(_DESCRIBE_CALLS[owner.type])
    for key in reference.rest:
        shape = _member(shape, key, owner)
        if shape is None:
            yield f"step {step.name}: refers to {key!r}, which step {owner.name} doesn't have"
            return


def _member(shape: Shape | None, key: str | int, owner: Step) -> Shape | None:
    """Return the shape of the member ``key``; None if it doesn't exist."""
    if isinstance(shape, StructureShape):
        return shape.members.get(str(key))
    if isinstance(shape, MapShape):
        return shape.value
    if isinstance(shape, ListShape):
        is_metric = shape.name == "FinalMetricDataList"
        exists = isinstance(key, int) or is_metric or key in output_names(owner)
        return shape.member if exists else None
    return None
