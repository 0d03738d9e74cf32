"""ARNs of what deployments create and use, in policies."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.endpoint.names import EndpointNames


def alarm_statement(scope: Construct, names: EndpointNames) -> iam.PolicyStatement:
    """Allow SageMaker to look at the alarms after which it rolls an update back."""
    return iam.PolicyStatement(
        sid="Alarms",
        actions=["cloudwatch:DescribeAlarms"],
        resources=[
            arn(scope, "cloudwatch", "alarm", name, ":")
            for name in (names.errors_alarm, names.latency_alarm)
        ],
    )


def sagemaker_arn(scope: Construct, kind: str, name: str) -> str:
    """Return the ARN, or a pattern of ARNs, of something in SageMaker."""
    return arn(scope, "sagemaker", kind, name, "/")


def arn(scope: Construct, service: str, kind: str, name: str, separator: str) -> str:
    """Return an ARN in the stack's account and region."""
    stack = Stack.of(scope)
    return f"arn:{Aws.PARTITION}:{service}:{stack.region}:{stack.account}:{kind}{separator}{name}"
