"""The bucket for S3's server access logs: who requested which object when."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.guardrails.private_bucket import private_bucket
from infra.settings import Settings


def log_access(scope: Construct, settings: Settings, bucket: s3.Bucket, days: int) -> None:
    """Create a bucket to which S3 logs the requests to ``bucket``, and keeps them for these days.

    The CDK's own way depends on a feature flag; without it, it uses ACLs, which the bucket refuses.
    """
    logs = private_bucket(
        scope,
        "AccessLogs",
        settings,
        encryption=s3.BucketEncryption.S3_MANAGED,
        bucket_key_enabled=False,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="ExpireLogs",
                expiration=Duration.days(days),
                noncurrent_version_expiration=Duration.days(1),
            )
        ],
    )
    logs.add_to_resource_policy(
        iam.PolicyStatement(
            sid="WriteAccessLogs",
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[logs.arn_for_objects("*")],
            conditions={
                "ArnLike": {"aws:SourceArn": bucket.bucket_arn},
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            },
        )
    )
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=logs.bucket_name
    )
