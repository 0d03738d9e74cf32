"""Attributes of a step, each under its own path, and the changes between two sides."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from local_runner.definition.expressions import call
from local_runner.definition.model import CONDITION, Json, RetryPolicy, Step
from pipeline_diff.values import canonical, same

Attributes = Mapping[str, Json]
"""A step as plain data: path, such as ``Arguments.HyperParameters.eta``, to value."""


class Absent(Enum):
    """The value of an attribute that a side doesn't have; JSON's null is a value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

_ARGUMENTS = "Arguments"
_NAME_KEYS = ("InputName", "OutputName", "ChannelName")
_ORDER = " (order)"
_EMPTY = (canonical({}), canonical([]))
_PROTECTIONS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")


@dataclass(frozen=True)
class AttributeChange:
    """One changed attribute; ``old`` or ``new`` is ABSENT on the side that doesn't have it.

    path: as in the definition. option: the command-line option before the change, such as
    ``--seed``. weakens_protection: isolation, encryption or a private network is removed.
    """

    path: str
    old: Json | Absent
    new: Json | Absent
    option: str = ""
    weakens_protection: bool = False


def step_attributes(step: Step) -> Attributes:
    """Return the attributes of a step in the definition's order, except a condition."""
    found: dict[str, Json] = {
        "Type": step.type,
        "DisplayName": step.display_name,
        "Description": step.description,
        "CacheConfig.Enabled": step.cache_enabled,
    }
    if not math.isinf(step.cache_seconds):
        found["CacheConfig.ExpireAfter"] = _duration(step.cache_seconds)
    for number, policy in enumerate(step.retry_policies):
        name = ", ".join(policy.exceptions)
        path = f"RetryPolicies[{name}]"
        found[path if path not in found else f"{path}[{number}]"] = _retries(policy)
    for file in step.property_files:
        found[f"PropertyFiles[{file.name}]"] = f"{file.path} in output {file.output_name}"
    for name, trigger in step.triggers:
        found[f"DependsOn[{name}].Trigger"] = trigger
    if step.target is not None:
        found["FunctionArn" if step.type == "Lambda" else "SqsQueueUrl"] = step.target
    for output in step.output_parameters:
        found[f"OutputParameters[{output.name}].OutputType"] = output.type
    if step.type != CONDITION:
        found |= dict(_leaves(step.arguments, _ARGUMENTS))
    return found


def attribute_changes(old: Attributes, new: Attributes) -> tuple[AttributeChange, ...]:
    """Return the changes: weakened protections first, then in the definition's order."""
    found = [
        change
        for path in [*old, *(path for path in new if path not in old)]
        if not _is_covered(path, old, new)
        for change in _changes(path, old.get(path, ABSENT), new.get(path, ABSENT))
    ]
    return tuple(sorted(found, key=lambda change: not change.weakens_protection))


def _changes(path: str, old: Json | Absent, new: Json | Absent) -> Iterator[AttributeChange]:
    if old is ABSENT or new is ABSENT:
        yield AttributeChange(path, old, new, weakens_protection=_weakens(path, old, new))
    elif not same(old, new):
        if isinstance(old, list) and isinstance(new, list) and not path.endswith(_ORDER):
            yield from _list_changes(path, old, new)
        else:
            yield AttributeChange(path, old, new, weakens_protection=_weakens(path, old, new))


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Yield scalars, expressions, and lists of these; lists of named items by name."""
    function, operand = call(value)
    if function or _is_flat_list(operand) or not isinstance(operand, Mapping | list):
        yield path, value
    elif isinstance(operand, Mapping):
        if not operand:
            yield path, value
        for key, item in operand.items():
            yield from _leaves(item, f"{path}.{key}")
    else:
        key, names = _names(operand)
        for name, item in zip(names, operand, strict=True):
            rest = {other: value for other, value in item.items() if other != key} if key else item
            yield from _leaves(rest, f"{path}[{name}]")
        yield f"{path}{_ORDER}", names


def _names(items: Sequence[Json]) -> tuple[str, list[str]]:
    """Return (the key that names the items of a list, their names), else ("", positions)."""
    for key in _NAME_KEYS:
        names = [item.get(key) if isinstance(item, Mapping) else None for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return key, [str(name) for name in names]
    return "", [str(number) for number in range(len(items))]


def _is_flat_list(value: Json) -> bool:
    """Whether a value is a list of scalars and expressions, such as a command line."""
    return isinstance(value, list) and all(
        bool(call(item)[0]) or not isinstance(item, Mapping | list) for item in value
    )


def _is_covered(path: str, old: Attributes, new: Attributes) -> bool:
    """Whether other changes imply this one.

    They do if only added or removed items change an order, or if an empty object is filled.
    """
    if path.endswith(_ORDER):
        before, after = old.get(path, []), new.get(path, [])
        return [name for name in before if name in after] == [
            name for name in after if name in before
        ]
    for one, other in ((old, new), (new, old)):
        if path in one and path not in other and canonical(one[path]) in _EMPTY:
            return any(name.startswith((f"{path}.", f"{path}[")) for name in other)
    return False


def _list_changes(path: str, old: Sequence[Json], new: Sequence[Json]) -> Iterator[AttributeChange]:
    """Yield the changed parts of a list, each with the command-line option before it."""
    before, after = [canonical(item) for item in old], [canonical(item) for item in new]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            option = _option(old[start - 1]) if start else ""
            yield AttributeChange(
                path, _part(old[start:end]), _part(new[new_start:new_end]), option
            )


def _part(items: Sequence[Json]) -> Json | Absent:
    if not items:
        return ABSENT
    return items[0] if len(items) == 1 else list(items)


def _option(item: Json) -> str:
    return item if isinstance(item, str) and item.startswith("--") else ""


def _weakens(path: str, old: Json | Absent, new: Json | Absent) -> bool:
    if path.endswith(_PROTECTIONS):
        return old is True and new is not True
    is_key_or_network = ".VpcConfig." in path or path.endswith(("KmsKeyId", "KmsKey"))
    return is_key_or_network and old is not ABSENT and new in (ABSENT, None)


def _duration(seconds: float) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{seconds:.0f} s" if rest else f"{days:.0f} days"


def _retries(policy: RetryPolicy) -> str:
    expiry = f", expires after {policy.expire_after:g} min" if policy.expire_after else ""
    return (
        f"up to {policy.max_attempts} attempts, interval {policy.interval:g} s, "
        f"backoff rate {policy.backoff:g}{expiry}"
    )
