"""The base of the types of resources, which create, update, read and delete resources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from emulator.clients import Clients, Place
from emulator.cloudformation.errors import refused
from emulator.sagemaker.names import random_id

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class PhysicalResource:
    """A resource that exists.

    physical_id: the value of Ref. attributes: the values of Fn::GetAtt. properties:
    those of the template that it was last deployed with; policies: its DeletionPolicy and
    UpdateReplacePolicy there.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    properties: Properties = field(default_factory=dict)
    status: str = "CREATE_COMPLETE"
    policies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """The stack and the logical id of a resource."""

    clients: Clients
    place: Place
    stack: str
    logical: str
    kind: str

    def client(self, service: str) -> Any:
        """Return a client in the stack's account and region."""
        return self.clients(service, self.place)

    def arn(self, service: str, name: str) -> str:
        """Return an ARN in the stack's account and region."""
        return self.place.arn(service, name)

    def generated(self, longest: int = 64) -> str:
        """Return a name as CloudFormation generates them, for a resource without one."""
        suffix = random_id(12).upper()
        return f"{f'{self.stack}-{self.logical}'[: longest - 13]}-{suffix}"


class Resource:
    """A type of resource; the same object is used for all resources of the type."""

    replaced_by: ClassVar[tuple[str, ...]] = ()
    """Properties whose change requires replacement."""

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the resource, or update ``old``."""
        raise NotImplementedError

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the resource, if it exists."""
        raise NotImplementedError

    def find(self, identifier: Properties, context: Context) -> PhysicalResource:
        """Return the existing resource with this identifier, to import it. Raise ClientError."""
        raise refused(f"Resource import is not supported for resource type {context.kind}")


class Readable(Resource):
    """A type whose resources can be read, so that drift is detected."""

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Return the current properties as in a template, or None if the resource doesn't exist.

        Missing properties aren't compared with the template; a value of None means unset.
        """
        raise NotImplementedError


@contextmanager
def missing_is_fine() -> Iterator[None]:
    """Ignore errors that say that a resource doesn't exist."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        message = error.response["Error"]["Message"].lower()
        is_missing = any(word in code for word in ("NotFound", "NoSuch", "DoesNotExist"))
        if not is_missing and "does not exist" not in message:
            raise


def some(properties: Properties, *names: str) -> dict[str, Any]:
    """Return those of the properties that are set."""
    return {name: properties[name] for name in names if name in properties}


def as_json(document: Any) -> str:
    """Return a policy or a body as JSON text."""
    return document if isinstance(document, str) else json.dumps(document)


def without_conditional_denials(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy without its conditional Deny statements.

    moto enforces policies but ignores conditions: to deny requests without TLS would deny all.
    """
    statements: Iterable[Any] = policy["Statement"]
    kept = [item for item in statements if item["Effect"] == "Allow" or "Condition" not in item]
    return {**policy, "Statement": kept}


def camel_case(value: Any) -> Any:
    """Return a property with all keys in camelCase, as some APIs expect."""
    if isinstance(value, list):
        return [camel_case(item) for item in value]
    if isinstance(value, dict):
        return {f"{key[0].lower()}{key[1:]}": camel_case(item) for key, item in value.items()}
    return value


def found(look: Callable[[], Any]) -> Any:
    """Return the result of a call, or None if the resource doesn't exist."""
    with missing_is_fine():
        return look()
    return None


def in_order_of(wanted: Iterable[str], actual: Iterable[str]) -> list[str]:
    """Sort ``actual`` like ``wanted``, others last: for lists whose order has no meaning."""
    found = set(actual)
    return [item for item in wanted if item in found] + sorted(found - set(wanted))
