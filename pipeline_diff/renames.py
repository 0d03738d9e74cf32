"""Steps that only have another name now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from local_runner.definition.model import Json, PipelineDefinition, Step
from pipeline_diff.pipeline import Placed, own_arguments
from pipeline_diff.render.format_values import canonical
from pipeline_diff.step_attributes import facts

_OF_A_STEP = re.compile(r"^Steps\.([\w-]+)")
_OWN_WORDS = ("DisplayName", "Description")


def renamed_steps(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> dict[str, str]:
    """New name by old name, for steps that are the same but for their name and their words.

    A step that takes inputs from a renamed one is recognized, too. Where two look alike, the first
    of the definition goes to the first.
    """
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    found: dict[str, str] = {}
    while True:
        pair = next(
            (
                (before, after)
                for before in gone
                for after in come
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
    """The definition with renamed steps, and every reference to them, under their new names."""
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
        if_steps=tuple(_renamed(inner, names) for inner in step.if_steps),
        else_steps=tuple(_renamed(inner, names) for inner in step.else_steps),
    )


def _content(it: Placed, names: Mapping[str, str]) -> str:
    """Everything about a step but its own name and words."""
    step = _renamed(it.step, names)
    told = facts(step)
    return canonical(
        [
            {path: value for path, value in told.items() if path not in _OWN_WORDS},
            own_arguments(step),
            sorted(names.get(name, name) for name in it.waits_for),
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
