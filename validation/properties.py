"""What steps refer to of each other: every property exists in what describing the step answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local_runner.definition.expressions import Reference, references
from local_runner.definition.model import CONDITION, PipelineDefinition, Step
from validation.service import output_of
from validation.wiring import output_names

_ANSWERS = {
    "Processing": "DescribeProcessingJob",
    "Training": "DescribeTrainingJob",
    "Model": "DescribeModel",
    "Transform": "DescribeTransformJob",
    "RegisterModel": "DescribeModelPackage",
}


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """References to properties that no answer has, or to outputs that a step doesn't leave."""
    steps = {step.name: step for step in definition.all_steps()}
    for step in steps.values():
        own = step.arguments["Conditions"] if step.type == CONDITION else step.arguments
        for reference in references(own):
            if reference.root == "Steps" and reference.rest[:1] != ("PropertyFiles",):
                yield from _unresolved(reference, step, steps)


def _unresolved(reference: Reference, step: Step, steps: Mapping[str, Step]) -> Iterator[str]:
    owner = steps[reference.name]
    if owner.type not in _ANSWERS:
        yield f"step {step.name}: step {owner.name} has no properties to refer to"
        return
    shape: Shape | None = output_of(_ANSWERS[owner.type])
    for key in reference.rest:
        shape = _entered(shape, key, owner)
        if shape is None:
            yield f"step {step.name}: refers to {key!r}, which step {owner.name} doesn't have"
            return


def _entered(shape: Shape | None, key: str | int, owner: Step) -> Shape | None:
    """The shape at ``key``; None if there is none."""
    if isinstance(shape, StructureShape):
        return shape.members.get(str(key))
    if isinstance(shape, MapShape):
        return shape.value
    if isinstance(shape, ListShape):
        is_there = isinstance(key, int) or key in output_names(owner)
        return shape.member if is_there else None
    return None
