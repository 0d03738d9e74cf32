"""IAM's simulation of the policies in a role, which moto lacks; without its boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.clients import Clients, Place
from emulator.policies import decision
from emulator.service import Call, Handler


class PolicySimulator:
    """Answers SimulatePrincipalPolicy for roles."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {"SimulatePrincipalPolicy": self._simulate}

    def _simulate(self, call: Call) -> dict[str, Any]:
        role = call["PolicySourceArn"].rpartition("/")[2]
        statements = list(self._statements(role, call.place))
        context = {
            entry["ContextKeyName"]: entry["ContextKeyValues"]
            for entry in call.get("ContextEntries", ())
        }
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision(statements, action, resource, context),
            }
            for action in call["ActionNames"]
            for resource in call.get("ResourceArns", ["*"])
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    def _statements(self, role: str, place: Place) -> Iterator[Mapping[str, Any]]:
        """Yield the statements of the policies in a role, which the CDK writes there."""
        iam = self._clients("iam", place)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            yield from document["Statement"]
