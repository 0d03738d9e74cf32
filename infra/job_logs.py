"""The log groups of SageMaker's jobs, which would otherwise never expire."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.encryption import Encryption
from infra.settings import Settings

_OF_EVALUATE = "ProcessingJobs"
_GROUPS = (_OF_EVALUATE, "TrainingJobs", "TransformJobs")
_NAMESPACE = "Sentiment"
_ACCURACY = "Accuracy"


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
            if name == _OF_EVALUATE:
                self._read_accuracy(group)

    def accuracy_of(self, pipeline_name: str) -> cloudwatch.Metric:
        """The accuracy that Evaluate measured, execution by execution."""
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=_ACCURACY,
            dimensions_map={"PipelineName": pipeline_name},
            statistic="Average",
            period=Duration.days(1),
            label=_ACCURACY,
        )

    def _read_accuracy(self, group: logs.CfnLogGroup) -> None:
        """Makes a metric of the JSON line that Evaluate prints, whatever pipeline it belongs to."""
        logs.CfnMetricFilter(
            self,
            "AccuracyFilter",
            log_group_name=group.ref,
            filter_pattern="{ $.accuracy = * && $.pipeline = * }",
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=_NAMESPACE,
                    metric_name=_ACCURACY,
                    metric_value="$.accuracy",
                    dimensions=[
                        logs.CfnMetricFilter.DimensionProperty(
                            key="PipelineName", value="$.pipeline"
                        )
                    ],
                )
            ],
        )
