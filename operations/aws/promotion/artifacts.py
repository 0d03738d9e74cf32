"""The artifacts of a model version in S3: which there are, and copies for another environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from operations.datasets import S3
from operations.errors import CliError

_MODELS = "models/"
"""Prefix in the bucket of each environment of what model versions refer to."""


@dataclass(frozen=True)
class Move:
    """From the artifacts of a version to a folder of its own in another bucket.

    Accounts own the buckets; S3 refuses a bucket of another account with the expected name.
    """

    bucket: str
    account: str
    target_bucket: str
    target_account: str
    target_prefix: str

    @property
    def target_uri(self) -> str:
        """The URI of the folder."""
        return f"{S3}{self.target_bucket}/{self.target_prefix}"

    def moved(self, value: Any) -> Any:
        """Return a part of a request with the URIs of the copies, also inside of texts."""
        if isinstance(value, str):
            return value.replace(f"{S3}{self.bucket}/{_MODELS}", self.target_uri)
        if isinstance(value, Mapping):
            return {key: self.moved(item) for key, item in value.items()}
        return [self.moved(item) for item in value] if isinstance(value, list) else value

    def target_key(self, key: str) -> str:
        """Return the key of an object's copy."""
        return self.target_prefix + key.removeprefix(_MODELS)


def move(
    arn: str, model_uri: str, *, target_bucket: str, target_account: str, target_prefix: str
) -> Move:
    """Return the move of a version's artifacts. model_uri: of its model.

    A folder of its own keeps the copies apart from what the target's executions write, and a
    version from the other ones of its environment. Raise CliError.
    """
    bucket, _, key = model_uri.removeprefix(S3).partition("/")
    if not key.startswith(_MODELS):
        raise _elsewhere(arn, model_uri)
    account = account_of(arn)
    return Move(bucket, account, target_bucket, target_account, _MODELS + target_prefix)


def account_of(arn: str) -> str:
    """Return the account in an ARN."""
    return arn.split(":")[4]


def artifact_keys(arn: str, request: Any, move: Move) -> list[str]:
    """Return the keys of objects and folders that a request refers to, at any depth.

    Raise CliError for one elsewhere.
    """
    found = set()
    for uri in _uris(request):
        bucket, _, key = uri.removeprefix(S3).partition("/")
        if bucket != move.bucket or not key.startswith(_MODELS):
            raise _elsewhere(arn, uri)
        found.add(key.rstrip("/"))
    return sorted(found)


def copy_artifacts(s3: Any, keys: list[str], move: Move) -> int:
    """Copy each object or folder and return the number of objects. Raise CliError."""
    copied: set[str] = set()
    for key in keys:
        objects = {
            item["Key"]
            for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket=move.bucket, Prefix=key, ExpectedBucketOwner=move.account
            )
            for item in page.get("Contents", ())
            if item["Key"] == key or item["Key"].startswith(f"{key}/")
        }
        if not objects:
            raise CliError(
                f"{S3}{move.bucket}/{key} doesn't exist any more, so the version can't be "
                "promoted; train it again"
            )
        for found in sorted(objects - copied):
            s3.copy_object(
                Bucket=move.target_bucket,
                CopySource=f"{move.bucket}/{found}",
                ExpectedBucketOwner=move.target_account,
                ExpectedSourceBucketOwner=move.account,
                Key=move.target_key(found),
                TaggingDirective="REPLACE",  # reading the tags would need another permission
            )
        copied |= objects
    return len(copied)


def _uris(value: Any) -> Iterator[str]:
    """Yield the values that are URIs in S3, at any depth."""
    if isinstance(value, str):
        if value.startswith(S3):
            yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _uris(item)


def _elsewhere(arn: str, uri: str) -> CliError:
    return CliError(
        f"{arn}: {uri} isn't below {_MODELS} in the environment's bucket; only versions that this "
        "pipeline registered can be promoted"
    )
