"""The inputs of a step: everything that its result depends on, flat, by path in its arguments.

A step's result is cached by its inputs. SageMaker compares arguments as written. Here the content
of each input URI counts instead, so that a changed file, or changed code under the same name, is
never missed; what can't change a result (output URIs, roles, tags) doesn't count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from local_runner.definition.expressions import call, item_name
from local_runner.definition.model import Json, Step
from local_runner.errors import JobFailed
from local_runner.handlers import Handler
from local_runner.platform.images import emulations_version

TYPE, EMULATIONS, HANDLER = "Type", "Emulations", "Handler"
"""Inputs that aren't in the arguments."""

CONTENT = "sha256:"
"""Prefix of the value of an input that is an S3 object; its digest follows."""

UNKNOWN = object()
"""The value of an input that isn't known yet."""

_OUTPUTS = {"ProcessingOutputConfig", "OutputDataConfig", "TransformOutput"}
_INSIGNIFICANT = {"RoleArn", "ExecutionRoleArn", "Tags", "ExperimentConfig"}
_OF_TUNING = "TrainingJobDefinition"
_S3 = "s3://"
_PLAIN_KEY = re.compile(r"[\w-]+")

Path = tuple[str, ...]
Resolver = Callable[[Json], Json]
"""Returns the value of an expression, or UNKNOWN."""


@dataclass(frozen=True)
class StepInputs:
    """Values by path, and the expressions in the arguments that they are from, by the same path.

    A value is a text, number, boolean, null, or an empty object or list.
    """

    values: Mapping[str, Json]
    expressions: Mapping[str, Json]

    @property
    def known(self) -> dict[str, Json]:
        """The values without those that aren't known yet."""
        return {path: it for path, it in self.values.items() if it is not UNKNOWN}


def step_inputs(
    step: Step, handler: Handler | None, resolver: Resolver, digest: Callable[[str], Json]
) -> StepInputs:
    """Return the inputs of a step. Raise what the resolver raises.

    handler: the function that runs it; the names of its outputs are inputs too.
    digest: returns that of the objects at a URI, or UNKNOWN. Raises JobFailed if there are none.
    """
    found = argument_inputs(step, resolver, digest, is_request=handler is None)
    values = {**found.values, EMULATIONS: emulations_version()}
    if handler:
        values[HANDLER] = handler.digest
        values |= {f"OutputParameters.{it.name}": it.type for it in step.output_parameters}
    return StepInputs(values, found.expressions)


def argument_inputs(
    step: Step, resolver: Resolver, digest: Callable[[str], Json], *, is_request: bool = True
) -> StepInputs:
    """Return the inputs in a step's type and arguments.

    is_request: whether the arguments are an API's request, in which some have no effect.
    """
    values: dict[str, Json] = {TYPE: step.type}
    expressions: dict[str, Json] = {}
    for path, expression in _leaves(step.arguments, ()):
        field = next((it for it in path if it != _OF_TUNING), "") if is_request else ""
        if field in _INSIGNIFICANT:
            continue
        for leaf, value in _leaves(resolver(expression), path, is_resolved=True):
            name = _text(leaf)
            values[name] = _without_uri(value) if field in _OUTPUTS else _by_content(value, digest)
            expressions[name] = expression
    return StepInputs(values, expressions)


def _leaves(value: Json, path: Path, *, is_resolved: bool = False) -> Iterator[tuple[Path, Json]]:
    """Yield (path, value) of everything that isn't an object or list, or is an empty one.

    Named items of a list have paths with their names; the order of the names is an own leaf.
    is_resolved: whether it has no expressions any more.
    """
    if isinstance(value, Mapping) and value and (is_resolved or not call(value)[0]):
        for key, item in value.items():
            part = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
            yield from _leaves(item, (*path, part), is_resolved=is_resolved)
    elif isinstance(value, list) and value:
        names = _names(value)
        if names:
            yield (*path, "[]"), ", ".join(names)
        for name, item in zip(names or map(str, range(len(value))), value, strict=True):
            yield from _leaves(item, (*path, f"[{name}]"), is_resolved=is_resolved)
    else:
        yield path, value


def _names(items: list[Json]) -> list[str]:
    """Return the names of a list's items; empty if they have none, or one twice."""
    names = [item_name(item) for item in items]
    return names if all(names) and len(set(names)) == len(names) else []


def _text(path: Path) -> str:
    """Return a path as text.

    >>> _text(("ProcessingInputs", "[rows]", "S3Input"))
    'ProcessingInputs[rows].S3Input'
    """
    return "".join(part if part.startswith("[") else f".{part}" for part in path).lstrip(".")


def _by_content(value: Json, digest: Callable[[str], Json]) -> Json:
    # The SDK writes hyperparameters as JSON: a source archive's URI is in quotes.
    uri = value.strip('"') if isinstance(value, str) else ""
    if uri.startswith(_S3):
        with suppress(JobFailed):  # nothing there, or not an input's URI
            found = digest(uri)
            return found if found is UNKNOWN else f"{CONTENT}{found}"
    return value


def _without_uri(value: Json) -> Json:
    return _S3 if isinstance(value, str) and value.startswith(_S3) else value
