"""Who may do what: policies of a template as single grants, and the difference of two sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from local_runner.definition.model import Json
from pipeline_diff.render.format_values import canonical

ALLOW, DENY, BOUND = "Allow", "Deny", "Bound"

_UNREADABLE = "a statement that can't be read"


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource.

    who: the role, or the principal that a resource's own policy names.
    effect: Allow, Deny, or Bound for a permissions boundary, whose ARN is the resource.
    condition: as text; empty if there is none.
    """

    who: str
    effect: str
    action: str
    resource: str
    condition: str = ""

    @property
    def allows(self) -> bool:
        """Whether more is allowed with it than without."""
        return self.effect == ALLOW

    def covers(self, other: Grant) -> bool:
        """Whether everything that ``other`` says is said by this one, too."""
        return (
            (self.who, self.effect) == (other.who, other.effect)
            and self.condition in ("", other.condition)
            and bool(_pattern(self.action.lower()).fullmatch(other.action.lower()))
            and bool(_pattern(self.resource).fullmatch(other.resource))
        )


@dataclass(frozen=True)
class PermissionChange:
    """A grant that came or went.

    gained: more is allowed now. kept: what narrower grants leave of one that went.
    """

    grant: Grant
    gained: bool
    kept: tuple[Grant, ...] = ()


def permission_changes(
    old: frozenset[Grant], new: frozenset[Grant]
) -> tuple[PermissionChange, ...]:
    """What is allowed now and wasn't, and the other way round; gained first, sorted."""
    come = [grant for grant in new if not any(known.covers(grant) for known in old)]
    gone = [grant for grant in old if not any(known.covers(grant) for known in new)]
    found = [PermissionChange(grant, gained=grant.allows) for grant in come]
    found += [
        PermissionChange(
            grant,
            gained=not grant.allows,
            kept=tuple(sorted(left for left in new if grant.covers(left))),
        )
        for grant in gone
    ]
    return tuple(sorted(found, key=lambda change: (not change.gained, change.grant)))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of IAM: * stands for anything, ? for one character that isn't itself a pattern."""
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in text), re.DOTALL)


def grants(resources: Mapping[str, Json]) -> frozenset[Grant]:
    """Every grant of a template's resources, whose functions are made readable already.

    resources: by the name that stands for them, such as ``<ExecutionRole>``.
    """
    return frozenset(
        grant
        for name, resource in resources.items()
        if isinstance(resource, Mapping) and isinstance(resource.get("Properties"), Mapping)
        for grant in _of_resource(name, resource)
    )


def _of_resource(name: str, resource: Mapping[str, Json]) -> Iterator[Grant]:
    properties = resource["Properties"]
    holders = [
        holder
        for kind in ("Roles", "Users", "Groups")
        for holder in _texts(properties.get(kind, []))
        if resource.get("Type") in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    ] or [name]
    for statement in _statements(properties):
        for holder in holders:
            yield from _of_statement(statement, holder)
    for policy in _texts(properties.get("ManagedPolicyArns", [])):
        yield Grant(name, ALLOW, "everything in the managed policy", policy)
    if boundary := properties.get("PermissionsBoundary"):
        yield Grant(name, BOUND, "no more than", str(boundary))


def _statements(value: Json) -> Iterator[Mapping[str, Json]]:
    """The statements of every policy document inside ``value``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Statement":
                yield from _items(item)
            else:
                yield from _statements(item)
    elif isinstance(value, list):
        for item in value:
            yield from _statements(item)


def _of_statement(statement: Json, holder: str) -> Iterator[Grant]:
    if not isinstance(statement, Mapping) or "Effect" not in statement:
        yield Grant(holder, ALLOW, _UNREADABLE, canonical(statement))
        return
    condition = _condition(statement.get("Condition", {}))
    for who in _principals(statement) or [holder]:
        for action in _actions(statement):
            for resource in _resources(statement, holder):
                yield Grant(who, str(statement["Effect"]), action, resource, condition)


def _actions(statement: Mapping[str, Json]) -> list[str]:
    if "NotAction" in statement:
        return [f"everything but {', '.join(_texts(statement['NotAction']))}"]
    return _texts(statement.get("Action", []))


def _resources(statement: Mapping[str, Json], holder: str) -> list[str]:
    if "NotResource" in statement:
        return [f"everything but {', '.join(_texts(statement['NotResource']))}"]
    found = _texts(statement.get("Resource", holder))
    # In a resource's own policy, as a key's, * is that resource.
    return [holder if name == "*" and _principals(statement) else name for name in found]


def _principals(statement: Mapping[str, Json]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"everybody but {canonical(statement['NotPrincipal'])}"]
    principal = statement.get("Principal", {})
    if isinstance(principal, Mapping):
        return [text for texts in principal.values() for text in _texts(texts)]
    return _texts(principal)


def _condition(value: Json) -> str:
    if not isinstance(value, Mapping) or not all(
        isinstance(keys, Mapping) for keys in value.values()
    ):
        return canonical(value)
    return " and ".join(
        f"{key} {operator} {', '.join(_texts(wanted))}"
        for operator, keys in sorted(value.items())
        for key, wanted in sorted(keys.items())
    )


def _items(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list) else [value]


def _texts(value: Json) -> list[str]:
    return [item if isinstance(item, str) else canonical(item) for item in _items(value)]
