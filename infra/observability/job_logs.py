"""The log groups of SageMaker's jobs, which would otherwise never expire."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.encryption import Encryption
from infra.settings import Settings

_THAT_TELL = "ProcessingJobs"
_GROUPS = (_THAT_TELL, "TrainingJobs", "TransformJobs")
_NAMESPACE = "Sentiment"
ACCURACY, DRIFT = "Accuracy", "Drift"
"""What Evaluate and Join tell of, each in a line of JSON under this name in lower case."""


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
            if name == _THAT_TELL:
                for measure in (ACCURACY, DRIFT):
                    self._read(measure, group)

    def metric(self, measure: str, pipeline_name: str) -> cloudwatch.Metric:
        """What a pipeline's executions measured, one after the other."""
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=measure,
            dimensions_map={"PipelineName": pipeline_name},
            statistic="Average",
            period=Duration.days(1),
            label=measure,
        )

    def _read(self, measure: str, group: logs.CfnLogGroup) -> None:
        """Makes a metric of the JSON line that a job prints, whatever pipeline it belongs to."""
        field = measure.lower()
        logs.CfnMetricFilter(
            self,
            f"{measure}Filter",
            log_group_name=group.ref,
            filter_pattern=f"{{ $.{field} = * && $.pipeline = * }}",
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=_NAMESPACE,
                    metric_name=measure,
                    metric_value=f"$.{field}",
                    dimensions=[
                        logs.CfnMetricFilter.DimensionProperty(
                            key="PipelineName", value="$.pipeline"
                        )
                    ],
                )
            ],
        )
