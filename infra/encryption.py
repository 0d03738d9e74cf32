"""The customer-managed key for data at rest."""

from __future__ import annotations

from aws_cdk import Aws, RemovalPolicy, Stack
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

        self._let_logs_use_it()

    def _let_logs_use_it(self) -> None:
        """CloudWatch encrypts log groups by itself, in the name of nobody's role."""
        stack = Stack.of(self)
        logs = f"arn:{Aws.PARTITION}:logs:{stack.region}:{stack.account}:log-group:*"
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key's policy, the key itself
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            )
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
