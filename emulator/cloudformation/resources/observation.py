"""CloudWatch, CloudWatch Logs and Budgets."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Resource,
    camel_case,
    missing_is_fine,
    some,
)


class LogGroup(Resource):
    """AWS::Logs::LogGroup. As on AWS, creating a group that exists fails.

    moto sets a group's key at its creation only, so a changed key has no effect.
    """

    replaced_by = ("LogGroupName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the group, or change its retention."""
        client = context.client("logs")
        name = old.physical_id if old else properties.get("LogGroupName", context.generated(512))
        if old is None:
            tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
            given = {"tags": tags} if tags else {}
            given |= camel_case(some(properties, "KmsKeyId"))
            client.create_log_group(logGroupName=name, **given)
        if "RetentionInDays" in properties:
            days = properties["RetentionInDays"]
            client.put_retention_policy(logGroupName=name, retentionInDays=days)
        elif old and "RetentionInDays" in old.properties:
            client.delete_retention_policy(logGroupName=name)
        return PhysicalResource(name, {"Arn": context.arn("logs", f"log-group:{name}:*")})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the group."""
        with missing_is_fine():
            context.client("logs").delete_log_group(logGroupName=existing.physical_id)


class LogRetention(Resource):
    """Custom::LogRetention: does what the CDK's function does, which never deletes a group."""

    replaced_by = ("LogGroupName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the group if it doesn't exist, and set its retention."""
        client, name = context.client("logs"), properties["LogGroupName"]
        with suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_group(logGroupName=name)
        client.put_retention_policy(
            logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
        )
        return PhysicalResource(name, {"LogGroupName": name})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Do nothing."""


class MetricFilter(Resource):
    """AWS::Logs::MetricFilter."""

    replaced_by = ("FilterName", "LogGroupName")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the filter."""
        name = old.physical_id if old else properties.get("FilterName", context.generated(512))
        transformations = []
        for given in properties["MetricTransformations"]:
            transformation: dict[str, Any] = camel_case(given)
            if "Dimensions" in given:
                pairs = {item["Key"]: item["Value"] for item in given["Dimensions"]}
                transformation["dimensions"] = pairs
            transformations.append(transformation)
        context.client("logs").put_metric_filter(
            logGroupName=properties["LogGroupName"],
            filterName=name,
            filterPattern=properties["FilterPattern"],
            metricTransformations=transformations,
        )
        return PhysicalResource(name)

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the filter."""
        with missing_is_fine():
            context.client("logs").delete_metric_filter(
                logGroupName=existing.properties["LogGroupName"], filterName=existing.physical_id
            )


class Alarm(Resource):
    """AWS::CloudWatch::Alarm, which never goes off here."""

    replaced_by = ("AlarmName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the alarm."""
        name = old.physical_id if old else properties.get("AlarmName", context.generated(255))
        given = {key: value for key, value in properties.items() if key != "AlarmName"}
        context.client("cloudwatch").put_metric_alarm(AlarmName=name, **given)
        return PhysicalResource(name, {"Arn": context.arn("cloudwatch", f"alarm:{name}")})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the alarm."""
        context.client("cloudwatch").delete_alarms(AlarmNames=[existing.physical_id])


class Dashboard(Resource):
    """AWS::CloudWatch::Dashboard."""

    replaced_by = ("DashboardName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the dashboard."""
        name = old.physical_id if old else properties.get("DashboardName", context.generated(255))
        context.client("cloudwatch").put_dashboard(
            DashboardName=name, DashboardBody=properties["DashboardBody"]
        )
        return PhysicalResource(name)

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the dashboard."""
        with missing_is_fine():
            context.client("cloudwatch").delete_dashboards(DashboardNames=[existing.physical_id])


class Budget(Resource):
    """AWS::Budgets::Budget. moto can't change one, so an update creates it again."""

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the budget."""
        if old is not None:
            self.delete(old, context)
        budget = dict(properties["Budget"])
        limit = budget.get("BudgetLimit")
        if limit:
            budget["BudgetLimit"] = {**limit, "Amount": str(limit["Amount"])}
        name = budget.setdefault("BudgetName", old.physical_id if old else context.generated(100))
        context.client("budgets").create_budget(
            AccountId=context.place.account,
            Budget=budget,
            **some(properties, "NotificationsWithSubscribers"),
        )
        return PhysicalResource(str(name))

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the budget."""
        with missing_is_fine():
            context.client("budgets").delete_budget(
                AccountId=context.place.account, BudgetName=existing.physical_id
            )
