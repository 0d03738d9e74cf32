"""The role's access to datasets in other buckets, which may belong to other accounts.

The owner of such a bucket and of its key must allow the role, too (docs/security.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from infra.guardrails.through_s3 import through_s3
from infra.settings import Settings

_S3 = "s3://"


def dataset_statements(settings: Settings) -> list[iam.PolicyStatement]:
    """Return what the role needs to read dataset_uri and below dataset_prefixes, if anything."""
    by_bucket: dict[str, list[str]] = {}
    for bucket, key in _places(settings):
        by_bucket.setdefault(bucket, []).append(f"{key}*")
    statements = [
        iam.PolicyStatement(
            sid="ListDataset" if number == 0 else f"ListDataset{number}",
            actions=["s3:ListBucket"],
            resources=[_arn(bucket)],
            conditions={"StringLike": {"s3:prefix": _one_or_list(keys)}},
        )
        for number, (bucket, keys) in enumerate(by_bucket.items())
    ]
    objects = [f"{_arn(bucket)}/{key}" for bucket, keys in by_bucket.items() for key in keys]
    if not objects:
        return []
    statements.append(
        iam.PolicyStatement(sid="ReadDataset", actions=["s3:GetObject"], resources=objects)
    )
    if settings.dataset_keys:
        context = [*(_arn(bucket) for bucket in by_bucket), *objects]
        statements.append(_decrypt(settings.dataset_keys, context))
    return statements


def _places(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the bucket, and the key or prefix, of each place in S3.

    SageMaker also copies the objects whose keys begin with an object's key, and fails if it can't.
    """
    for uri in dict.fromkeys((settings.dataset_uri, *settings.dataset_prefixes)):
        if uri.startswith(_S3):
            bucket, _, key = uri.removeprefix(_S3).partition("/")
            yield bucket, key


def _decrypt(keys: Sequence[str], context: list[str]) -> iam.PolicyStatement:
    """Allow S3 to decrypt the datasets.

    A key is in the region of its bucket. One statement, because IAM limits the size of a policy.
    """
    regions = dict.fromkeys(key.split(":")[3] for key in keys)
    return iam.PolicyStatement(
        sid="DecryptDataset",
        actions=["kms:Decrypt"],
        resources=[*keys],
        conditions=through_s3(list(regions), context),
    )


def _arn(bucket: str) -> str:
    return f"arn:{Aws.PARTITION}:s3:::{bucket}"


def _one_or_list(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
