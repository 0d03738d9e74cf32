"""The endpoint's metrics: alarms, and graphs for the dashboard."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.endpoint.names import LOG_GROUPS, VARIANT, EndpointNames
from infra.observability.topics import Topics
from infra.settings import Settings

_NAMESPACE = "AWS/SageMaker"
_MICROSECONDS = 1_000_000
_SLOW_SECONDS = 1
_WIDTH = 12


def alarms(scope: Construct, names: EndpointNames, topics: Topics | None) -> None:
    """Add the alarms after which an update is rolled back, and the topics are notified.

    Two of five minutes with an error, or with every tenth answer slow.
    """
    for kind, name, description, metric, threshold in (
        (
            "Errors",
            names.errors_alarm,
            "fails to answer requests",
            _metric(names, "Invocation5XXErrors"),
            1,
        ),
        (
            "Latency",
            names.latency_alarm,
            f"takes {_SLOW_SECONDS} s or longer for every tenth answer",
            _metric(names, "ModelLatency", statistic="p90"),
            _SLOW_SECONDS * _MICROSECONDS,
        ),
    ):
        alarm = cloudwatch.Alarm(
            scope,
            f"{kind}Alarm",
            alarm_name=name,
            alarm_description=f"Endpoint {names.endpoint} {description}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=5,
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if topics:
            topics.notify_of(alarm)


def graphs(settings: Settings) -> list[list[cloudwatch.IWidget]]:
    """Return rows of graphs: requests and errors, latency and capacity."""
    assert settings.endpoint is not None
    names = EndpointNames(settings.resource_name)
    requests = _graph(
        "Requests to the endpoint per minute",
        *(
            _metric(names, name)
            for name in ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")
        ),
    )
    latency = _graph(
        "Latency of the endpoint (microseconds)",
        _metric(names, "ModelLatency", statistic="p50", label="ModelLatency p50"),
        _metric(names, "ModelLatency", statistic="p99", label="ModelLatency p99"),
        _metric(names, "OverheadLatency", statistic="p99", label="OverheadLatency p99"),
    )
    return [[requests, latency], [_capacity(settings, names)]]


def _capacity(settings: Settings, names: EndpointNames) -> cloudwatch.GraphWidget:
    assert settings.endpoint is not None
    if settings.endpoint.serverless:
        return _graph(
            "Start of serverless capacity (microseconds)",
            _metric(names, "ModelSetupTime", statistic="Maximum"),
        )
    return _graph(
        "Utilization of the endpoint's instances (%)",
        *(
            _metric(names, name, statistic="Average", namespace=LOG_GROUPS)
            for name in ("CPUUtilization", "MemoryUtilization")
        ),
    )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, width=_WIDTH, left=list(metrics))


def _metric(
    names: EndpointNames,
    name: str,
    *,
    statistic: str = "Sum",
    label: str | None = None,
    namespace: str = _NAMESPACE,
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map={"EndpointName": names.endpoint, "VariantName": VARIANT},
        statistic=statistic,
        period=Duration.minutes(1),
        label=label,
    )
