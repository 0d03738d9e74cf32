"""All checks of one definition, from the shape of the whole to the values of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local_runner.definition import PipelineDefinition, parse
from local_runner.errors import LocalRunnerError
from local_runner.run import prepare
from validation import algorithm, names, requests, wiring

_CHECKS: tuple[Callable[[PipelineDefinition], Iterator[str]], ...] = (
    names.problems,
    wiring.problems,
    requests.problems,
    algorithm.problems,
)


def problems(text: str) -> list[str]:
    """What is wrong with the definition; empty if nothing is.

    If it can't even be planned (an unresolved Get, a cycle), only that is told.
    """
    try:
        definition = parse(text)
        left_open = [item.name for item in definition.parameters if item.default is None]
        prepare(text, {}, dict.fromkeys(left_open, "0"))
    except LocalRunnerError as error:
        return [str(error)]
    return [problem for check in _CHECKS for problem in check(definition)]
