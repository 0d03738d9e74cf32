"""The artifact bucket: raw data, code's outputs, models; private, encrypted, TLS only."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings

_EXECUTIONS = "executions/"
"""What executions need while they run. What belongs to a model lies below ``models/`` and stays."""


class Storage(Construct):
    """The bucket; executions put what they make below ``artifacts_uri``."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY,
            auto_delete_objects=not settings.keep_data,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireExecutions",
                    prefix=_EXECUTIONS,
                    expiration=Duration.days(settings.run_days),
                ),
                s3.LifecycleRule(
                    id="TidyUp",
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    expired_object_delete_marker=True,
                    noncurrent_version_expiration=Duration.days(30),
                ),
            ],
        )
        if settings.keep_data and self.bucket.policy:
            # A bucket that stays has to go on refusing plain HTTP.
            self.bucket.policy.apply_removal_policy(RemovalPolicy.RETAIN)
        self.artifacts_uri = f"s3://{self.bucket.bucket_name}"
