"""Read access to model versions for other accounts: to the group, the artifacts and the key.

The other account's own policies decide which of its principals may use it.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.guardrails.through_s3 import through_s3
from infra.settings import Settings

MODELS = "models/*"
"""The objects in the bucket that model versions refer to."""


def group_policy(scope: Construct, settings: Settings) -> Any:
    """Return the resource policy of the model package group; None without readers."""
    if not settings.model_readers:
        return None
    stack, name = Stack.of(scope), settings.resource_name
    statement = iam.PolicyStatement(
        sid="ReadVersions",
        principals=_readers(settings),
        actions=["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
        resources=[
            stack.format_arn(
                service="sagemaker", resource="model-package-group", resource_name=name
            ),
            stack.format_arn(
                service="sagemaker", resource="model-package", resource_name=f"{name}/*"
            ),
        ],
    )
    return iam.PolicyDocument(statements=[statement])


def allow_reading_artifacts(bucket: s3.Bucket, settings: Settings) -> None:
    """Let the readers list and read the artifacts in the bucket."""
    if not settings.model_readers:
        return
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="ListModels",
            principals=_readers(settings),
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": MODELS}},
        )
    )
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="ReadModels",
            principals=_readers(settings),
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(MODELS)],
        )
    )


def allow_decryption(key: kms.Key, settings: Settings) -> None:
    """Let S3 decrypt the bucket's objects for the readers; the bucket's policy limits which."""
    if not settings.model_readers:
        return
    # The bucket refers to the key, so its name isn't known here.
    bucket = f"arn:{Aws.PARTITION}:s3:::{settings.resource_name}-storagebucket*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="DecryptModels",
            principals=_readers(settings),
            actions=["kms:Decrypt"],
            resources=["*"],  # in a key policy, the key itself
            conditions=through_s3(settings.region, bucket),
        )
    )


def _readers(settings: Settings) -> list[iam.IPrincipal]:
    return [iam.AccountPrincipal(account) for account in settings.model_readers]
