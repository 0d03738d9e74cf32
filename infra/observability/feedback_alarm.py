"""An alarm if labels show that scored reviews are classified less accurately than required."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.observability.topics import Topics
from infra.pipelines import SentimentPipeline
from processing.names import FEEDBACK_BOUND_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE


class FeedbackAlarm(Construct):
    """The alarm; `sentiment feedback` publishes its metric.

    The metric is the upper bound of the accuracy's 95% confidence interval, so that a few wrong
    reviews don't raise an alarm. Labels arrive rarely: the alarm keeps its state until the next.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        min_accuracy: float,
        scoring: SentimentPipeline,
        topics: Topics,
    ) -> None:
        super().__init__(scope, id)
        alarm = cloudwatch.Alarm(
            self,
            "Accuracy",
            alarm_description=f"The accuracy of {scoring.name} on labeled reviews is significantly "
            f"below {min_accuracy:g}; `sentiment feedback` shows it",
            metric=cloudwatch.Metric(
                namespace=METRIC_NAMESPACE,
                metric_name=FEEDBACK_BOUND_METRIC,
                dimensions_map={METRIC_DIMENSION: scoring.name},
                statistic="Minimum",
                period=Duration.days(1),
            ),
            threshold=min_accuracy,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        topics.notify_of(alarm)
