"""The bucket for raw data, outputs and models: private, encrypted, TLS only."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.guardrails.access_logs import log_access
from infra.guardrails.model_readers import allow_reading_artifacts
from infra.guardrails.private_bucket import private_bucket
from infra.settings import Settings

RAW = "raw/"
"""Prefix of datasets that users upload. They don't expire; start_on_new_data watches them."""

_EXECUTIONS = "executions/"
"""Prefix of what only a running execution needs. What a model version needs is below models/."""


class Storage(Construct):
    """The bucket.

    artifacts_uri: the URI of the bucket, where executions write. dataset_uri: the URI of the
    dataset if the setting names one in this bucket, else None.
    """

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, key: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        self.bucket = private_bucket(
            self,
            "Bucket",
            settings,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=bool(key),
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireExecutions",
                    prefix=_EXECUTIONS,
                    expiration=Duration.days(settings.run_days),
                ),
                s3.LifecycleRule(
                    id="ExpireOldVersionsAndUploads",
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    expired_object_delete_marker=True,
                    noncurrent_version_expiration=Duration.days(30),
                ),
            ],
        )
        allow_reading_artifacts(self.bucket, settings)
        if settings.access_log_days:
            log_access(self, settings, self.bucket, settings.access_log_days)
        if settings.start_on_new_data:
            _send_events_to_event_bridge(self.bucket)
        self.artifacts_uri = f"s3://{self.bucket.bucket_name}"
        in_bucket = settings.dataset_uri.startswith(RAW)
        self.dataset_uri = f"{self.artifacts_uri}/{settings.dataset_uri}" if in_bucket else None


def _send_events_to_event_bridge(bucket: s3.Bucket) -> None:
    """Set the property of the bucket; the CDK's own way is a Lambda function that sets it."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )
