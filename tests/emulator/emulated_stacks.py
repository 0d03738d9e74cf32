"""Stacks in the emulated AWS, made by boto3."""

from __future__ import annotations

import json
from typing import Any

from emulator_programs import Emulator, eventually

Resources = dict[str, dict[str, Any]]


def template(resources: Resources, **sections: Any) -> str:
    """A template as text."""
    return json.dumps({"Resources": resources, **sections})


def status(emulator: Emulator, stack: str) -> str:
    """The stack's status, once nothing is under way."""

    def look() -> str | None:
        found = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return None if found["StackStatus"].endswith("PROGRESS") else str(found["StackStatus"])

    return eventually(look, 30)


def create(emulator: Emulator, name: str, resources: Resources, **sections: Any) -> str:
    """Creates a stack; its id, which finds it even when it is gone."""
    made = emulator.client("cloudformation").create_stack(
        StackName=name, TemplateBody=template(resources, **sections)
    )
    status(emulator, made["StackId"])
    return str(made["StackId"])


def failures(emulator: Emulator, stack: str) -> dict[str, str]:
    """Why resources failed, by name."""
    events = emulator.client("cloudformation").describe_stack_events(StackName=stack)
    return {
        event["LogicalResourceId"]: event["ResourceStatusReason"]
        for event in events["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
    }
