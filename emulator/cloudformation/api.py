"""CloudFormation's operations."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from emulator.clients import Clients
from emulator.cloudformation import descriptions
from emulator.cloudformation.change_sets import ChangeSet, changes, imports
from emulator.cloudformation.deployment import Deployment
from emulator.cloudformation.drift import detect
from emulator.cloudformation.drift_api import DriftDetection
from emulator.cloudformation.errors import refused
from emulator.cloudformation.stack import Stack
from emulator.cloudformation.stacks import DELETED, Stacks
from emulator.cloudformation.template import parse
from emulator.service import ApiError, Call, Handler

_LOG = logging.getLogger(__name__)
_GRACE_SECONDS = 5
"""How long a response waits for the change that it starts: the CDK polls every five seconds."""


class CloudFormation:
    """The stacks of every account and region. Long changes go on after the response."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stacks = Stacks(clients)
        self._drift = DriftDetection(self._stacks, clients)

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateChangeSet": self._create_change_set,
            "CreateStack": self._create_stack,
            "DeleteChangeSet": self._delete_change_set,
            "DeleteStack": self._delete_stack,
            "DescribeChangeSet": lambda call: self._stacks.change_set(call).described(),
            "DescribeStackEvents": self._events,
            "DescribeStackResource": self._resource,
            "DescribeStackResources": self._resources,
            "DescribeStacks": self._describe_stacks,
            "ExecuteChangeSet": self._execute_change_set,
            "GetTemplate": self._template,
            "GetTemplateSummary": self._template_summary,
            "ListChangeSets": self._list_change_sets,
            "ListExports": self._exports,
            "ListStackResources": self._list_resources,
            "ListStacks": self._list_stacks,
            "UpdateStack": self._update_stack,
            "UpdateTerminationProtection": self._protect,
            **self._drift.handlers(),
        }

    def _create_change_set(self, call: Call) -> dict[str, Any]:
        kind = call.get("ChangeSetType", "UPDATE")
        stack = self._stacks.to_change(call, kind)
        _require_idle(stack)
        desired = self._stacks.desired(call, stack)
        is_reverting = call.get("DeploymentMode") == "REVERT_DRIFT"
        drifted = detect(stack, self._clients).drifted if is_reverting else []
        given = call.get("ResourcesToImport", ())
        imported = {item["LogicalResourceId"]: item["ResourceIdentifier"] for item in given}
        is_import = kind == "IMPORT"
        identity = f"changeSet/{call['ChangeSetName']}/{uuid.uuid4()}"
        change_set = ChangeSet(
            identity=call.place.arn("cloudformation", identity),
            name=call["ChangeSetName"],
            stack=stack,
            kind=kind,
            desired=desired,
            tags=call.get("Tags", []),
            changes=(
                imports(stack, desired, imported) if is_import else changes(stack, desired, drifted)
            ),
            drifted=drifted,
            imported=imported,
        )
        self._delete_change_set(call)  # the name may belong to one that was executed
        self._stacks.by_id[stack.identity] = stack
        self._stacks.change_sets[change_set.identity] = change_set
        return {"Id": change_set.identity, "StackId": stack.identity}

    def _execute_change_set(self, call: Call) -> dict[str, Any]:
        change_set = self._stacks.change_set(call)
        if change_set.is_empty or change_set.execution != "AVAILABLE":
            raise ApiError(
                "InvalidChangeSetStatus", f"ChangeSet [{change_set.identity}] can't be executed"
            )
        change_set.execution = "EXECUTE_COMPLETE"
        stack = change_set.stack
        stack.tags, stack.change_set = change_set.tags, change_set.identity
        if change_set.kind == "CREATE":
            is_rolled_back = not call.get("DisableRollback", False)
            self._change(stack, lambda it: it.create(change_set.desired, is_rolled_back), "CREATE")
        elif change_set.kind == "IMPORT":
            imported = change_set.imported
            self._change(stack, lambda it: it.adopt(change_set.desired, imported), "IMPORT")
        else:
            drifted = change_set.drifted
            self._change(stack, lambda it: it.update(change_set.desired, drifted), "UPDATE")
        return {}

    def _delete_change_set(self, call: Call) -> dict[str, Any]:
        with suppress(ApiError):  # already deleted
            del self._stacks.change_sets[self._stacks.change_set(call).identity]
        return {}

    def _create_stack(self, call: Call) -> dict[str, Any]:
        stack = self._stacks.reviewed(call)
        if stack.events:
            raise ApiError("AlreadyExistsException", f"Stack [{stack.name}] already exists")
        desired = self._stacks.desired(call, stack)
        stack.tags = call.get("Tags", [])
        stack.is_protected = call.get("EnableTerminationProtection", False)
        self._stacks.by_id[stack.identity] = stack
        is_rolled_back = not call.get("DisableRollback", False)
        self._change(stack, lambda it: it.create(desired, is_rolled_back), "CREATE")
        return {"StackId": stack.identity}

    def _update_stack(self, call: Call) -> dict[str, Any]:
        stack = self._stacks.stack(call)
        _require_idle(stack)
        desired = self._stacks.desired(call, stack)
        if desired == stack.desired and call.get("Tags", stack.tags) == stack.tags:
            raise refused("No updates are to be performed.")
        stack.tags = call.get("Tags", stack.tags)
        self._change(stack, lambda it: it.update(desired), "UPDATE")
        return {"StackId": stack.identity}

    def _delete_stack(self, call: Call) -> dict[str, Any]:
        try:
            stack = self._stacks.stack(call)
        except ApiError:
            return {}  # as CloudFormation does
        if stack.is_protected:
            raise refused(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        _require_idle(stack)
        kept = tuple(call.get("RetainResources", ()))
        self._change(stack, lambda it: it.delete(kept), "DELETE")
        return {}

    def _describe_stacks(self, call: Call) -> dict[str, Any]:
        is_named = "StackName" in call.parameters
        stacks = [self._stacks.stack(call)] if is_named else self._stacks.existing(call.place)
        exported = self._stacks.exported(call.place)
        return {"Stacks": [descriptions.stack(stack, exported) for stack in stacks]}

    def _list_stacks(self, call: Call) -> dict[str, Any]:
        wanted = call.get("StackStatusFilter", ())
        found = [
            descriptions.summary(stack)
            for stack in self._stacks.by_id.values()
            if stack.place == call.place and (not wanted or stack.status in wanted)
        ]
        return {"StackSummaries": found}

    def _events(self, call: Call) -> dict[str, Any]:
        return {"StackEvents": list(reversed(self._stacks.stack(call).events))}

    def _resource(self, call: Call) -> dict[str, Any]:
        stack, name = self._stacks.stack(call), call["LogicalResourceId"]
        if name not in stack.resources:
            raise refused(f"Resource {name} does not exist for stack {stack.name}")
        found = descriptions.resource(stack, name, stack.resources[name], "LastUpdatedTimestamp")
        return {"StackResourceDetail": found | {"StackName": stack.name}}

    def _resources(self, call: Call) -> dict[str, Any]:
        stack, wanted = self._stacks.stack(call), call.get("LogicalResourceId")
        found = [
            descriptions.resource(stack, name, resource, "Timestamp") | {"StackName": stack.name}
            for name, resource in (stack.resources | stack.skipped).items()
            if wanted in (None, name)
        ]
        return {"StackResources": found}

    def _list_resources(self, call: Call) -> dict[str, Any]:
        stack = self._stacks.stack(call)
        found = [
            descriptions.resource(stack, name, resource, "LastUpdatedTimestamp")
            for name, resource in (stack.resources | stack.skipped).items()
        ]
        return {"StackResourceSummaries": found}

    def _template(self, call: Call) -> dict[str, Any]:
        is_of_change_set = "ChangeSetName" in call.parameters
        owner = self._stacks.change_set(call) if is_of_change_set else self._stacks.stack(call)
        stages = ["Original", "Processed"]
        return {"TemplateBody": owner.desired.text, "StagesAvailable": stages}

    def _template_summary(self, call: Call) -> dict[str, Any]:
        is_named = "StackName" in call.parameters
        document = (
            self._stacks.stack(call).desired.document
            if is_named
            else parse(self._stacks.text(call))
        )
        return {
            "Description": document.get("Description"),
            "Parameters": [
                {"ParameterKey": name, "ParameterType": parameter["Type"]}
                for name, parameter in document.get("Parameters", {}).items()
            ],
            "ResourceTypes": sorted({item["Type"] for item in document["Resources"].values()}),
        }

    def _list_change_sets(self, call: Call) -> dict[str, Any]:
        stack = self._stacks.stack(call)
        found = [item for item in self._stacks.change_sets.values() if item.stack is stack]
        return {"Summaries": [item.summary() for item in found]}

    def _exports(self, call: Call) -> dict[str, Any]:
        return {
            "Exports": [
                {"ExportingStackId": stack.identity, "Name": name, "Value": value}
                for stack in self._stacks.existing(call.place)
                for name, value in stack.exports.items()
            ]
        }

    def _protect(self, call: Call) -> dict[str, Any]:
        stack = self._stacks.stack(call)
        stack.is_protected = call["EnableTerminationProtection"]
        return {"StackId": stack.identity}

    def _change(self, stack: Stack, apply: Callable[[Deployment], None], verb: str) -> None:
        """Change a stack in a thread of its own."""
        deployment = Deployment(stack, self._clients, lambda: self._stacks.exported(stack.place))
        stack.status = f"{verb}_IN_PROGRESS"

        def change() -> None:
            try:
                apply(deployment)
            except Exception:
                # A fault of the emulator must not leave the stack in progress.
                _LOG.exception("the change of stack %s failed", stack.name)
                stack.set_status(f"{verb}_FAILED", "fault of the emulator; see its log")
            stack.updated = datetime.now(UTC)
            if stack.status == DELETED:
                stack.deleted = stack.updated

        thread = threading.Thread(target=change, daemon=True)
        thread.start()
        thread.join(_GRACE_SECONDS)


def _require_idle(stack: Stack) -> None:
    if stack.is_busy:
        raise refused(f"Stack:{stack.identity} is in {stack.status} state and can not be updated.")
