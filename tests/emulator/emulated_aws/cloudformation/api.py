"""CloudFormation's operations."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from emulated_aws.clients import ACCOUNT, Clients
from emulated_aws.cloudformation import described, parameters
from emulated_aws.cloudformation.change_sets import ChangeSet, changes
from emulated_aws.cloudformation.deployment import Deployment, in_order
from emulated_aws.cloudformation.errors import refused
from emulated_aws.cloudformation.resources import resource_type
from emulated_aws.cloudformation.stack import Desired, Stack
from emulated_aws.cloudformation.template import parse
from emulated_aws.service import ApiError, Call, Handler

_LOG = logging.getLogger(__name__)
_GONE = "DELETE_COMPLETE"
_NOTHING = Desired("{}", {}, {})


class CloudFormation:
    """The stacks of every region; changes are made while the caller already has an answer."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stacks: dict[str, Stack] = {}
        self._change_sets: dict[str, ChangeSet] = {}

    def handlers(self) -> dict[str, Handler]:
        """The operations by name."""
        return {
            "CreateChangeSet": self._create_change_set,
            "CreateStack": self._create_stack,
            "DeleteChangeSet": self._delete_change_set,
            "DeleteStack": self._delete_stack,
            "DescribeChangeSet": lambda call: self._change_set(call).described(),
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
        }

    def _create_change_set(self, call: Call) -> dict[str, Any]:
        kind = call.get("ChangeSetType", "UPDATE")
        if kind not in ("CREATE", "UPDATE"):
            raise refused(f"change sets of type {kind} aren't emulated")
        if kind == "CREATE":
            stack = self._reviewed(call)
        else:
            stack = self._stack(call)
            _insist_idle(stack)
        desired = self._desired(call, stack)
        identity = f"changeSet/{call['ChangeSetName']}/{uuid.uuid4()}"
        change_set = ChangeSet(
            identity=f"arn:aws:cloudformation:{call.region}:{ACCOUNT}:{identity}",
            name=call["ChangeSetName"],
            stack=stack,
            kind=kind,
            desired=desired,
            tags=call.get("Tags", []),
            changes=changes(stack, desired),
        )
        self._delete_change_set(call)  # one that was executed may have had the name
        self._stacks[stack.identity] = stack
        self._change_sets[change_set.identity] = change_set
        return {"Id": change_set.identity, "StackId": stack.identity}

    def _execute_change_set(self, call: Call) -> dict[str, Any]:
        change_set = self._change_set(call)
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
        else:
            self._change(stack, lambda it: it.update(change_set.desired), "UPDATE")
        return {}

    def _delete_change_set(self, call: Call) -> dict[str, Any]:
        with suppress(ApiError):  # it is gone already
            del self._change_sets[self._change_set(call).identity]
        return {}

    def _create_stack(self, call: Call) -> dict[str, Any]:
        stack = self._reviewed(call)
        if stack.events:
            raise ApiError("AlreadyExistsException", f"Stack [{stack.name}] already exists")
        desired = self._desired(call, stack)
        stack.tags = call.get("Tags", [])
        stack.is_protected = call.get("EnableTerminationProtection", False)
        self._stacks[stack.identity] = stack
        is_rolled_back = not call.get("DisableRollback", False)
        self._change(stack, lambda it: it.create(desired, is_rolled_back), "CREATE")
        return {"StackId": stack.identity}

    def _update_stack(self, call: Call) -> dict[str, Any]:
        stack = self._stack(call)
        _insist_idle(stack)
        desired = self._desired(call, stack)
        if desired == stack.desired and call.get("Tags", stack.tags) == stack.tags:
            raise refused("No updates are to be performed.")
        stack.tags = call.get("Tags", stack.tags)
        self._change(stack, lambda it: it.update(desired), "UPDATE")
        return {"StackId": stack.identity}

    def _delete_stack(self, call: Call) -> dict[str, Any]:
        try:
            stack = self._stack(call)
        except ApiError:
            return {}  # as CloudFormation answers
        if stack.is_protected:
            raise refused(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        _insist_idle(stack)
        kept = tuple(call.get("RetainResources", ()))
        self._change(stack, lambda it: it.delete(kept), "DELETE")
        return {}

    def _describe_stacks(self, call: Call) -> dict[str, Any]:
        given = "StackName" in call.parameters
        stacks = [self._stack(call)] if given else self._living(call.region)
        exported = self._exported(call.region)
        return {"Stacks": [described.stack(stack, exported) for stack in stacks]}

    def _list_stacks(self, call: Call) -> dict[str, Any]:
        wanted = call.get("StackStatusFilter", ())
        found = [
            described.summary(stack)
            for stack in self._stacks.values()
            if stack.region == call.region and (not wanted or stack.status in wanted)
        ]
        return {"StackSummaries": found}

    def _events(self, call: Call) -> dict[str, Any]:
        return {"StackEvents": list(reversed(self._stack(call).events))}

    def _resource(self, call: Call) -> dict[str, Any]:
        stack, name = self._stack(call), call["LogicalResourceId"]
        if name not in stack.made:
            raise refused(f"Resource {name} does not exist for stack {stack.name}")
        found = described.resource(stack, name, stack.made[name], "LastUpdatedTimestamp")
        return {"StackResourceDetail": found | {"StackName": stack.name}}

    def _resources(self, call: Call) -> dict[str, Any]:
        stack, wanted = self._stack(call), call.get("LogicalResourceId")
        found = [
            described.resource(stack, name, made, "Timestamp") | {"StackName": stack.name}
            for name, made in stack.made.items()
            if wanted in (None, name)
        ]
        return {"StackResources": found}

    def _list_resources(self, call: Call) -> dict[str, Any]:
        stack = self._stack(call)
        found = [
            described.resource(stack, name, made, "LastUpdatedTimestamp")
            for name, made in stack.made.items()
        ]
        return {"StackResourceSummaries": found}

    def _template(self, call: Call) -> dict[str, Any]:
        is_of_change_set = "ChangeSetName" in call.parameters
        where = self._change_set(call) if is_of_change_set else self._stack(call)
        stages = ["Original", "Processed"]
        return {"TemplateBody": where.desired.text, "StagesAvailable": stages}

    def _template_summary(self, call: Call) -> dict[str, Any]:
        given = "StackName" in call.parameters
        document = self._stack(call).desired.document if given else parse(self._text(call))
        return {
            "Description": document.get("Description"),
            "Parameters": [
                {"ParameterKey": name, "ParameterType": parameter["Type"]}
                for name, parameter in document.get("Parameters", {}).items()
            ],
            "ResourceTypes": sorted({item["Type"] for item in document["Resources"].values()}),
        }

    def _list_change_sets(self, call: Call) -> dict[str, Any]:
        stack = self._stack(call)
        found = [item for item in self._change_sets.values() if item.stack is stack]
        return {"Summaries": [item.summary() for item in found]}

    def _exports(self, call: Call) -> dict[str, Any]:
        return {
            "Exports": [
                {"ExportingStackId": stack.identity, "Name": name, "Value": value}
                for stack in self._living(call.region)
                for name, value in stack.exports.items()
            ]
        }

    def _protect(self, call: Call) -> dict[str, Any]:
        stack = self._stack(call)
        stack.is_protected = call["EnableTerminationProtection"]
        return {"StackId": stack.identity}

    def _change(self, stack: Stack, make: Callable[[Deployment], None], verb: str) -> None:
        """Makes a change of a stack in a thread of its own."""
        deployment = Deployment(stack, self._clients, lambda: self._exported(stack.region))
        stack.status = f"{verb}_IN_PROGRESS"

        def change() -> None:
            try:
                make(deployment)
            except Exception:  # a fault of this emulation; nobody shall wait for the stack
                _LOG.exception("the change of stack %s broke", stack.name)
                stack.set_status(f"{verb}_FAILED", "the emulation has a fault; see its log")
            stack.updated = datetime.now(UTC)
            if stack.status == _GONE:
                stack.deleted = stack.updated

        threading.Thread(target=change, daemon=True).start()

    def _desired(self, call: Call, stack: Stack) -> Desired:
        """What the call wants the stack to be. Raises ApiError if that can't be."""
        text = stack.desired.text if call.get("UsePreviousTemplate") else self._text(call)
        document = parse(text)
        for resource in document["Resources"].values():
            resource_type(resource["Type"])
        in_order(document)
        given, before = call.get("Parameters", []), stack.desired.parameters
        values = parameters.values(document, given, before, self._clients, call.region)
        return Desired(text, document, values)

    def _text(self, call: Call) -> str:
        if "TemplateBody" in call.parameters:
            return str(call["TemplateBody"])
        if "TemplateURL" not in call.parameters:
            raise refused("Either Template URL or Template Body must be specified.")
        bucket, key = _location(call["TemplateURL"])
        found = self._clients("s3", call.region).get_object(Bucket=bucket, Key=key)
        return str(found["Body"].read().decode())

    def _reviewed(self, call: Call) -> Stack:
        """A new stack, or one that so far only has change sets."""
        name = call["StackName"]
        for stack in self._living(call.region):
            if name in (stack.name, stack.identity):
                if stack.status == "REVIEW_IN_PROGRESS":
                    return stack
                raise ApiError("AlreadyExistsException", f"Stack [{name}] already exists")
        identity = f"stack/{name}/{uuid.uuid4()}"
        return Stack(
            identity=f"arn:aws:cloudformation:{call.region}:{ACCOUNT}:{identity}",
            name=name,
            region=call.region,
            account=ACCOUNT,
            status="REVIEW_IN_PROGRESS",
            desired=_NOTHING,
            role=call.get("RoleARN"),
        )

    def _stack(self, call: Call) -> Stack:
        """The stack by name, or one that is gone by id. Raises ApiError if there is none."""
        name = call["StackName"]
        if name in self._stacks:
            return self._stacks[name]
        for stack in self._living(call.region):
            if stack.name == name:
                return stack
        raise refused(f"Stack with id {name} does not exist")

    def _living(self, region: str) -> list[Stack]:
        stacks = self._stacks.values()
        return [stack for stack in stacks if stack.region == region and stack.status != _GONE]

    def _change_set(self, call: Call) -> ChangeSet:
        name, stack = call["ChangeSetName"], call.get("StackName")
        for change_set in self._change_sets.values():
            is_of_stack = stack in (None, change_set.stack.name, change_set.stack.identity)
            is_alive = change_set.stack.status != _GONE
            if name in (change_set.identity, change_set.name) and is_of_stack and is_alive:
                return change_set
        raise ApiError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def _exported(self, region: str) -> dict[str, str]:
        return {
            name: value for stack in self._living(region) for name, value in stack.exports.items()
        }


def _insist_idle(stack: Stack) -> None:
    if stack.is_busy:
        raise refused(f"Stack:{stack.identity} is in {stack.status} state and can not be updated.")


def _location(url: str) -> tuple[str, str]:
    """(bucket, key) of a template's address, with the bucket in its path or in its host."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if host.endswith(".amazonaws.com") and not host.startswith("s3"):
        return host.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key
