"""A CloudWatch dashboard of the pipelines, and an alarm for repeated failures."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.endpoint.metrics import graphs
from infra.observability.alerts import Alerts
from infra.observability.job_logs import JobLogs
from infra.pipelines import Pipelines
from infra.settings import Settings
from processing.names import ACCURACY, DRIFT, Step

_NAMESPACE = "AWS/Sagemaker/ModelBuildingPipeline"
_STEPS = (
    Step.DOWNLOAD,
    Step.PREPROCESS,
    Step.TRAIN,
    Step.PACKAGE,
    Step.TRANSFORM,
    Step.EVALUATE,
)
_WIDTH = 24


class Dashboard(Construct):
    """Executions and durations, from the metrics that SageMaker publishes for pipelines.

    job_logs: adds accuracy and drift. alerts: adds an alarm.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        pipelines: Pipelines,
        alerts: Alerts | None,
        job_logs: JobLogs | None,
    ) -> None:
        super().__init__(scope, id)
        training, scoring = pipelines.training.name, pipelines.scoring
        dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=settings.resource_name,
            default_interval=Duration.days(30),
            widgets=_execution_graphs(training, settings),
        )
        if job_logs:
            accuracy = job_logs.metric(ACCURACY, training)
            dashboard.add_widgets(_graph("Accuracy on the test set", accuracy))
        if job_logs and scoring:
            drift = job_logs.metric(DRIFT, scoring.name)
            dashboard.add_widgets(_graph("Drift of the scored reviews", drift))
        for row in graphs(settings) if settings.endpoint else []:
            dashboard.add_widgets(*row)
        if alerts:
            alerts.topics.notify_of(_alarm(self, training))


def _execution_graphs(pipeline_name: str, settings: Settings) -> list[list[cloudwatch.IWidget]]:
    """Return two rows of graphs: executions, and durations of steps."""
    executions = cloudwatch.GraphWidget(
        title="Executions per day",
        width=_WIDTH // 2,
        stacked=True,
        left=[_metric(pipeline_name, "ExecutionSucceeded"), _failed(pipeline_name)],
    )
    durations = _graph(
        "Duration of executions (seconds)",
        _seconds(_metric(pipeline_name, "ExecutionDuration", statistic="Average")),
        width=_WIDTH // 2,
    )
    of_steps = (
        _seconds(_metric(pipeline_name, "StepDuration", statistic="Average", step=step))
        for step in _STEPS
        if step != Step.DOWNLOAD or settings.has_download
    )
    return [[executions, durations], [_graph("Duration of steps (seconds)", *of_steps)]]


def _alarm(scope: Construct, pipeline_name: str) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        "ExecutionFailures",
        alarm_description=f"Two or more executions of {pipeline_name} failed within one day",
        metric=_failed(pipeline_name),
        threshold=2,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _failed(pipeline_name: str) -> cloudwatch.Metric:
    return _metric(pipeline_name, "ExecutionFailed")


def _seconds(metric: cloudwatch.Metric) -> cloudwatch.MathExpression:
    """Return a duration, which SageMaker publishes in milliseconds, in seconds."""
    label = str(metric.label)
    name = label.lower()
    return cloudwatch.MathExpression(
        expression=f"{name} / 1000",
        using_metrics={name: metric},
        label=label,
        period=metric.period,
    )


def _graph(title: str, *metrics: cloudwatch.IMetric, width: int = _WIDTH) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, width=width, left=list(metrics))


def _metric(
    pipeline_name: str, name: str, *, statistic: str = "Sum", step: str | None = None
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=_NAMESPACE,
        metric_name=name,
        dimensions_map={"PipelineName": pipeline_name, **({"StepName": step} if step else {})},
        statistic=statistic,
        period=Duration.days(1),
        label=step or name,
    )
