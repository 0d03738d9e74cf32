"""Stacks in the emulated AWS, made by boto3."""

from __future__ import annotations

import json
from typing import Any

from tests.support.emulator_programs import Emulator, eventually

Resources = dict[str, dict[str, Any]]


def template(resources: Resources, **sections: Any) -> str:
    """A template as text."""
    return json.dumps({"Resources": resources, **sections})


def status(emulator: Emulator, stack: str) -> str:
    """The stack's status, once nothing is under way."""

    def look() -> str | None:
        found = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return None if found["StackStatus"].endswith("PROGRESS") else str(found["StackStatus"])

    return eventually(look, 30)


def create(emulator: Emulator, name: str, resources: Resources, **sections: Any) -> str:
    """Creates a stack; its id, which finds it even when it is gone."""
    made = emulator.client("cloudformation").create_stack(
        StackName=name, TemplateBody=template(resources, **sections)
    )
    status(emulator, made["StackId"])
    return str(made["StackId"])


def failures(emulator: Emulator, stack: str) -> dict[str, str]:
    """Why resources failed, by name."""
    events = emulator.client("cloudformation").describe_stack_events(StackName=stack)
    return {
        event["LogicalResourceId"]: event["ResourceStatusReason"]
        for event in events["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
    }


def outputs(emulator: Emulator, stack: str) -> dict[str, str]:
    """The outputs of a stack by name."""
    [found] = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}


def resources(emulator: Emulator, stack: str) -> dict[str, dict[str, Any]]:
    """The resources of a stack by name, as they are listed."""
    pages = emulator.client("cloudformation").get_paginator("list_stack_resources")
    return {
        item["LogicalResourceId"]: item
        for page in pages.paginate(StackName=stack)
        for item in page["StackResourceSummaries"]
    }


def names_left(emulator: Emulator) -> list[str]:
    """Whatever there is of the kinds that the stacks make, beside keys that wait for deletion."""
    client = emulator.client
    kms = client("kms")
    found = {
        "alarm": [
            item["AlarmName"] for item in client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
        "bucket": [item["Name"] for item in client("s3").list_buckets()["Buckets"]],
        "budget": [
            item["BudgetName"]
            for item in client("budgets").describe_budgets(AccountId="123456789012")["Budgets"]
        ],
        "dashboard": [
            item["DashboardName"]
            for item in client("cloudwatch").list_dashboards()["DashboardEntries"]
        ],
        "function": [
            item["FunctionName"] for item in client("lambda").list_functions()["Functions"]
        ],
        "group": [
            item["ModelPackageGroupName"]
            for item in client("sagemaker").list_model_package_groups()[
                "ModelPackageGroupSummaryList"
            ]
        ],
        "key": [
            described["Description"]
            for item in kms.list_keys()["Keys"]
            if (described := kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"])["KeyState"]
            == "Enabled"
        ],
        "log group": [
            item["logGroupName"] for item in client("logs").describe_log_groups()["logGroups"]
        ],
        "machine": [
            item["name"] for item in client("stepfunctions").list_state_machines()["stateMachines"]
        ],
        "parameter": [item["Name"] for item in client("ssm").describe_parameters()["Parameters"]],
        "pipeline": [
            item["PipelineName"]
            for item in client("sagemaker").list_pipelines()["PipelineSummaries"]
        ],
        "role": [item["RoleName"] for item in client("iam").list_roles()["Roles"]],
        "rule": [item["Name"] for item in client("events").list_rules()["Rules"]],
        "schedule": [item["Name"] for item in client("scheduler").list_schedules()["Schedules"]],
        "topic": [item["TopicArn"] for item in client("sns").list_topics()["Topics"]],
    }
    return sorted(f"{kind} {name}" for kind, names in found.items() for name in names)
