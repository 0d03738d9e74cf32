"""The stacks and change sets, and the desired state that a call asks for."""

from __future__ import annotations

import uuid
from urllib.parse import unquote, urlsplit

from emulator.clients import Clients, Place
from emulator.cloudformation import parameters
from emulator.cloudformation.change_sets import ChangeSet
from emulator.cloudformation.deployment import creation_order
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources import resource_type
from emulator.cloudformation.stack import Desired, Stack
from emulator.cloudformation.template import parse
from emulator.service import ApiError, Call

DELETED = "DELETE_COMPLETE"
_NOTHING = Desired("{}", {}, {})


class Stacks:
    """Stacks by id, including deleted ones, and change sets by id."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.by_id: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}

    def desired(self, call: Call, stack: Stack) -> Desired:
        """Return the desired state that the call asks for. Raise ApiError if it is invalid."""
        text = stack.desired.text if call.get("UsePreviousTemplate") else self.text(call)
        document = parse(text)
        for resource in document["Resources"].values():
            resource_type(resource["Type"])
        creation_order(document)
        given, before = call.get("Parameters", []), stack.desired.parameters
        values = parameters.values(document, given, before, self._clients, call.place)
        return Desired(text, document, values)

    def text(self, call: Call) -> str:
        """Return the template in the call, or at its address. Raise ApiError without one."""
        if "TemplateBody" in call.parameters:
            return str(call["TemplateBody"])
        if "TemplateURL" not in call.parameters:
            raise refused("Either Template URL or Template Body must be specified.")
        bucket, key = _location(call["TemplateURL"])
        found = self._clients("s3", call.place).get_object(Bucket=bucket, Key=key)
        return str(found["Body"].read().decode())

    def reviewed(self, call: Call) -> Stack:
        """Return a new stack, or one that only has change sets. Raise ApiError if it exists."""
        name = call["StackName"]
        for stack in self.existing(call.place):
            if name in (stack.name, stack.identity):
                if stack.status == "REVIEW_IN_PROGRESS":
                    return stack
                raise ApiError("AlreadyExistsException", f"Stack [{name}] already exists")
        identity = f"stack/{name}/{uuid.uuid4()}"
        return Stack(
            identity=call.place.arn("cloudformation", identity),
            name=name,
            place=call.place,
            status="REVIEW_IN_PROGRESS",
            desired=_NOTHING,
            role=call.get("RoleARN"),
        )

    def to_change(self, call: Call, kind: str) -> Stack:
        """Return the stack that a change set of this kind changes. Raise ApiError without one."""
        name, existing = call["StackName"], self.existing(call.place)
        is_new = all(name not in (stack.name, stack.identity) for stack in existing)
        is_created = kind == "CREATE" or (kind == "IMPORT" and is_new)
        return self.reviewed(call) if is_created else self.stack(call)

    def stack(self, call: Call) -> Stack:
        """Return a stack by name or id, a deleted one by id only. Raise ApiError without one."""
        name = call["StackName"]
        if name in self.by_id and self.by_id[name].place == call.place:
            return self.by_id[name]
        for stack in self.existing(call.place):
            if stack.name == name:
                return stack
        raise refused(f"Stack with id {name} does not exist")

    def existing(self, place: Place) -> list[Stack]:
        """Return the stacks of an account and region, except deleted ones."""
        stacks = self.by_id.values()
        return [stack for stack in stacks if stack.place == place and stack.status != DELETED]

    def change_set(self, call: Call) -> ChangeSet:
        """Return the change set by name or id. Raise ApiError without one."""
        name, stack = call["ChangeSetName"], call.get("StackName")
        for change_set in self.change_sets.values():
            is_of_stack = stack in (None, change_set.stack.name, change_set.stack.identity)
            is_alive = change_set.stack.status != DELETED
            if name in (change_set.identity, change_set.name) and is_of_stack and is_alive:
                return change_set
        raise ApiError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def exported(self, place: Place) -> dict[str, str]:
        """Return the exports of the stacks there by name."""
        return {
            name: value for stack in self.existing(place) for name, value in stack.exports.items()
        }


def _location(url: str) -> tuple[str, str]:
    """Return (bucket, key) of a template's address, with the bucket in its path or in its host."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if host.endswith(".amazonaws.com") and not host.startswith("s3"):
        return host.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key
