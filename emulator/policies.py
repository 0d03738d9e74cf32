"""Evaluation of policies: whether their statements allow an action.

Of conditions, StringEquals, StringLike and Null are evaluated; a statement with others doesn't
apply.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

ALLOWED = "allowed"

_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringLike": fnmatchcase,
}

Statement = Mapping[str, Any]


def decision(
    statements: Iterable[Statement],
    action: str,
    resource: str,
    context: Mapping[str, Iterable[str]],
) -> str:
    """Return IAM's decision. A trust policy has no resource; it applies to its role."""
    effects = {
        statement["Effect"]
        for statement in statements
        if any(fnmatchcase(action, one) for one in _listed(statement.get("Action", ())))
        and any(fnmatchcase(resource, one) for one in _listed(statement.get("Resource", "*")))
        and _is_met(statement.get("Condition", {}), context)
    }
    if "Deny" in effects:
        return "explicitDeny"
    return ALLOWED if effects else "implicitDeny"


def allows_account(
    statements: Iterable[Statement],
    account: str,
    action: str,
    resource: str,
    context: Mapping[str, Iterable[str]],
) -> bool:
    """Whether the policy of a resource allows an action to another account as a whole."""
    principals = {"*", account, f"arn:aws:iam::{account}:root"}
    concerning = [item for item in statements if principals & _principals(item)]
    return decision(concerning, action, resource, context) == ALLOWED


def denial(account: str, action: str, resource: str) -> str:
    """Return the message for an action that isn't allowed."""
    caller = f"arn:aws:iam::{account}:root"
    return f"User: {caller} is not authorized to perform: {action} on resource: {resource}"


def _principals(statement: Statement) -> set[str]:
    principal = statement.get("Principal", {})
    if isinstance(principal, Mapping):
        principal = principal.get("AWS", ())
    return set(_listed(principal))


def _is_met(conditions: Mapping[str, Any], context: Mapping[str, Iterable[str]]) -> bool:
    return all(
        _holds(comparison, context.get(key, ()), _listed(values))
        for comparison, keys in conditions.items()
        for key, values in keys.items()
    )


def _holds(comparison: str, found: Iterable[str], wanted: Iterable[str]) -> bool:
    if comparison == "Null":
        return str(not list(found)).lower() in wanted
    return comparison in _COMPARE and any(
        _COMPARE[comparison](value, one) for value in found for one in wanted
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
