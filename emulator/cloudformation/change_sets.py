"""Change sets: the desired state of a stack, and its differences from the current one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.cloudformation.drift import Drift
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources import resource_type
from emulator.cloudformation.stack import Desired, Identifiers, Stack

_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@dataclass
class ChangeSet:
    """A change of a stack that can be reviewed before it is executed."""

    identity: str
    name: str
    stack: Stack
    kind: str
    desired: Desired
    tags: list[dict[str, str]]
    changes: list[dict[str, Any]]
    drifted: list[Drift]
    imported: Identifiers
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    execution: str = "AVAILABLE"

    @property
    def is_empty(self) -> bool:
        """Whether there are no changes."""
        outputs = [item.document.get("Outputs") for item in (self.desired, self.stack.desired)]
        is_same = outputs[0] == outputs[1] and self.tags == self.stack.tags
        return self.kind == "UPDATE" and not self.changes and is_same

    def described(self) -> dict[str, Any]:
        """Return the response of DescribeChangeSet."""
        return self.summary() | {"Changes": self.changes, "Tags": self.tags}

    def summary(self) -> dict[str, Any]:
        """Return the summary in ListChangeSets."""
        return {
            "ChangeSetId": self.identity,
            "ChangeSetName": self.name,
            "CreationTime": self.created,
            "ExecutionStatus": "UNAVAILABLE" if self.is_empty else self.execution,
            "StackId": self.stack.identity,
            "StackName": self.stack.name,
            "Status": "FAILED" if self.is_empty else "CREATE_COMPLETE",
            "StatusReason": _NO_CHANGES if self.is_empty else None,
        }


def changes(stack: Stack, desired: Desired, drifted: Sequence[Drift]) -> list[dict[str, Any]]:
    """Return the differences of the template's resources, as written, from the stack's.

    drifted: resources to revert even if the template is the same.
    """
    old, new = stack.desired.document.get("Resources", {}), desired.document["Resources"]
    are_values_same = stack.desired.parameters == desired.parameters
    values = stack.values(desired, {})
    changed = {drift.name for drift in drifted}
    lost = {drift.name for drift in drifted if drift.actual is None}
    found = []
    for name, resource in new.items():
        if "Condition" in resource and not values.condition(resource["Condition"]):
            continue
        if name not in stack.resources or name in lost:
            found.append(_change("Add", name, resource["Type"], ""))
        elif name in changed or resource != old.get(name) or not are_values_same:
            current = stack.resources[name]
            before = old.get(name, {}).get("Properties", {})
            after = resource.get("Properties", {})
            replaced = any(
                before.get(key) != after.get(key)
                for key in resource_type(resource["Type"]).replaced_by
            )
            change = _change("Modify", name, current.kind, current.physical_id)
            change["ResourceChange"]["Replacement"] = str(replaced)
            found.append(change)
    removed = [name for name in stack.resources if name not in new]
    return found + [
        _change("Remove", name, stack.resources[name].kind, stack.resources[name].physical_id)
        for name in removed
    ]


def imports(stack: Stack, desired: Desired, identifiers: Identifiers) -> list[dict[str, Any]]:
    """Return the changes of an import. Raise ApiError for one that CloudFormation refuses."""
    resources = desired.document["Resources"]
    if unknown := sorted(resources.keys() ^ (stack.resources.keys() | identifiers.keys())):
        raise refused(
            f"Resources {unknown} are in neither the stack nor the resources to import, or not in "
            "the template"
        )
    if taken := sorted(identifiers.keys() & stack.resources.keys()):
        raise refused(f"Resources {taken} are already in the stack")
    if without := sorted(name for name in identifiers if "DeletionPolicy" not in resources[name]):
        raise refused(f"Resources {without} to import have no DeletionPolicy")
    return [
        _change("Import", name, resources[name]["Type"], next(iter(identifier.values())))
        for name, identifier in identifiers.items()
    ]


def _change(action: str, name: str, kind: str, physical_id: str) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "Details": [],
            "LogicalResourceId": name,
            "PhysicalResourceId": physical_id or None,
            "ResourceType": kind,
            "Scope": ["Properties"] if action == "Modify" else [],
        },
    }
