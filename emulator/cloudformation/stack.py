"""A stack: its resources, its status and its events."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from emulator.clients import Clients, Place
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources.base import Context, PhysicalResource
from emulator.cloudformation.template import NO_VALUE, Document, Values

Identifiers = Mapping[str, Mapping[str, str]]
"""Identifying properties of resources to import, by logical id."""

STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Desired:
    """The desired state of a stack: its template, as text and as data, and its parameters."""

    text: str
    document: Document
    parameters: Mapping[str, Any]


@dataclass
class Stack:
    """A stack. resources: its resources by logical id, in the order of their creation.

    skipped: those that its deletion kept.
    """

    identity: str
    name: str
    place: Place
    status: str
    desired: Desired
    tags: list[dict[str, str]] = field(default_factory=list)
    resources: dict[str, PhysicalResource] = field(default_factory=dict)
    skipped: dict[str, PhysicalResource] = field(default_factory=dict)
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
        """Whether a change is in progress."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Set the stack's status and add its event."""
        self.reason = reason
        self.note(self.name, STACK, self.identity, status, reason)
        self.status = status  # after the event, so that readers of the status find the event

    def note(
        self, name: str, kind: str, physical: str, status: str, reason: str | None = None
    ) -> None:
        """Add an event of a resource."""
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
        """Set the status of an existing resource and add its event."""
        resource = self.resources[name] = replace(self.resources[name], status=status)
        self.note(name, resource.kind, resource.physical_id, status)

    def context(self, clients: Clients, name: str, kind: str) -> Context:
        """Return the context of a resource."""
        return Context(clients, self.place, self.name, name, kind)

    def values(self, desired: Desired, exported: Mapping[str, str]) -> Values:
        """Return the evaluator of the template's functions, with the resources created so far."""
        pseudo = {
            "AWS::AccountId": self.place.account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.place.region,
            "AWS::StackId": self.identity,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": "amazonaws.com",
        }

        def ref(name: str) -> Any:
            if name in pseudo:
                return pseudo[name]
            if name in desired.parameters:
                return desired.parameters[name]
            return self._resource(name).physical_id

        def attribute(name: str, key: str) -> Any:
            resource = self._resource(name)
            if key not in resource.attributes:
                raise refused(
                    f"Requested attribute {key} does not exist in schema for {resource.kind}"
                )
            return resource.attributes[key]

        def export(name: str) -> str:
            if name not in exported:
                raise refused(f"No export named {name} found.")
            return exported[name]

        return Values(desired.document, ref, attribute, export)

    def _resource(self, name: str) -> PhysicalResource:
        if name not in self.resources:
            raise refused(f"Unresolved resource dependencies [{name}] in the template")
        return self.resources[name]
