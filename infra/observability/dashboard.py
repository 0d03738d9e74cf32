"""What the pipeline has been doing, at a glance, and alarms if somebody is to be told."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.observability.alerts import Alerts
from infra.observability.job_logs import ACCURACY, DRIFT, JobLogs
from infra.pipeline import SentimentPipeline
from infra.settings import Settings

_NAMESPACE = "AWS/Sagemaker/ModelBuildingPipeline"
_STEPS = ("Download", "Preprocess", "Train", "Transform", "Evaluate")


class Dashboard(Construct):
    """Executions and durations, from the metrics that SageMaker itself emits for pipelines.

    Accuracy and drift besides, where the environment owns the jobs' logs and can make metrics of
    them.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipeline: SentimentPipeline,
        score: SentimentPipeline | None,
        alerts: Alerts | None,
        job_logs: JobLogs | None,
    ) -> None:
        super().__init__(scope, id)
        self._pipeline_name = pipeline.name
        failed = self._metric("ExecutionFailed")
        dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=settings.resource_name,
            default_interval=Duration.days(30),
            widgets=[
                [
                    cloudwatch.GraphWidget(
                        title="Executions a day",
                        width=12,
                        stacked=True,
                        left=[self._metric("ExecutionSucceeded"), failed],
                    ),
                    cloudwatch.GraphWidget(
                        title="Duration of an execution, seconds",
                        width=12,
                        left=[self._metric("ExecutionDuration", statistic="Average")],
                    ),
                ],
                [
                    cloudwatch.GraphWidget(
                        title="Duration of the steps, seconds",
                        width=24,
                        left=[
                            self._metric("StepDuration", statistic="Average", step=step)
                            for step in _STEPS
                        ],
                    )
                ],
            ],
        )
        if job_logs:
            dashboard.add_widgets(
                cloudwatch.GraphWidget(
                    title="Accuracy on the test set",
                    width=24,
                    left=[job_logs.metric(ACCURACY, pipeline.name)],
                )
            )
        if job_logs and score:
            dashboard.add_widgets(
                cloudwatch.GraphWidget(
                    title="Drift of the scored reviews",
                    width=24,
                    left=[job_logs.metric(DRIFT, score.name)],
                )
            )
        if alerts:
            alarm = cloudwatch.Alarm(
                self,
                "ExecutionsFail",
                alarm_description=f"Two executions of {pipeline.name} failed within a day",
                metric=failed,
                threshold=2,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(alerts.topic))

    def _metric(
        self, name: str, *, statistic: str = "Sum", step: str | None = None
    ) -> cloudwatch.Metric:
        dimensions = {"PipelineName": self._pipeline_name}
        if step:
            dimensions["StepName"] = step
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=Duration.days(1),
            label=step or name,
        )
