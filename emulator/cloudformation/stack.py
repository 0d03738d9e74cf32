"""A stack: its resources, its status, and what happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from emulator.clients import Clients
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources.base import Context, Made
from emulator.cloudformation.template import NO_VALUE, Document, Values

STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Desired:
    """What a stack shall be: a template, as text and as data, and values for its parameters."""

    text: str
    document: Document
    parameters: Mapping[str, Any]


@dataclass
class Stack:
    """A stack; ``made`` holds its resources by logical name, in the order they were made."""

    identity: str
    name: str
    region: str
    account: str
    status: str
    desired: Desired
    tags: list[dict[str, str]] = field(default_factory=list)
    made: dict[str, Made] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime | None = None
    deleted: datetime | None = None
    change_set: str | None = None
    reason: str | None = None
    role: str | None = None
    is_protected: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether a change is under way."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Notes what the stack is now."""
        self.reason = reason
        self.note(self.name, STACK, self.identity, status, reason)
        self.status = status  # after the event, so that who sees the status sees the event

    def note(
        self, name: str, kind: str, physical: str, status: str, reason: str | None = None
    ) -> None:
        """Notes what became of a resource."""
        self.events.append(
            {
                "EventId": str(uuid.uuid4()),
                "LogicalResourceId": name,
                "PhysicalResourceId": physical,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "ResourceType": kind,
                "StackId": self.identity,
                "StackName": self.name,
                "Timestamp": datetime.now(UTC),
            }
        )

    def mark(self, name: str, status: str) -> None:
        """Notes the status of a resource that is there."""
        made = self.made[name] = replace(self.made[name], status=status)
        self.note(name, made.kind, made.physical, status)

    def context(self, clients: Clients, name: str, kind: str) -> Context:
        """What a resource's type is told of where it is."""
        return Context(clients, self.region, self.account, self.name, name, kind)

    def values(self, desired: Desired, exported: Mapping[str, str]) -> Values:
        """What the functions of a template stand for, with the resources made so far."""
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": self.identity,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": "amazonaws.com",
        }

        def ref(name: str) -> Any:
            if name in pseudo:
                return pseudo[name]
            if name in desired.parameters:
                return desired.parameters[name]
            return self._the(name).physical

        def attribute(name: str, key: str) -> Any:
            made = self._the(name)
            if key not in made.attributes:
                raise refused(f"Requested attribute {key} does not exist in schema for {made.kind}")
            return made.attributes[key]

        def export(name: str) -> str:
            if name not in exported:
                raise refused(f"No export named {name} found.")
            return exported[name]

        return Values(desired.document, ref, attribute, export)

    def _the(self, name: str) -> Made:
        if name not in self.made:
            raise refused(f"Unresolved resource dependencies [{name}] in the template")
        return self.made[name]
