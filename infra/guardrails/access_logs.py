"""The bucket for S3's server access logs: who requested which object when."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings


def log_access(scope: Construct, settings: Settings, bucket: s3.Bucket, days: int) -> None:
    """Create a bucket to which S3 logs the requests to ``bucket``, and keeps them for these days.

    The CDK's own way depends on a feature flag; without it, it uses ACLs, which the bucket refuses.
    """
    logs = s3.Bucket(
        scope,
        "AccessLogs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        bucket_key_enabled=False,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        removal_policy=RemovalPolicy[settings.removal_policy],
        auto_delete_objects=not settings.keep_data,
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
    if settings.keep_data and logs.policy:
        logs.policy.apply_removal_policy(RemovalPolicy[settings.removal_policy])
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=logs.bucket_name
    )
