"""Buckets of an environment: private, TLS only, kept or deleted with the stack."""

from __future__ import annotations

from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings


def private_bucket(scope: Construct, id: str, settings: Settings, **properties: Any) -> s3.Bucket:
    """Return a versioned bucket with these other properties; its policy requires TLS."""
    removal_policy = RemovalPolicy[settings.removal_policy]
    bucket = s3.Bucket(
        scope,
        id,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        removal_policy=removal_policy,
        auto_delete_objects=not settings.keep_data,
        **properties,
    )
    if settings.keep_data and bucket.policy:
        # The policy must stay with the bucket.
        bucket.policy.apply_removal_policy(removal_policy)
    return bucket
