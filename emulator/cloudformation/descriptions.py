"""Stacks and resources as in the API's responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.cloudformation.parameters import as_text
from emulator.cloudformation.resources.base import PhysicalResource
from emulator.cloudformation.stack import Stack


def stack(stack: Stack, exported: Mapping[str, str]) -> dict[str, Any]:
    """Return a stack as in DescribeStacks."""
    return {
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "ChangeSetId": stack.change_set,
        "CreationTime": stack.created,
        "DeletionTime": stack.deleted,
        "Description": stack.desired.document.get("Description"),
        "DisableRollback": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "EnableTerminationProtection": stack.is_protected,
        "LastUpdatedTime": stack.updated,
        "NotificationARNs": [],
        "Outputs": list(_outputs(stack, exported)),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": as_text(value)}
            for name, value in stack.desired.parameters.items()
        ],
        "RoleARN": stack.role,
        "RollbackConfiguration": {},
        "StackId": stack.identity,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "Tags": stack.tags,
    }


def summary(stack: Stack) -> dict[str, Any]:
    """Return a stack as in ListStacks."""
    return {
        "CreationTime": stack.created,
        "DeletionTime": stack.deleted,
        "LastUpdatedTime": stack.updated,
        "StackId": stack.identity,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "TemplateDescription": stack.desired.document.get("Description"),
    }


def resource(stack: Stack, name: str, current: PhysicalResource, time: str) -> dict[str, Any]:
    """Return a resource. time: the name of its time in the response."""
    return {
        "LogicalResourceId": name,
        "PhysicalResourceId": current.physical_id,
        "ResourceStatus": current.status,
        "ResourceType": current.kind,
        time: stack.updated or stack.created,
    }


def _outputs(stack: Stack, exported: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if not stack.status.endswith("_COMPLETE") or stack.status.startswith(("DELETE", "ROLLBACK")):
        return
    values = stack.values(stack.desired, exported)
    for name, output in stack.desired.document.get("Outputs", {}).items():
        if "Condition" in output and not values.condition(output["Condition"]):
            continue
        export = output.get("Export", {}).get("Name")
        yield {
            "Description": output.get("Description"),
            "ExportName": values.resolve(export) if export else None,
            "OutputKey": name,
            "OutputValue": str(values.resolve(output["Value"])),
        }
