"""Retention of the log groups of SageMaker's jobs, and metrics from the logs.

The groups belong to the account: SageMaker creates them with the first job, and every pipeline of
the account and region logs there. So the stack doesn't own them (docs/decisions/0024).
"""

from __future__ import annotations

from aws_cdk import Aws, CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import Settings
from processing.names import LOG_METRICS, LOG_PIPELINE, METRIC_DIMENSION, METRIC_NAMESPACE

PROVIDER = "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a"
"""ID, in the stack, of the CDK's construct with the function behind LogRetention."""

_PROCESSING_JOBS = "/aws/sagemaker/ProcessingJobs"
_GROUPS = (_PROCESSING_JOBS, "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs")


class JobLogs(Construct):
    """The retention of the log group of each kind of job; a group that is missing is created.

    Nothing is deleted or reset with the stack or the setting.
    """

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, key: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        function_name = f"{settings.resource_name}-log-retention"
        # The function would create its own group, too, which would remain with the account.
        own_group = logs.LogGroup(
            self,
            "FunctionLogs",
            log_group_name=f"/aws/lambda/{function_name}",
            encryption_key=key,
            retention=logs.RetentionDays.ONE_DAY,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        policy = _policy(self, role, own_group)
        for name in _GROUPS:
            retention = logs.LogRetention(
                self,
                name.rpartition("/")[2],
                log_group_name=name,
                # The construct takes members of an enumeration instead of numbers.
                retention=logs.RetentionDays.INFINITE,
                # The CDK would add permissions for all log groups.
                role=role.without_policy_updates(),
            )
            resource = retention.node.default_child
            assert isinstance(resource, CfnResource)
            resource.add_property_override("RetentionInDays", settings.log_retention_days)
            if name == _PROCESSING_JOBS:
                for field in LOG_METRICS:
                    self._filter(field, name).node.add_dependency(retention)
        function = Stack.of(self).node.find_child(PROVIDER).node.default_child
        assert isinstance(function, CfnResource)
        function.add_property_override("FunctionName", function_name)
        function.node.add_dependency(policy)

    def metric(self, field: str, pipeline_name: str) -> cloudwatch.Metric:
        """Return the metric that a pipeline's jobs log in a field."""
        name = _metric_name(field)
        return cloudwatch.Metric(
            namespace=METRIC_NAMESPACE,
            metric_name=name,
            dimensions_map={METRIC_DIMENSION: pipeline_name},
            statistic="Average",
            period=Duration.days(1),
            label=name,
        )

    def _filter(self, field: str, group_name: str) -> logs.CfnMetricFilter:
        """Extract a metric from the JSON lines of all pipelines' jobs."""
        metric = _metric_name(field)
        return logs.CfnMetricFilter(
            self,
            f"{metric}Filter",
            log_group_name=group_name,
            filter_pattern=f"{{ $.{field} = * && $.{LOG_PIPELINE} = * }}",
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=METRIC_NAMESPACE,
                    metric_name=metric,
                    metric_value=f"$.{field}",
                    dimensions=[
                        logs.CfnMetricFilter.DimensionProperty(
                            key=METRIC_DIMENSION, value=f"$.{LOG_PIPELINE}"
                        )
                    ],
                )
            ],
        )


def _metric_name(field: str) -> str:
    """Return the CloudWatch name of the metric that jobs log in a field."""
    return field.capitalize()


def _policy(scope: Construct, role: iam.IRole, own_group: logs.ILogGroup) -> iam.Policy:
    """Allow the function to create the jobs' log groups and its own, and to set their retention."""
    stack = Stack.of(scope)
    prefix = f"arn:{Aws.PARTITION}:logs:{stack.region}:{stack.account}:log-group"
    statement = iam.PolicyStatement(
        sid="SetRetention",
        actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
        # In policies, the ARN of a log group ends in ":*".
        resources=[*(f"{prefix}:{name}:*" for name in _GROUPS), own_group.log_group_arn],
    )
    return iam.Policy(scope, "Policy", roles=[role], statements=[statement])
