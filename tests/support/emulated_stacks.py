"""CloudFormation stacks in the emulated AWS."""

from __future__ import annotations

import json
from typing import Any

from tests.support.emulator_process import Emulator
from tests.support.programs import eventually

Resources = dict[str, dict[str, Any]]


def template(resources: Resources, **sections: Any) -> str:
    """Return a template's text."""
    return json.dumps({"Resources": resources, **sections})


def status(emulator: Emulator, stack: str) -> str:
    """Wait until no change is in progress and return the stack's status."""

    def look() -> str | None:
        found = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return None if found["StackStatus"].endswith("PROGRESS") else str(found["StackStatus"])

    return eventually(look, 30)


def create(emulator: Emulator, name: str, resources: Resources, **sections: Any) -> str:
    """Create a stack and return its id, which is valid even after its deletion."""
    created = emulator.client("cloudformation").create_stack(
        StackName=name, TemplateBody=template(resources, **sections)
    )
    status(emulator, created["StackId"])
    return str(created["StackId"])


def failures(emulator: Emulator, stack: str) -> dict[str, str]:
    """Return the reasons of failed resources by logical name."""
    events = emulator.client("cloudformation").describe_stack_events(StackName=stack)
    return {
        event["LogicalResourceId"]: event["ResourceStatusReason"]
        for event in events["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
    }


def outputs(emulator: Emulator, stack: str) -> dict[str, str]:
    """Return a stack's outputs by name."""
    [found] = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}


def resources(emulator: Emulator, stack: str) -> dict[str, dict[str, Any]]:
    """Return the summaries of a stack's resources by logical name."""
    pages = emulator.client("cloudformation").get_paginator("list_stack_resources")
    return {
        item["LogicalResourceId"]: item
        for page in pages.paginate(StackName=stack)
        for item in page["StackResourceSummaries"]
    }


def remaining_resources(emulator: Emulator) -> list[str]:
    """Return every resource of the kinds that this project's stacks have, as "kind name"."""
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
