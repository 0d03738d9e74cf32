"""All checks of a definition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from local_runner.definition.model import Parameter, PipelineDefinition
from local_runner.definition.parsing import parse
from local_runner.errors import LocalRunnerError
from local_runner.run import prepare
from processing.names import Step
from validation import algorithm, names, requests, security, wiring

Check = Callable[[PipelineDefinition], Iterator[str]]

NETWORK_STEPS = (Step.CHAMPION, Step.DOWNLOAD, Step.FIND_MODEL)
"""Steps of this project's pipelines whose jobs call AWS or download the dataset."""


def problems(text: str, network_steps: Collection[str] = NETWORK_STEPS) -> list[str]:
    """Return the problems of the definition.

    network_steps: the only steps that may have a network. Each stage requires that the previous one
    found nothing: the definition can be planned, its requests are valid, its values make sense.
    """
    try:
        definition = parse(text)
        prepare(text, {}, {item.name: _any_value(item) for item in definition.parameters})
    except LocalRunnerError as error:
        return [str(error)]
    shape: tuple[Check, ...] = (names.problems, requests.problems)
    meaning: tuple[Check, ...] = (
        wiring.problems,
        algorithm.problems,
        partial(security.problems, network_steps=network_steps),
    )
    return _found(shape, definition) or _found(meaning, definition)


def _found(checks: tuple[Check, ...], definition: PipelineDefinition) -> list[str]:
    return [problem for check in checks for problem in check(definition)]


def _any_value(parameter: Parameter) -> str:
    """The default, or a valid value for a parameter that the deployment sets."""
    if parameter.default is not None:
        return str(parameter.default)
    if parameter.enum_values:
        return parameter.enum_values[0]
    return "true" if parameter.type == "Boolean" else "0"
