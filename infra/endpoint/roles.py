"""What the endpoint's containers and the state machine that deploys them may do."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.encryption import Encryption
from infra.endpoint.names import EndpointNames
from infra.guardrails.container_access import (
    XGBOOST_REPOSITORY,
    image_statements,
    log_statement,
    metric_statement,
    vpc_statements,
)
from infra.guardrails.model_readers import MODELS
from infra.observability.topics import Topics
from infra.settings import Settings
from infra.trigger.prefixes import CAPTURED

_SAGEMAKER = "sagemaker.amazonaws.com"
_SCALING = "sagemaker.application-autoscaling.amazonaws.com"


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
        instances = settings.endpoint and settings.endpoint.instances
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
                *([_alarms(self, names)] if instances else []),
                *vpc_statements(self, settings),
                *encryption.statements(),
            ],
        )


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
    instances = settings.endpoint and settings.endpoint.instances
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
                resources=[_arn(scope, "states", "stateMachine", names.state_machine, ":")],
            ),
            *([_alarms(scope, names), *_autoscaling(scope, names)] if instances else []),
            *(encryption.volume_statements() if instances else []),
            *(_topics(topics) if topics else []),
        ],
    )


def _versions(scope: Construct, group: str) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="Versions",
            actions=["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
            resources=[
                _sagemaker_arn(scope, "model-package-group", group),
                _sagemaker_arn(scope, "model-package", f"{group}/*"),
            ],
        )
    ]


def _endpoints(scope: Construct, names: EndpointNames) -> list[iam.PolicyStatement]:
    """Allow both endpoints, and the models and configurations that deployments name."""
    endpoints = [_sagemaker_arn(scope, "endpoint", name) for name in names.both]
    models, configs = (
        _sagemaker_arn(scope, kind, names.resources) for kind in ("model", "endpoint-config")
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
            *(_sagemaker_arn(scope, "endpoint", name) for name in names.both),
            *(
                _sagemaker_arn(scope, kind, names.resources)
                for kind in ("endpoint-config", "model")
            ),
        ],
        conditions={"ForAllValues:StringLike": {"aws:TagKeys": [*settings.resource_tags]}},
    )


def _alarms(scope: Construct, names: EndpointNames) -> iam.PolicyStatement:
    """Allow SageMaker to look at the alarms after which it rolls an update back."""
    return iam.PolicyStatement(
        sid="Alarms",
        actions=["cloudwatch:DescribeAlarms"],
        resources=[
            _arn(scope, "cloudwatch", "alarm", name, ":")
            for name in (names.errors_alarm, names.latency_alarm)
        ],
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
            # The ARNs of scalable targets have IDs that nobody knows before they exist.
            sid="Autoscaling",
            actions=[
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
            ],
            resources=[_arn(scope, "application-autoscaling", "scalable-target", "*", "/")],
            conditions={"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        ),
        iam.PolicyStatement(
            sid="ScaleEndpoint",
            actions=["sagemaker:UpdateEndpointWeightsAndCapacities"],
            resources=[_sagemaker_arn(scope, "endpoint", names.endpoint)],
        ),
        iam.PolicyStatement(
            # The alarms of a scaling policy have IDs, too.
            sid="ScalingAlarms",
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            resources=[
                _arn(scope, "cloudwatch", "alarm", f"TargetTracking-{names.scalable}*", ":")
            ],
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


def _capture(bucket: s3.IBucket) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Capture",
        actions=["s3:PutObject"],
        resources=[bucket.arn_for_objects(f"{CAPTURED}*")],
    )


def _sagemaker_arn(scope: Construct, kind: str, name: str) -> str:
    return _arn(scope, "sagemaker", kind, name, "/")


def _arn(scope: Construct, service: str, kind: str, name: str, separator: str) -> str:
    stack = Stack.of(scope)
    return f"arn:{Aws.PARTITION}:{service}:{stack.region}:{stack.account}:{kind}{separator}{name}"
