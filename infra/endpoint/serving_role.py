"""The role of the endpoint's containers."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.encryption import Encryption
from infra.endpoint.arns import alarm_statement
from infra.endpoint.names import EndpointNames
from infra.guardrails.container_access import (
    XGBOOST_REPOSITORY,
    image_statements,
    log_statement,
    metric_statement,
    vpc_statements,
)
from infra.guardrails.model_readers import MODELS
from infra.settings import Settings
from infra.trigger.prefixes import CAPTURED

_SAGEMAKER = "sagemaker.amazonaws.com"


class ServingRole(Construct):
    """The role of the containers: it reads models, and writes captured requests and logs."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        names: EndpointNames,
        bucket: s3.IBucket,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id)
        self.role = iam.Role(
            self,
            "Role",
            description=f"Runs the containers of endpoint {names.endpoint}",
            assumed_by=iam.ServicePrincipal(
                _SAGEMAKER, conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        instances = settings.instance_endpoint
        captures = instances and instances.captures
        self.policy = iam.Policy(
            self,
            "Policy",
            roles=[self.role],
            statements=[
                iam.PolicyStatement(
                    sid="ReadModels",
                    actions=["s3:GetObject"],
                    resources=[bucket.arn_for_objects(MODELS)],
                ),
                iam.PolicyStatement(
                    sid="ListModels",
                    actions=["s3:ListBucket"],
                    resources=[bucket.bucket_arn],
                    conditions={"StringLike": {"s3:prefix": MODELS}},
                ),
                *([_capture(bucket)] if captures else []),
                *image_statements(self, [XGBOOST_REPOSITORY]),
                log_statement(self, f"Endpoints/{names.endpoint}*"),
                metric_statement(),
                *([alarm_statement(self, names)] if instances else []),
                *vpc_statements(self, settings),
                *encryption.statements(),
            ],
        )


def _capture(bucket: s3.IBucket) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Capture",
        actions=["s3:PutObject"],
        resources=[bucket.arn_for_objects(f"{CAPTURED}*")],
    )
