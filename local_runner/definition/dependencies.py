"""Dependencies of a step: the references in its arguments, checked against the other steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local_runner.definition import cleanup, conditions
from local_runner.definition.expressions import Reference, references
from local_runner.definition.model import CLEANUP, CONDITION, Json, Step
from local_runner.definition.requests import unknown_property
from local_runner.errors import DefinitionError

EXECUTION_VARIABLES = (
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "StartDateTime",
    "CurrentDateTime",
)
JOB_NAMES = {"Training": "TrainingJobName", "Processing": "ProcessingJobName"}
"""By step type, the variable that has the name of the step's own job."""

_OTHER_PROPERTIES = (("PropertyFiles",), ("OutputParameters",))
"""Keys of a step's properties that no Describe call returns."""


def dependencies(
    step: Step,
    branch: tuple[str, bool] | None,
    steps: Mapping[str, Step],
    parameters: set[str],
    own: Iterable[Reference],
) -> set[str]:
    """Return the steps that a step depends on. Raise DefinitionError for what doesn't exist.

    own: its references. branch: the Condition step around it, and the outcome; None at top level.
    """
    names = set(step.depends_on)
    if branch:
        names.add(branch[0])
    for reference in own:
        _validate_reference(reference, step, steps, parameters)
    names.update(steps_read(step, own))
    if missing := sorted(names - steps.keys()):
        raise DefinitionError(f"step {step.name}: depends on {missing[0]!r}, which isn't a step")
    return names


def steps_read(step: Step, own: Iterable[Reference]) -> tuple[str, ...]:
    """Return the steps whose properties a step refers to, or whose outputs it deletes, sorted."""
    deleted = cleanup.sources(step) if step.type == CLEANUP else ()
    names = {source.step for source in deleted}
    return tuple(sorted(names | {it.name for it in own if it.root == "Steps"}))


def parameters_used(step: Step, own: Iterable[Reference]) -> tuple[str, ...]:
    """Return the parameters in a step's arguments and in the items of its ForEach step, sorted."""
    names = {it.name for it in own if it.root == "Parameters"}
    return tuple(sorted(names.union(step.iteration.parameters if step.iteration else ())))


def references_of(step: Step) -> list[Reference]:
    """Return the references in a step's arguments. Raise DefinitionError, naming the step."""
    arguments = _own_arguments(step)
    try:
        return list(references(arguments))
    except DefinitionError as error:
        raise DefinitionError(f"step {step.name}: {error}") from None


def _own_arguments(step: Step) -> Json:
    """Return the arguments; of a Condition step only the conditions, without its branches."""
    if step.type != CONDITION:
        return step.arguments
    own = step.arguments.get("Conditions", [])
    conditions.validate_conditions(own, step.name)
    return own


def _validate_reference(
    reference: Reference, reader: Step, steps: Mapping[str, Step], parameters: set[str]
) -> None:
    step = reader.name
    known = {
        "Parameters": parameters,
        "Execution": {*EXECUTION_VARIABLES, JOB_NAMES.get(reader.type, "")},
        "Steps": set(steps),
    }[reference.root]
    if reference.name not in known:
        path = f"{reference.root}.{reference.name}"
        kind = {f"Execution.{name}": kind for kind, name in JOB_NAMES.items()}.get(path)
        problem = f"which only a {kind} step has" if kind else "which doesn't exist"
        raise DefinitionError(f"step {step}: refers to {path}, {problem}")
    if reference.root != "Steps" and reference.rest:
        raise DefinitionError(
            f"step {step}: {reference.root}.{reference.name} is a single value without properties"
        )
    if reference.rest[:1] == ("PropertyFiles",):
        files = {file.name for file in steps[reference.name].property_files}
        if len(reference.rest) != 2 or reference.rest[1] not in files:
            raise DefinitionError(
                f"step {step}: {reference.name} has no property file "
                f"{'.'.join(map(str, reference.rest[1:]))!r}"
            )
    if reference.rest[:1] == ("OutputParameters",):
        outputs = {output.name for output in steps[reference.name].output_parameters}
        if reference.rest[1:2] and reference.rest[1] not in outputs:
            raise DefinitionError(
                f"step {step}: {reference.name} has no output parameter {reference.rest[1]!r}"
            )
    if reference.root == "Steps" and reference.rest and steps[reference.name].type == CLEANUP:
        raise DefinitionError(f"step {step}: {reference.name} is a Cleanup step without properties")
    if reference.root == "Steps" and reference.rest[:1] not in _OTHER_PROPERTIES:
        remedy = unknown_property(steps[reference.name], reference.rest)
        if remedy:
            path = ".".join(map(str, reference.rest))
            raise DefinitionError(
                f"step {step}: {reference.name} has no property {path!r}; {remedy}"
            )
