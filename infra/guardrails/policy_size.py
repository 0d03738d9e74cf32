"""IAM's limit for the inline policies of a role, checked before a deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from infra.settings import Settings
from infra.settings_errors import SettingsError

_LIMIT = 10_240
"""Characters of a role's inline policies together, without white space."""

_LENGTHS = {"AWS::AccountId": 12, "AWS::Partition": 10, "AWS::Region": 14}
_LONGEST_ARN = 102
"""Of the resources that the policy refers to: that of a role in GovCloud with the longest name."""

_GROWING = {"Dataset": "dataset_prefixes", "Tags": "tags", "NetworkInterfaces": "subnets"}
"""Settings that may have many values, by what the IDs of their statements contain."""


def require_fitting_policy(policy: iam.Policy, settings: Settings) -> None:
    """Raise SettingsError for a policy that IAM would refuse, with the settings that take most."""
    document = _as_long_as_deployed(Stack.of(policy).resolve(policy.document))
    size = _size(document)
    if size > _LIMIT:
        shares = sorted(_shares(document["Statement"]), key=lambda share: share[1], reverse=True)
        names = " or ".join(f"{name} ({characters:,} characters)" for name, characters in shares)
        raise SettingsError(
            f"cdk.json: environment {settings.name!r}: the policy of the jobs' role has up to "
            f"{size:,} characters, and IAM allows {_LIMIT:,}; shorten {names}"
        )


def _shares(statements: list[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Yield the settings, each with the size of its statements."""
    for part, name in _GROWING.items():
        if found := [item for item in statements if part in item["Sid"]]:
            yield name, _size(found)


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")))


def _as_long_as_deployed(value: Any) -> Any:
    """Return the value with a text for each function, of the length of its longest result."""
    if isinstance(value, list):
        return [_as_long_as_deployed(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "Ref" in value:
        return "x" * _LENGTHS.get(value["Ref"], _LONGEST_ARN)
    if "Fn::GetAtt" in value:
        return "x" * _LONGEST_ARN
    if "Fn::Sub" in value:
        return value["Fn::Sub"]
    if "Fn::Join" in value:
        separator, items = value["Fn::Join"]
        return separator.join(_as_long_as_deployed(items))
    return {key: _as_long_as_deployed(item) for key, item in value.items()}
