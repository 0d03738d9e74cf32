"""The customer-managed key for data at rest."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.settings import Settings


class Encryption(Construct):
    """A key of the environment's own, rotated each year, for bucket, volumes and outputs."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Data of {settings.resource_name}",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY,
        )

    def statements(self) -> list[iam.PolicyStatement]:
        """What a role needs to work with data under the key."""
        return [
            iam.PolicyStatement(
                sid="UseKey",
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
                resources=[self.key.key_arn],
            ),
            iam.PolicyStatement(
                # SageMaker attaches encrypted volumes to the jobs' instances by a grant.
                sid="AttachVolumes",
                actions=["kms:CreateGrant"],
                resources=[self.key.key_arn],
                conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ]
