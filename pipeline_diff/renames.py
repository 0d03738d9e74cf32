"""Steps that were renamed and not otherwise changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from local_runner.definition.model import Json, PipelineDefinition, Step
from pipeline_diff.pipeline import PlacedStep, own_arguments
from pipeline_diff.step_attributes import step_attributes
from pipeline_diff.values import canonical

_OF_A_STEP = re.compile(r"^Steps\.([\w-]+)")
_DESCRIPTIVE = ("DisplayName", "Description")


def renamed_steps(old: Mapping[str, PlacedStep], new: Mapping[str, PlacedStep]) -> dict[str, str]:
    """Return new name by old name of steps that differ only in name and description.

    Steps that take inputs from a renamed step are recognized, too. Identical steps are matched in
    the definition's order.
    """
    removed = [name for name in old if name not in new]
    added = [name for name in new if name not in old]
    found: dict[str, str] = {}
    while True:
        pair = next(
            (
                (before, after)
                for before in removed
                for after in added
                if before not in found
                and after not in found.values()
                and _content(old[before], found) == _content(new[after], {})
            ),
            None,
        )
        if pair is None:
            return found
        found[pair[0]] = pair[1]


def with_new_names(
    definition: PipelineDefinition, renamed: Mapping[str, str]
) -> PipelineDefinition:
    """Return the definition with the new names of renamed steps, in references, too."""
    return replace(definition, steps=tuple(_renamed(step, renamed) for step in definition.steps))


def _renamed(step: Step, names: Mapping[str, str]) -> Step:
    return replace(
        step,
        name=names.get(step.name, step.name),
        display_name=(
            names.get(step.name, step.name) if step.display_name == step.name else step.display_name
        ),
        arguments=_references(step.arguments, names),
        depends_on=tuple(names.get(name, name) for name in step.depends_on),
        triggers=tuple((names.get(name, name), on) for name, on in step.triggers),
        if_steps=tuple(_renamed(inner, names) for inner in step.if_steps),
        else_steps=tuple(_renamed(inner, names) for inner in step.else_steps),
    )


def _content(placed: PlacedStep, names: Mapping[str, str]) -> str:
    """Everything about a step except its own name and description."""
    step = _renamed(placed.step, names)
    attributes = step_attributes(step)
    return canonical(
        [
            {path: value for path, value in attributes.items() if path not in _DESCRIPTIVE},
            own_arguments(step),
            sorted(names.get(name, name) for name in placed.dependencies),
        ]
    )


def _references(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, Mapping):
        if set(value) == {"Get"} and isinstance(value["Get"], str):
            return {"Get": _OF_A_STEP.sub(lambda found: _new_name(found, names), value["Get"])}
        return {key: _references(item, names) for key, item in value.items()}
    return [_references(item, names) for item in value] if isinstance(value, list) else value


def _new_name(found: re.Match[str], names: Mapping[str, str]) -> str:
    return f"Steps.{names.get(found[1], found[1])}"
