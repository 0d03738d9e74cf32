"""What every type of resource has: it is put, created or changed, and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from emulator.clients import Clients
from emulator.sagemaker.names import random_id

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """A resource that exists.

    physical: what Ref gives. attributes: what Fn::GetAtt gives. properties: what it was made of.
    """

    physical: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    properties: Properties = field(default_factory=dict)
    status: str = "CREATE_COMPLETE"


@dataclass(frozen=True)
class Context:
    """Which resource of which stack, and where."""

    clients: Clients
    region: str
    account: str
    stack: str
    logical: str
    kind: str

    def client(self, service: str) -> Any:
        """A client of the service in the stack's region."""
        return self.clients(service, self.region)

    def arn(self, service: str, name: str) -> str:
        """An ARN in the stack's account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{name}"

    def generated(self, longest: int = 64) -> str:
        """A name as CloudFormation makes them, for a resource that isn't given one."""
        suffix = random_id(12).upper()
        return f"{f'{self.stack}-{self.logical}'[: longest - 13]}-{suffix}"


class Resource:
    """A type of resource; one object serves all resources of the type."""

    replaced_by: ClassVar[tuple[str, ...]] = ()
    """The properties whose change needs a new resource in place of the old one."""

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Creates the resource, or changes ``old`` to what ``properties`` say."""
        raise NotImplementedError

    def delete(self, made: Made, context: Context) -> None:
        """Deletes the resource; it is no error if it is gone."""
        raise NotImplementedError


class Readable(Resource):
    """A type whose resources can be read, so that drift is found."""

    def read(self, made: Made, context: Context) -> Properties | None:
        """Properties as they are now, written as in a template; None if the resource is gone.

        Those of the template that aren't here aren't compared; None stands for one that is unset.
        """
        raise NotImplementedError


@contextmanager
def missing_is_fine() -> Iterator[None]:
    """Inside, an answer that something doesn't exist is no error."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        message = error.response["Error"]["Message"].lower()
        is_missing = any(word in code for word in ("NotFound", "NoSuch", "DoesNotExist"))
        if not is_missing and "does not exist" not in message:
            raise


def some(properties: Properties, *names: str) -> dict[str, Any]:
    """Those of the properties that are given."""
    return {name: properties[name] for name in names if name in properties}


def as_json(document: Any) -> str:
    """A policy or a body as the APIs want it: text."""
    return document if isinstance(document, str) else json.dumps(document)


def without_conditional_denials(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy for moto, which enforces policies and ignores their conditions.

    A Deny of requests without TLS would lock everybody out.
    """
    statements: Iterable[Any] = policy["Statement"]
    kept = [item for item in statements if item["Effect"] == "Allow" or "Condition" not in item]
    return {**policy, "Statement": kept}


def camel_case(value: Any) -> Any:
    """A property as the APIs with small first letters want it."""
    if isinstance(value, list):
        return [camel_case(item) for item in value]
    if isinstance(value, dict):
        return {f"{key[0].lower()}{key[1:]}": camel_case(item) for key, item in value.items()}
    return value


def found(look: Callable[[], Any]) -> Any:
    """What looking for something finds; None if it isn't there."""
    with missing_is_fine():
        return look()
    return None


def in_order_of(wanted: Iterable[str], actual: Iterable[str]) -> list[str]:
    """``actual`` in the order of ``wanted``, others after it: for lists that are sets."""
    left = set(actual)
    return [item for item in wanted if item in left] + sorted(left - set(wanted))
