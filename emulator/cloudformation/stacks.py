"""The stacks and change sets that there are, and what a call wants a stack to be."""

from __future__ import annotations

import uuid
from urllib.parse import unquote, urlsplit

from emulator.clients import ACCOUNT, Clients
from emulator.cloudformation import parameters
from emulator.cloudformation.change_sets import ChangeSet
from emulator.cloudformation.deployment import in_order
from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources import resource_type
from emulator.cloudformation.stack import Desired, Stack
from emulator.cloudformation.template import parse
from emulator.service import ApiError, Call

GONE = "DELETE_COMPLETE"
_NOTHING = Desired("{}", {}, {})


class Stacks:
    """Stacks by id, those that are gone included, and change sets by id."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.by_id: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}

    def desired(self, call: Call, stack: Stack) -> Desired:
        """What the call wants the stack to be. Raises ApiError if that can't be."""
        text = stack.desired.text if call.get("UsePreviousTemplate") else self.text(call)
        document = parse(text)
        for resource in document["Resources"].values():
            resource_type(resource["Type"])
        in_order(document)
        given, before = call.get("Parameters", []), stack.desired.parameters
        values = parameters.values(document, given, before, self._clients, call.region)
        return Desired(text, document, values)

    def text(self, call: Call) -> str:
        """The template that the call brings, or names. Raises ApiError."""
        if "TemplateBody" in call.parameters:
            return str(call["TemplateBody"])
        if "TemplateURL" not in call.parameters:
            raise refused("Either Template URL or Template Body must be specified.")
        bucket, key = _location(call["TemplateURL"])
        found = self._clients("s3", call.region).get_object(Bucket=bucket, Key=key)
        return str(found["Body"].read().decode())

    def reviewed(self, call: Call) -> Stack:
        """A new stack, or one that so far only has change sets."""
        name = call["StackName"]
        for stack in self.living(call.region):
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

    def stack(self, call: Call) -> Stack:
        """The stack by name, or one that is gone by id. Raises ApiError if there is none."""
        name = call["StackName"]
        if name in self.by_id:
            return self.by_id[name]
        for stack in self.living(call.region):
            if stack.name == name:
                return stack
        raise refused(f"Stack with id {name} does not exist")

    def living(self, region: str) -> list[Stack]:
        """The stacks of a region that aren't gone."""
        stacks = self.by_id.values()
        return [stack for stack in stacks if stack.region == region and stack.status != GONE]

    def change_set(self, call: Call) -> ChangeSet:
        """The change set by name or id. Raises ApiError if there is none."""
        name, stack = call["ChangeSetName"], call.get("StackName")
        for change_set in self.change_sets.values():
            is_of_stack = stack in (None, change_set.stack.name, change_set.stack.identity)
            is_alive = change_set.stack.status != GONE
            if name in (change_set.identity, change_set.name) and is_of_stack and is_alive:
                return change_set
        raise ApiError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def exported(self, region: str) -> dict[str, str]:
        """What the stacks of a region export, by name."""
        return {
            name: value for stack in self.living(region) for name, value in stack.exports.items()
        }


def _location(url: str) -> tuple[str, str]:
    """(bucket, key) of a template's address, with the bucket in its path or in its host."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if host.endswith(".amazonaws.com") and not host.startswith("s3"):
        return host.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key
