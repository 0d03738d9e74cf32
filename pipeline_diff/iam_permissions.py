"""IAM permissions of a template as single grants, and their changes between two sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from local_runner.definition.model import Json
from pipeline_diff.values import canonical

ALLOW, DENY, BOUNDARY = "Allow", "Deny", "Boundary"

_UNREADABLE = "unreadable statement"


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource.

    principal: the role, or the principal in a resource's own policy.
    effect: Allow, Deny, or Boundary for a permissions boundary, whose ARN is the resource.
    condition: as text; empty if there is none.
    """

    principal: str
    effect: str
    action: str
    resource: str
    condition: str = ""

    @property
    def allows(self) -> bool:
        """Whether it allows something, rather than restricting it."""
        return self.effect == ALLOW

    def covers(self, other: Grant) -> bool:
        """Whether this grant includes ``other``."""
        return (
            (self.principal, self.effect) == (other.principal, other.effect)
            and self.condition in ("", other.condition)
            and bool(_pattern(self.action.lower()).fullmatch(other.action.lower()))
            and bool(_pattern(self.resource).fullmatch(other.resource))
        )


@dataclass(frozen=True)
class PermissionChange:
    """A grant that was added or removed.

    gained: more is allowed now. remaining: narrower grants that still allow part of a removed one.
    """

    grant: Grant
    gained: bool
    remaining: tuple[Grant, ...] = ()


def permission_changes(
    old: frozenset[Grant], new: frozenset[Grant]
) -> tuple[PermissionChange, ...]:
    """Return gained permissions, then lost ones, each sorted."""
    added = [grant for grant in new if not any(known.covers(grant) for known in old)]
    removed = [grant for grant in old if not any(known.covers(grant) for known in new)]
    found = [PermissionChange(grant, gained=grant.allows) for grant in added]
    found += [
        PermissionChange(
            grant,
            gained=not grant.allows,
            remaining=tuple(sorted(narrow for narrow in new if grant.covers(narrow))),
        )
        for grant in removed
    ]
    return tuple(sorted(found, key=lambda change: (not change.gained, change.grant)))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile an IAM pattern: * matches anything, ? one character that isn't itself a pattern."""
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in text), re.DOTALL)


def grants(resources: Mapping[str, Json]) -> frozenset[Grant]:
    """Return every grant of a template's resources, whose functions are replaced by text.

    resources: by placeholder, such as ``<ExecutionRole>``.
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
        yield Grant(name, ALLOW, "all actions of the managed policy", policy)
    if boundary := properties.get("PermissionsBoundary"):
        yield Grant(name, BOUNDARY, "permissions boundary", str(boundary))


def _statements(value: Json) -> Iterator[Mapping[str, Json]]:
    """Yield the statements of every policy document inside ``value``."""
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
    for principal in _principals(statement) or [holder]:
        for action in _actions(statement):
            for resource in _resources(statement, holder):
                yield Grant(principal, str(statement["Effect"]), action, resource, condition)


def _actions(statement: Mapping[str, Json]) -> list[str]:
    if "NotAction" in statement:
        return [f"all actions except {', '.join(_texts(statement['NotAction']))}"]
    return _texts(statement.get("Action", []))


def _resources(statement: Mapping[str, Json], holder: str) -> list[str]:
    if "NotResource" in statement:
        return [f"all resources except {', '.join(_texts(statement['NotResource']))}"]
    found = _texts(statement.get("Resource", holder))
    # In the policy of a resource, such as a KMS key, * is that resource.
    return [holder if name == "*" and _principals(statement) else name for name in found]


def _principals(statement: Mapping[str, Json]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"everyone except {canonical(statement['NotPrincipal'])}"]
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
