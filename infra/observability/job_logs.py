"""The log groups of SageMaker's jobs, which never expire otherwise, and metrics from the logs."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import Settings
from processing.names import LOG_METRICS, LOG_PIPELINE

_PROCESSING_JOBS = "ProcessingJobs"
_GROUPS = (_PROCESSING_JOBS, "TrainingJobs", "TransformJobs")
_NAMESPACE = "Sentiment"


class JobLogs(Construct):
    """One log group for each kind of job, shared by all pipelines of the account and Region."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, key: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        for name in _GROUPS:
            group = logs.CfnLogGroup(
                self,
                name,
                log_group_name=f"/aws/sagemaker/{name}",
                retention_in_days=settings.log_retention_days,
                kms_key_id=key.key_arn if key else None,
            )
            group.apply_removal_policy(
                RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
            )
            if name == _PROCESSING_JOBS:
                for field in LOG_METRICS:
                    self._filter(field, group)

    def metric(self, field: str, pipeline_name: str) -> cloudwatch.Metric:
        """Return the metric that a pipeline's jobs log in a field."""
        name = field.capitalize()
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=name,
            dimensions_map={"PipelineName": pipeline_name},
            statistic="Average",
            period=Duration.days(1),
            label=name,
        )

    def _filter(self, field: str, group: logs.CfnLogGroup) -> None:
        """Extract a metric from the JSON lines of all pipelines' jobs."""
        metric = field.capitalize()
        logs.CfnMetricFilter(
            self,
            f"{metric}Filter",
            log_group_name=group.ref,
            filter_pattern=f"{{ $.{field} = * && $.{LOG_PIPELINE} = * }}",
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=_NAMESPACE,
                    metric_name=metric,
                    metric_value=f"$.{field}",
                    dimensions=[
                        logs.CfnMetricFilter.DimensionProperty(
                            key="PipelineName", value=f"$.{LOG_PIPELINE}"
                        )
                    ],
                )
            ],
        )
