"""What there is to say of a step, each fact under a path of its own; two sides make changes."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from local_runner.definition.expressions import call
from local_runner.definition.model import (
    CONDITION,
    Json,
    RetryPolicy,
    Step,
)
from pipeline_diff.render.format_values import (
    Shown,
    canonical,
    same,
    shown,
    shown_pair,
)

Facts = Mapping[str, Json]
"""A step as plain data: path, such as ``Arguments.HyperParameters.eta``, to value."""

_ARGUMENTS = "Arguments"
_NAMES = ("InputName", "OutputName", "ChannelName")
_ORDER = " (order)"
_EMPTY = (canonical({}), canonical([]))
_PROTECTIONS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")


@dataclass(frozen=True)
class Change:
    """One difference. ``old`` or ``new`` is None where there is none.

    path: where it is, as in the definition. place: what comes before the difference in a list, such
    as ``--seed``. weakens: isolation, encryption or a private network is given up.
    """

    path: str
    old: Shown | None
    new: Shown | None
    place: str = ""
    weakens: bool = False


def facts(step: Step) -> Facts:
    """What a change may touch of a step, in the definition's order, but a gate's conditions."""
    found: dict[str, Json] = {
        "Type": step.type,
        "DisplayName": step.display_name,
        "Description": step.description,
        "CacheConfig.Enabled": step.cached,
    }
    if not math.isinf(step.cache_seconds):
        found["CacheConfig.ExpireAfter"] = _duration(step.cache_seconds)
    for number, policy in enumerate(step.retry_policies):
        name = ", ".join(policy.exceptions)
        path = f"RetryPolicies[{name}]"
        found[path if path not in found else f"{path}[{number}]"] = _retries(policy)
    for file in step.property_files:
        found[f"PropertyFiles[{file.name}]"] = f"{file.path} in output {file.output_name}"
    if step.type != CONDITION:
        found |= dict(_leaves(step.arguments, _ARGUMENTS))
    return found


def changes(
    old: Facts, new: Facts, old_defaults: Mapping[str, Json], new_defaults: Mapping[str, Json]
) -> tuple[Change, ...]:
    """What differs, weakened protections first, else in the definition's order."""
    found: list[Change] = []
    for path in [*old, *(path for path in new if path not in old)]:
        if not _is_told_below(path, old, new):
            found += _change(path, old, new, old_defaults, new_defaults)
    return tuple(sorted(found, key=lambda change: not change.weakens))


def _change(
    path: str,
    old: Facts,
    new: Facts,
    old_defaults: Mapping[str, Json],
    new_defaults: Mapping[str, Json],
) -> Iterator[Change]:
    before, after = old.get(path), new.get(path)
    if path not in old:
        yield Change(path, None, shown(after, new_defaults))
    elif path not in new:
        weakens = _weakens(path, before, None)
        yield Change(path, shown(before, old_defaults), None, weakens=weakens)
    elif not same(before, after):
        if isinstance(before, list) and isinstance(after, list) and not path.endswith(_ORDER):
            yield from _in_line(path, before, after, old_defaults, new_defaults)
        else:
            one, other = shown_pair(before, after, old_defaults, new_defaults)
            yield Change(path, one, other, weakens=_weakens(path, before, after))


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Down to scalars, expressions, and lists of these; lists of named things by their names."""
    function, operand = call(value)
    if function or _is_line(operand) or not isinstance(operand, Mapping | list):
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
    """What tells the items of a list apart: (the key of it, their names), else their positions."""
    for key in _NAMES:
        names = [item.get(key) if isinstance(item, Mapping) else None for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return key, [str(name) for name in names]
    return "", [str(number) for number in range(len(items))]


def _is_line(value: Json) -> bool:
    """Whether it's a list of scalars and expressions, as a command line is."""
    return isinstance(value, list) and all(
        bool(call(item)[0]) or not isinstance(item, Mapping | list) for item in value
    )


def _is_told_below(path: str, old: Facts, new: Facts) -> bool:
    """An order that only new or gone items change; an emptiness that is filled."""
    if path.endswith(_ORDER):
        before, after = old.get(path, []), new.get(path, [])
        return [name for name in before if name in after] == [
            name for name in after if name in before
        ]
    for one, other in ((old, new), (new, old)):
        if path in one and path not in other and canonical(one[path]) in _EMPTY:
            return any(name.startswith((f"{path}.", f"{path}[")) for name in other)
    return False


def _in_line(
    path: str,
    old: Sequence[Json],
    new: Sequence[Json],
    old_defaults: Mapping[str, Json],
    new_defaults: Mapping[str, Json],
) -> Iterator[Change]:
    """What differs inside a list, each with the option that it stands behind."""
    before, after = [canonical(item) for item in old], [canonical(item) for item in new]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        place = _option(old[start - 1]) if start else ""
        gone, come = list(old[start:end]), list(new[new_start:new_end])
        if gone and come:
            one, other = shown_pair(_alone(gone), _alone(come), old_defaults, new_defaults)
            yield Change(path, one, other, place)
        elif gone:
            yield Change(path, shown(_alone(gone), old_defaults), None, place)
        else:
            yield Change(path, None, shown(_alone(come), new_defaults), place)


def _alone(items: list[Json]) -> Json:
    return items[0] if len(items) == 1 else items


def _option(item: Json) -> str:
    return item if isinstance(item, str) and item.startswith("--") else ""


def _weakens(path: str, old: Json, new: Json) -> bool:
    if path.endswith(_PROTECTIONS):
        return old is True and new is not True
    return new is None and (".VpcConfig." in path or path.endswith(("KmsKeyId", "KmsKey")))


def _duration(seconds: float) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{seconds:.0f} s" if rest else f"{days:.0f} days"


def _retries(policy: RetryPolicy) -> str:
    until = f", for {policy.expire_after:g} minutes" if policy.expire_after else ""
    return (
        f"{policy.max_attempts} times, first after {policy.interval:g} s, "
        f"each pause {policy.backoff:g} times as long{until}"
    )
