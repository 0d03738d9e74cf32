"""The log groups of SageMaker's jobs, which would otherwise never expire."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.encryption import Encryption
from infra.settings import Settings

_GROUPS = ("ProcessingJobs", "TrainingJobs", "TransformJobs")


class JobLogs(Construct):
    """One group for each kind of job, shared by all pipelines of the account and region."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, encryption: Encryption | None
    ) -> None:
        super().__init__(scope, id)
        keep = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        for name in _GROUPS:
            group = logs.CfnLogGroup(
                self,
                name,
                log_group_name=f"/aws/sagemaker/{name}",
                retention_in_days=settings.log_retention_days,
                kms_key_id=encryption.key.key_arn if encryption else None,
            )
            group.apply_removal_policy(keep)
