"""What the state machine that deploys versions may do."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.encryption import Encryption
from infra.endpoint.arns import alarm_statement, arn, sagemaker_arn
from infra.endpoint.names import EndpointNames
from infra.endpoint.serving_role import ServingRole
from infra.observability.topics import Topics
from infra.settings import Settings

_SAGEMAKER = "sagemaker.amazonaws.com"
_SCALING = "sagemaker.application-autoscaling.amazonaws.com"


def deployment_policy(
    scope: Construct,
    id: str,
    *,
    settings: Settings,
    names: EndpointNames,
    group: str,
    serving: ServingRole,
    encryption: Encryption,
    topics: Topics | None,
) -> iam.Policy:
    """Return the policy of the state machine's role, not yet attached."""
    instances = settings.instance_endpoint
    return iam.Policy(
        scope,
        id,
        statements=[
            *_versions(scope, group),
            *_endpoints(scope, names),
            _tags(scope, names, settings),
            iam.PolicyStatement(
                sid="PassServingRole",
                actions=["iam:PassRole"],
                resources=[serving.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": _SAGEMAKER}},
            ),
            iam.PolicyStatement(
                sid="AwaitTurn",
                actions=["states:ListExecutions"],
                resources=[arn(scope, "states", "stateMachine", names.state_machine, ":")],
            ),
            *([alarm_statement(scope, names), *_autoscaling(scope, names)] if instances else []),
            *encryption.volume_statements(),
            *(_topics(topics) if topics else []),
        ],
    )


def _versions(scope: Construct, group: str) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="Versions",
            actions=["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
            resources=[
                sagemaker_arn(scope, "model-package-group", group),
                sagemaker_arn(scope, "model-package", f"{group}/*"),
            ],
        )
    ]


def _endpoints(scope: Construct, names: EndpointNames) -> list[iam.PolicyStatement]:
    """Allow both endpoints, and the models and configurations that deployments name."""
    endpoints = [sagemaker_arn(scope, "endpoint", name) for name in names.both]
    models, configs = (
        sagemaker_arn(scope, kind, names.resources) for kind in ("model", "endpoint-config")
    )
    return [
        iam.PolicyStatement(
            # The action has no resource types.
            sid="ListEndpoints",
            actions=["sagemaker:ListEndpoints"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="Models",
            actions=[f"sagemaker:{verb}Model" for verb in ("Create", "Delete", "Describe")],
            resources=[models],
        ),
        iam.PolicyStatement(
            sid="Configurations",
            actions=[
                f"sagemaker:{verb}EndpointConfig" for verb in ("Create", "Delete", "Describe")
            ],
            resources=[configs],
        ),
        iam.PolicyStatement(
            # Endpoints are authorized together with their configurations.
            sid="Endpoints",
            actions=["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
            resources=[*endpoints, configs],
        ),
        iam.PolicyStatement(
            sid="UseEndpoints",
            actions=[
                "sagemaker:DeleteEndpoint",
                "sagemaker:DescribeEndpoint",
                "sagemaker:InvokeEndpoint",
            ],
            resources=endpoints,
        ),
    ]


def _tags(scope: Construct, names: EndpointNames, settings: Settings) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Tags",
        actions=["sagemaker:AddTags"],
        resources=[
            *(sagemaker_arn(scope, "endpoint", name) for name in names.both),
            *(sagemaker_arn(scope, kind, names.resources) for kind in ("endpoint-config", "model")),
        ],
        conditions={"ForAllValues:StringLike": {"aws:TagKeys": [*settings.resource_tags]}},
    )


def _autoscaling(scope: Construct, names: EndpointNames) -> list[iam.PolicyStatement]:
    """Allow a scaling policy of the endpoint's variant, as SageMaker's documentation lists it."""
    stack = Stack.of(scope)
    linked_role = (
        f"arn:{Aws.PARTITION}:iam::{stack.account}:role/aws-service-role/{_SCALING}/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    return [
        iam.PolicyStatement(
            # The ARNs of scalable targets get IDs when they are created.
            sid="Autoscaling",
            actions=[
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
            ],
            resources=[arn(scope, "application-autoscaling", "scalable-target", "*", "/")],
            conditions={"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        ),
        iam.PolicyStatement(
            sid="ScaleEndpoint",
            actions=["sagemaker:UpdateEndpointWeightsAndCapacities"],
            resources=[sagemaker_arn(scope, "endpoint", names.endpoint)],
        ),
        iam.PolicyStatement(
            # The alarms of a scaling policy have IDs, too.
            sid="ScalingAlarms",
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            resources=[arn(scope, "cloudwatch", "alarm", f"TargetTracking-{names.scalable}*", ":")],
        ),
        iam.PolicyStatement(
            sid="ScalingRole",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[linked_role],
            conditions={"StringEquals": {"iam:AWSServiceName": _SCALING}},
        ),
    ]


def _topics(topics: Topics) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="Notify",
            actions=["sns:Publish"],
            resources=[topic.topic_arn for topic in topics.all],
        ),
        iam.PolicyStatement(
            sid="EncryptNotifications",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[topics.key.key_arn],
        ),
    ]
