"""The bucket for raw data, outputs and models: private, encrypted, TLS only."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.guardrails.access_logs import log_access
from infra.guardrails.model_readers import allow_reading_artifacts
from infra.guardrails.private_bucket import private_bucket
from infra.settings import Settings
from infra.trigger.prefixes import CAPTURED, EXECUTIONS, RAW, TRIGGERS

_TRIGGER_DAYS = 30
"""Longer than any upload waits."""


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
                *_expiry(settings),
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
        if settings.has_new_data:
            _send_events_to_event_bridge(self.bucket)
        self.artifacts_uri = f"s3://{self.bucket.bucket_name}"
        in_bucket = settings.dataset_uri.startswith(RAW)
        self.dataset_uri = f"{self.artifacts_uri}/{settings.dataset_uri}" if in_bucket else None


def _expiry(settings: Settings) -> Iterator[s3.LifecycleRule]:
    yield _expire("ExpireExecutions", EXECUTIONS, settings.run_days)
    if settings.has_new_data:
        yield _expire("ExpireTriggers", TRIGGERS, _TRIGGER_DAYS)
    if settings.incoming_days:
        yield _expire("ExpireIncoming", settings.incoming_prefix, settings.incoming_days)
    instances = settings.instance_endpoint
    if instances and instances.captures:
        yield _expire("ExpireCaptured", CAPTURED, settings.run_days)


def _expire(id: str, prefix: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(id=id, prefix=prefix, expiration=Duration.days(days))


def _send_events_to_event_bridge(bucket: s3.Bucket) -> None:
    """Set the property of the bucket; the CDK's own way is a Lambda function that sets it."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )
