"""Deployments: create, update and delete a stack's resources, and roll back if one fails."""

from __future__ import annotations

import graphlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.clients import Clients
from emulator.cloudformation.drift import Drift
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources import resource_type
from emulator.cloudformation.resources.base import PhysicalResource
from emulator.cloudformation.stack import Desired, Identifiers, Stack
from emulator.cloudformation.template import Document, references
from emulator.service import ApiError

_LOG = logging.getLogger(__name__)
_RETAIN = "Retain"
_KEPT = (_RETAIN, "RetainExceptOnCreate")
_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


class _Failed(Exception):
    """A resource couldn't be created, updated or deleted; the reason is in its event."""


class Deployment:
    """Changes of one stack. exported: returns the exports of all stacks."""

    def __init__(
        self, stack: Stack, clients: Clients, exported: Callable[[], Mapping[str, str]]
    ) -> None:
        self._stack = stack
        self._clients = clients
        self._exported = exported

    def create(self, desired: Desired, is_rolled_back: bool = True) -> None:
        """Create a new stack's resources."""
        stack = self._stack
        stack.desired = desired
        stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(desired)
            self._export(desired)
        except (_Failed, ApiError) as error:
            if not is_rolled_back:
                stack.set_status("CREATE_FAILED", str(error))
                return
            stack.set_status("ROLLBACK_IN_PROGRESS", str(error))
            failed = self._remove(list(stack.resources), kept=(_RETAIN,))
            stack.set_status("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE")
            return
        stack.set_status("CREATE_COMPLETE")

    def update(self, desired: Desired, drifted: Sequence[Drift] = ()) -> None:
        """Update a stack's resources, and revert those that have drifted."""
        stack, before = self._stack, self._stack.desired
        for drift in drifted:
            if drift.actual is None:
                del stack.resources[drift.name]
            else:
                stack.resources[drift.name] = replace(drift.resource, properties=drift.now)
        stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(desired)
            self._export(desired)
        except (_Failed, ApiError) as error:
            stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", str(error))
            try:
                self._converge(before)
            except (_Failed, ApiError) as second:
                stack.set_status("UPDATE_ROLLBACK_FAILED", str(second))
                return
            self._clean(before, kept=(_RETAIN,))
            stack.set_status("UPDATE_ROLLBACK_COMPLETE")
            return
        stack.desired = desired
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean(desired, kept=_KEPT)
        stack.set_status("UPDATE_COMPLETE")

    def adopt(self, desired: Desired, identifiers: Identifiers) -> None:
        """Take existing resources into the stack, without a change to them."""
        stack = self._stack
        stack.set_status("IMPORT_IN_PROGRESS", "User Initiated")
        values, before = stack.values(desired, self._exported()), dict(stack.resources)
        for name in filter(identifiers.__contains__, creation_order(desired.document)):
            resource = desired.document["Resources"][name]
            context = stack.context(self._clients, name, resource["Type"])
            try:
                found = resource_type(resource["Type"]).find(identifiers[name], context)
                properties = values.resolve(resource.get("Properties", {}))
            except (BotoCoreError, ClientError, ApiError) as error:
                stack.note(name, resource["Type"], "", "IMPORT_FAILED", _one_line(error))
                stack.resources = before
                stack.set_status("IMPORT_ROLLBACK_COMPLETE")
                return
            stack.resources[name] = replace(
                found, kind=resource["Type"], properties=properties, policies=_policies(resource)
            )
            stack.mark(name, "IMPORT_COMPLETE")
        stack.desired = desired
        stack.set_status("IMPORT_COMPLETE")

    def delete(self, kept: tuple[str, ...] = ()) -> None:
        """Delete a stack's resources, except those to retain."""
        stack = self._stack
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        for name, resource in list(stack.resources.items()):
            if name in kept or resource.policies.get("DeletionPolicy") in _KEPT:
                self._skip(name)
                stack.skipped[name] = replace(resource, status="DELETE_SKIPPED")
        failed = self._remove(list(stack.resources))
        if failed:
            names = ", ".join(sorted(failed))
            stack.set_status(
                "DELETE_FAILED", f"The following resource(s) failed to delete: [{names}]. "
            )
            return
        stack.exports.clear()
        stack.set_status("DELETE_COMPLETE")

    def _converge(self, desired: Desired) -> None:
        values = self._stack.values(desired, self._exported())
        for name in creation_order(desired.document):
            resource = desired.document["Resources"][name]
            condition = resource.get("Condition")
            if condition is None or values.condition(condition):
                try:
                    properties = values.resolve(resource.get("Properties", {}))
                except ApiError as error:
                    self._stack.note(name, resource["Type"], "", "CREATE_FAILED", str(error))
                    raise _Failed(f"{name}: {error}") from None
                self._make(name, resource["Type"], properties, _policies(resource))

    def _make(
        self, name: str, kind: str, properties: Mapping[str, Any], policies: Mapping[str, str]
    ) -> None:
        stack, old = self._stack, self._stack.resources.get(name)
        if old and (old.kind, old.properties) == (kind, properties):
            stack.resources[name] = replace(old, policies=policies)
            return
        resource = resource_type(kind)
        is_new = old is None or any(
            old.properties.get(key) != properties.get(key) for key in resource.replaced_by
        )
        verb = "CREATE" if old is None else "UPDATE"
        physical = old.physical_id if old else ""
        stack.note(name, kind, physical, f"{verb}_IN_PROGRESS")
        context = stack.context(self._clients, name, kind)
        try:
            new = resource.put(properties, None if is_new else old, context)
        except (BotoCoreError, ClientError, ApiError) as error:
            stack.note(name, kind, physical, f"{verb}_FAILED", _one_line(error))
            reason = f"The following resource(s) failed to {verb.lower()}: [{name}]. "
            raise _Failed(reason) from error
        stack.resources[name] = replace(new, kind=kind, properties=properties, policies=policies)
        stack.mark(name, f"{verb}_COMPLETE")
        if old and is_new:
            if policies.get("UpdateReplacePolicy") == _RETAIN:
                stack.note(name, kind, old.physical_id, "DELETE_SKIPPED")
            else:
                self._delete(name, old)

    def _clean(self, desired: Desired, kept: Sequence[str]) -> None:
        """Delete resources that the template no longer has, or whose condition no longer holds.

        kept: the policies of resources that only leave the stack.
        """
        values = self._stack.values(desired, self._exported())
        resources = desired.document["Resources"]
        removed = [
            name
            for name in self._stack.resources
            if name not in resources
            or (
                "Condition" in resources[name]
                and not values.condition(resources[name]["Condition"])
            )
        ]
        self._remove(removed, kept)

    def _remove(self, names: list[str], kept: Sequence[str] = ()) -> list[str]:
        """Delete resources in reverse order and return those that failed.

        kept: the policies of resources that only leave the stack.
        """
        failed = []
        for name in reversed(names):
            if self._stack.resources[name].policies.get("DeletionPolicy") in kept:
                self._skip(name)
                continue
            try:
                self._delete(name, self._stack.resources[name])
                del self._stack.resources[name]
            except _Failed:
                failed.append(name)
        return failed

    def _skip(self, name: str) -> None:
        """Remove a resource from the stack without deleting it."""
        self._stack.mark(name, "DELETE_SKIPPED")
        del self._stack.resources[name]

    def _delete(self, name: str, resource: PhysicalResource) -> None:
        stack = self._stack
        stack.note(name, resource.kind, resource.physical_id, "DELETE_IN_PROGRESS")
        context = stack.context(self._clients, name, resource.kind)
        try:
            resource_type(resource.kind).delete(resource, context)
        except (BotoCoreError, ClientError) as error:
            _LOG.info("%s can't be deleted: %s", name, error)
            stack.note(name, resource.kind, resource.physical_id, "DELETE_FAILED", _one_line(error))
            if name in stack.resources:
                stack.resources[name] = replace(stack.resources[name], status="DELETE_FAILED")
            raise _Failed(name) from error
        stack.note(name, resource.kind, resource.physical_id, "DELETE_COMPLETE")

    def _export(self, desired: Desired) -> None:
        values = self._stack.values(desired, self._exported())
        self._stack.exports = {
            values.resolve(output["Export"]["Name"]): values.resolve(output["Value"])
            for output in desired.document.get("Outputs", {}).values()
            if "Export" in output
        }


def creation_order(document: Document) -> list[str]:
    """Sort the resources' names by dependency. Raise ApiError for a circular dependency."""
    resources = document["Resources"]
    depends_on = {}
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        names = {
            *references(resource.get("Properties", {})),
            *([explicit] if isinstance(explicit, str) else explicit),
        }
        depends_on[name] = sorted(names & resources.keys())
    try:
        return list(graphlib.TopologicalSorter(depends_on).static_order())
    except graphlib.CycleError as error:
        raise refused(f"Circular dependency between resources: {error.args[1]}") from None


def _policies(resource: Document) -> dict[str, str]:
    return {key: resource[key] for key in _POLICIES if key in resource}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
