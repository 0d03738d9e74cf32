"""The attributes of a definition's steps as text, each with a readable name."""

from __future__ import annotations

from collections.abc import Iterator

from local_runner.definition.model import CONDITION, Json, Step
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError
from pipeline_diff.pipeline import own_arguments, steps_by_name
from pipeline_diff.render.attribute_labels import attribute_label
from pipeline_diff.step_attributes import step_attributes
from pipeline_diff.values import text

_TITLES = ("DisplayName", "Description")
_OPTIONS = "Arguments.AppSpecification.ContainerArguments"


def definition_settings(definition: str) -> dict[str, str]:
    """Return each attribute of each step as text, by step and attribute.

    Expressions are as written: the values of parameters aren't settings. Empty for a definition
    that this version can't read.
    """
    try:
        steps = steps_by_name(parse(definition))
    except DefinitionError:
        return {}
    found: dict[str, str] = {}
    for name, placed in steps.items():
        for path, value in _attributes(placed.step):
            words, parts = attribute_label(path)
            label = f"{name}: {words.format(*parts)}"
            # Several paths may have one label.
            found[label if label not in found else f"{name}: {path}"] = text(value)
    return found


def _attributes(step: Step) -> Iterator[tuple[str, Json]]:
    for path, value in step_attributes(step).items():
        if path in _TITLES or path.endswith(" (order)"):
            continue
        if path == _OPTIONS and isinstance(value, list):
            yield from _options(value)
        else:
            yield path, value
    if step.type == CONDITION:
        yield "Arguments.Conditions", own_arguments(step)["Conditions"]


def _options(words: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each option of a command line with its values."""
    option = "arguments"
    values: list[Json] = []
    for word in words:
        if isinstance(word, str) and word.startswith("--"):
            if values or option != "arguments":
                yield option, values
            option, values = f"option {word}", []
        else:
            values.append(word)
    yield option, values
