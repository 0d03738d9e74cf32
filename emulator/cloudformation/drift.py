"""Drift: differences between resources and the template that they were deployed with.

As in CloudFormation, only properties in the template are compared, and of those only the ones that
the type can read. Resources of types that aren't readable are neither checked nor listed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.clients import Clients
from emulator.cloudformation.resources import resource_type
from emulator.cloudformation.resources.base import PhysicalResource, Readable
from emulator.cloudformation.stack import Stack

IN_SYNC = "IN_SYNC"


@dataclass(frozen=True)
class Drift:
    """A checked resource. actual: its properties, None if it doesn't exist."""

    name: str
    resource: PhysicalResource
    actual: Mapping[str, Any] | None

    @property
    def now(self) -> dict[str, Any]:
        """The template's properties with their actual values."""
        actual = self.actual or {}
        return {key: actual.get(key, value) for key, value in self.resource.properties.items()}

    @property
    def differences(self) -> list[dict[str, Any]]:
        """The properties that differ, with their paths."""
        return list(_differences("", self.resource.properties, self.now))

    @property
    def status(self) -> str:
        """The drift status."""
        if self.actual is None:
            return "DELETED"
        return "MODIFIED" if self.differences else IN_SYNC


@dataclass(frozen=True)
class Detection:
    """The result of one drift detection."""

    identity: str
    stack: Stack
    drifts: tuple[Drift, ...]
    time: datetime

    @property
    def drifted(self) -> list[Drift]:
        """The resources that have drifted."""
        return [drift for drift in self.drifts if drift.status != IN_SYNC]


def detect(stack: Stack, clients: Clients) -> Detection:
    """Check every readable resource of a stack."""
    drifts = []
    for name, resource in stack.resources.items():
        kind = resource_type(resource.kind)
        if isinstance(kind, Readable):
            found = kind.read(resource, stack.context(clients, name, resource.kind))
            drifts.append(Drift(name, resource, found))
    return Detection(str(uuid.uuid4()), stack, tuple(drifts), datetime.now(UTC))


def _differences(path: str, expected: Any, actual: Any) -> Iterator[dict[str, Any]]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in sorted(expected.keys() | actual.keys()):
            yield from _differences(f"{path}/{key}", expected.get(key), actual.get(key))
    elif expected != actual:
        yield {
            "ActualValue": _as_text(actual),
            "DifferenceType": _kind(expected, actual),
            "ExpectedValue": _as_text(expected),
            "PropertyPath": path,
        }


def _kind(expected: Any, actual: Any) -> str:
    if actual is None:
        return "REMOVE"
    return "ADD" if expected is None else "NOT_EQUAL"


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
