"""The artifact bucket: raw data, code's outputs, models; private, encrypted, TLS only."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.encryption import Encryption
from infra.settings import Settings

RAW = "raw/"
"""Where people put datasets; kept, and watched if start_on_new_data is set."""

_EXECUTIONS = "executions/"
"""What executions need while they run. What belongs to a model lies below ``models/`` and stays."""


class Storage(Construct):
    """The bucket; executions put what they make below ``artifacts_uri``."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, encryption: Encryption | None
    ) -> None:
        super().__init__(scope, id)
        managed = s3.BucketEncryption.S3_MANAGED
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS if encryption else managed,
            encryption_key=encryption.key if encryption else None,
            bucket_key_enabled=bool(encryption),
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
        if settings.start_on_new_data:
            _tell_event_bridge(self.bucket)
        self.artifacts_uri = f"s3://{self.bucket.bucket_name}"


def _tell_event_bridge(bucket: s3.Bucket) -> None:
    """By the bucket's own property; CDK's way round it is a Lambda function that sets it."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )
