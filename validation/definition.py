"""All checks of one definition, from the shape of the whole to the values of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local_runner.definition.model import Parameter, PipelineDefinition, parse
from local_runner.errors import LocalRunnerError
from local_runner.run import prepare
from validation import algorithm, names, properties, protection, requests, wiring

Check = Callable[[PipelineDefinition], Iterator[str]]

_SHAPE: tuple[Check, ...] = (names.problems, requests.problems)
_MEANING: tuple[Check, ...] = (
    properties.problems,
    wiring.problems,
    algorithm.problems,
    protection.problems,
)


def problems(text: str) -> list[str]:
    """What is wrong with the definition; empty if nothing is.

    Told in stages, because each takes the one before for granted: whether it can be planned at all,
    whether its requests have the right shape, whether they make sense.
    """
    try:
        definition = parse(text)
        prepare(text, {}, {item.name: _any_value(item) for item in definition.parameters})
    except LocalRunnerError as error:
        return [str(error)]
    return _told(_SHAPE, definition) or _told(_MEANING, definition)


def _told(checks: tuple[Check, ...], definition: PipelineDefinition) -> list[str]:
    return [problem for check in checks for problem in check(definition)]


def _any_value(parameter: Parameter) -> str:
    """The default, or, for a parameter that is left to the deployment, a value that it may have."""
    if parameter.default is not None:
        return str(parameter.default)
    if parameter.enum_values:
        return parameter.enum_values[0]
    return "true" if parameter.type == "Boolean" else "0"
