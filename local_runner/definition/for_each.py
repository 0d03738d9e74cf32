"""ForEach steps: one copy of the body's steps for each item, and a step that combines the results.

The items must be known in the plan: a list, or a parameter that contains a JSON list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from local_runner.definition import cleanup
from local_runner.definition.expressions import (
    Scope,
    call,
    follow,
    parse_reference,
    references,
    resolve,
)
from local_runner.definition.model import CLEANUP, CONDITION, FAIL, FOR_EACH, Iteration, Json, Step
from local_runner.definition.parsing import parse_step
from local_runner.errors import DefinitionError

_ITEM = "ForEach.CurrentItem"
_OF_STEP = re.compile(r"Steps\.([A-Za-z0-9_-]+)")
_OUTPUT = re.compile(r"IterationOutput\.([A-Za-z0-9_-]+)")


def expanded(steps: Sequence[Step], scope: Scope) -> tuple[Step, ...]:
    """Return the steps with the iterations of ForEach steps. scope: the parameters' values."""
    found: list[Step] = []
    for outer in steps:
        step = replace(
            outer,
            if_steps=expanded(outer.if_steps, scope),
            else_steps=expanded(outer.else_steps, scope),
        )
        found += _iterations(step, scope) if step.type == FOR_EACH else [step]
    return tuple(found)


def _iterations(step: Step, scope: Scope) -> Iterator[Step]:
    given = step.arguments.get("IterableItems")
    items = _items(step.name, given, scope)
    if items is None:
        yield replace(step, arguments={"IterableItems": given})  # which the plan refuses
        return
    limit = step.arguments.get("MaxConcurrency")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise DefinitionError(f"step {step.name}: MaxConcurrency must be an integer >= 1")
    body = _body(step)
    parameters = tuple(it.name for it in references(given) if it.root == "Parameters")
    children = []
    for number, item in enumerate(items):
        renamed = {name: f"{name}-{number}" for name in body}
        for name, part in body.items():
            child = parse_step(_copy(part, renamed, item))
            children.append(
                replace(
                    child,
                    depends_on=(*child.depends_on, *step.depends_on),
                    triggers=(*child.triggers, *step.triggers),
                    iteration=Iteration(step.name, name, limit, parameters),
                )
            )
    yield from children
    yield replace(
        step,
        depends_on=tuple(child.name for child in children) or step.depends_on,
        triggers=() if children else step.triggers,
        arguments=_results(step, list(body), len(items)),
    )


def _items(step: str, value: Json, scope: Scope) -> Sequence[Json] | None:
    """Return the items; None if they aren't known before the execution."""
    if not isinstance(value, list):
        if not call(value)[0] or any(it.root != "Parameters" for it in references(value)):
            return None
        try:
            value = json.loads(resolve(value, scope))
        except (TypeError, ValueError):
            value = None
    if not isinstance(value, list):
        raise DefinitionError(f"step {step}: IterableItems must be a JSON list")
    return [
        item if any(it.root != "Parameters" for it in references(item)) else resolve(item, scope)
        for item in value
    ]


def _body(step: Step) -> dict[str, Mapping[str, Json]]:
    parts = step.arguments.get("ForEachBody")
    if not isinstance(parts, list) or not parts:
        raise DefinitionError(f"step {step.name}: ForEachBody must be an array of steps")
    body: dict[str, Mapping[str, Json]] = {}
    for part in parts:
        if not isinstance(part, Mapping) or not isinstance(part.get("Name"), str):
            raise DefinitionError(f"step {step.name}: ForEachBody: a step must have a Name")
        if part.get("Type") in (CONDITION, FAIL, FOR_EACH):
            raise DefinitionError(f"step {step.name}: ForEachBody can't have {part['Type']} steps")
        body[part["Name"]] = part
    return body


def _copy(part: Mapping[str, Json], renamed: Mapping[str, str], item: Json) -> Json:
    """Return the JSON of a step of the body for one item."""
    copied = {key: _with_item(value, renamed, item) for key, value in part.items()}
    if part.get("Type") == CLEANUP:
        copied["Arguments"] = cleanup.renamed(copied.get("Arguments"), renamed)
    depends_on = [_renamed(dependency, renamed) for dependency in part.get("DependsOn", ())]
    return {**copied, "Name": renamed[part["Name"]], "DependsOn": depends_on}


def _renamed(dependency: Json, renamed: Mapping[str, str]) -> Json:
    if isinstance(dependency, Mapping):
        return {**dependency, "Step": _renamed(dependency.get("Step"), renamed)}
    return renamed.get(dependency, dependency) if isinstance(dependency, str) else dependency


def _with_item(value: Json, renamed: Mapping[str, str], item: Json) -> Json:
    """Return the value for one item: the item itself, and references to steps of its iteration."""
    function, operand = call(value)
    if function == "Get" and isinstance(operand, str):
        if operand.startswith(_ITEM):
            return _part_of(item, operand)
        return {"Get": _OF_STEP.sub(lambda it: f"Steps.{renamed.get(it[1], it[1])}", operand, 1)}
    if isinstance(value, Mapping):
        return {key: _with_item(it, renamed, item) for key, it in value.items()}
    if isinstance(value, list):
        return [_with_item(it, renamed, item) for it in value]
    return value


def _part_of(item: Json, path: str) -> Json:
    """Return the item, or what the path selects of an item that is an object, also as JSON."""
    keys = parse_reference(f"Steps.{path.removeprefix('ForEach.')}").rest
    if not keys:
        return item
    if isinstance(item, str):
        try:
            item = json.loads(item)
        except ValueError:
            raise DefinitionError(f"{path}: the item {item!r:.60} isn't a JSON object") from None
    return follow(item, keys, path)


def _results(step: Step, body: Sequence[str], count: int) -> dict[str, Json]:
    """Return the arguments of the step that combines the results."""
    numbers = range(count)
    results: dict[str, Json] = {
        "IterationOutputs": [
            {name: {"Get": f"Steps.{name}-{number}"} for name in body} for number in numbers
        ]
    }
    if (selector := step.arguments.get("Selector")) is not None:
        path = selector.get("Field", {}).get("Get", "")
        found = _OUTPUT.match(path)
        if not found or found[1] not in body or selector.get("Pick") not in ("MaxBy", "MinBy"):
            raise DefinitionError(
                f"step {step.name}: Selector must have Pick MaxBy or MinBy, and a Field "
                "IterationOutput.<step of the body>.<property>"
            )
        results["Pick"] = selector["Pick"]
        results["Body"] = found[1]
        results["Fields"] = [
            {"Get": f"Steps.{found[1]}-{number}{path[found.end() :]}"} for number in numbers
        ]
    return results
