"""IAM's simulation of the policies in a role, which moto lacks; without its boundary.

Of conditions, it evaluates StringEquals and StringLike; a statement with others doesn't apply.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.clients import Clients
from emulator.service import Call, Handler

_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringLike": fnmatchcase,
}


class PolicySimulator:
    """Answers SimulatePrincipalPolicy for roles."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {"SimulatePrincipalPolicy": self._simulate}

    def _simulate(self, call: Call) -> dict[str, Any]:
        role = call["PolicySourceArn"].rpartition("/")[2]
        statements = list(self._statements(role, call.region))
        context = {
            entry["ContextKeyName"]: entry["ContextKeyValues"]
            for entry in call.get("ContextEntries", ())
        }
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": _decision(statements, action, resource, context),
            }
            for action in call["ActionNames"]
            for resource in call.get("ResourceArns", ["*"])
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    def _statements(self, role: str, region: str) -> Iterator[Mapping[str, Any]]:
        """Yield the statements of the policies in a role, which the CDK writes there."""
        iam = self._clients("iam", region)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            yield from document["Statement"]


def _decision(
    statements: list[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, Any]
) -> str:
    effects = {
        statement["Effect"]
        for statement in statements
        if any(fnmatchcase(action, one) for one in _listed(statement.get("Action", ())))
        and any(fnmatchcase(resource, one) for one in _listed(statement.get("Resource", ())))
        and _is_met(statement.get("Condition", {}), context)
    }
    if "Deny" in effects:
        return "explicitDeny"
    return "allowed" if effects else "implicitDeny"


def _is_met(conditions: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    return all(
        comparison in _COMPARE
        and any(
            _COMPARE[comparison](value, wanted)
            for value in context.get(key, ())
            for wanted in _listed(values)
        )
        for comparison, keys in conditions.items()
        for key, values in keys.items()
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
