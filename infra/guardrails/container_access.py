"""Permissions of every role that runs SageMaker containers: images, logs, metrics, the VPC."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.settings import Settings

XGBOOST_REPOSITORY = "sagemaker-xgboost"


def image_statements(scope: Construct, repositories: Sequence[str]) -> list[iam.PolicyStatement]:
    """Allow pulling these built-in images from registries in AWS's own accounts."""
    return [
        iam.PolicyStatement(
            # The action has no resource types.
            sid="RegistryLogin",
            actions=["ecr:GetAuthorizationToken"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            # AWS's own accounts, which differ by region; the repositories are named.
            sid="BuiltInImages",
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            resources=[
                Stack.of(scope).format_arn(
                    service="ecr", account="*", resource="repository", resource_name=repository
                )
                for repository in repositories
            ],
        ),
    ]


def log_statement(scope: Construct, name: str) -> iam.PolicyStatement:
    """Allow logging to the log group of SageMaker with this name, which may be a pattern."""
    return iam.PolicyStatement(
        sid="Logs",
        actions=[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
        resources=[
            f"arn:{Aws.PARTITION}:logs:{Stack.of(scope).region}:{Stack.of(scope).account}:"
            f"log-group:/aws/sagemaker/{name}"
        ],
    )


def metric_statement() -> iam.PolicyStatement:
    """Allow publishing metrics in SageMaker's namespaces."""
    return iam.PolicyStatement(
        # The action has no resource types; the condition limits the namespaces.
        sid="Metrics",
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={
            "StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"]}
        },
    )


def vpc_statements(scope: Construct, settings: Settings) -> list[iam.PolicyStatement]:
    """Allow network interfaces in the VPC, if any, as SageMaker's documentation lists them."""
    if not settings.subnets:
        return []
    ec2 = [
        Stack.of(scope).format_arn(service="ec2", resource=kind, resource_name=name)
        for kind, name in (
            ("network-interface", "*"),
            *(("subnet", subnet) for subnet in settings.subnets),
            *(("security-group", group) for group in settings.security_groups),
        )
    ]
    return [
        iam.PolicyStatement(
            # Interfaces have no IDs before they are created; subnets and groups are named.
            sid="NetworkInterfaces",
            actions=[
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resources=ec2,
        ),
        iam.PolicyStatement(
            # The actions have no resource types.
            sid="DescribeNetwork",
            actions=[
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resources=["*"],
        ),
    ]
