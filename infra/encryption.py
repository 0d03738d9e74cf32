"""The customer-managed key for data at rest."""

from __future__ import annotations

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.guardrails.model_readers import allow_decryption
from infra.settings import Settings


class Encryption(Construct):
    """With ``customer_key``, a KMS key for bucket, volumes, outputs and own logs, rotated yearly.

    key: None without the setting; AWS's own keys are then used.
    """

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        self.key = _key(self, settings) if settings.customer_key else None

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what a role needs to work with data under the key, if there is one."""
        if not self.key:
            return []
        return [
            iam.PolicyStatement(
                sid="UseKey",
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
                resources=[self.key.key_arn],
            ),
            self._attach_volumes(self.key),
        ]

    def volume_statements(self) -> list[iam.PolicyStatement]:
        """Return what a role needs to request instances whose volumes are under the key."""
        if not self.key:
            return []
        return [
            iam.PolicyStatement(
                sid="DescribeKey", actions=["kms:DescribeKey"], resources=[self.key.key_arn]
            ),
            self._attach_volumes(self.key),
        ]

    def _attach_volumes(self, key: kms.IKey) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            # SageMaker attaches encrypted volumes to instances by a grant.
            sid="AttachVolumes",
            actions=["kms:CreateGrant"],
            resources=[key.key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )


def _key(scope: Construct, settings: Settings) -> kms.Key:
    key = kms.Key(
        scope,
        "Key",
        description=f"Encrypts the data of {settings.resource_name}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy[settings.removal_policy],
    )
    # CloudWatch Logs encrypts log groups as a service, without a role.
    stack = Stack.of(scope)
    log_groups = f"arn:{Aws.PARTITION}:logs:{stack.region}:{stack.account}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"],
            resources=["*"],  # in a key policy, the key itself
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    )
    allow_decryption(key, settings)
    return key
