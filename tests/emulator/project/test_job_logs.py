"""`log_retention_days` is switched on after the first execution, and removed again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from tests.support.aws_samples import JOB_LOG_GROUPS
from tests.support.emulated_stacks import remaining_resources
from tests.support.emulator_process import REGION, Cdk, Emulator

ENVIRONMENT = {"region": REGION, "keep_data": False}
DEPLOY = ("deploy", "--require-approval", "never", "sentiment-dev")


@dataclass(frozen=True)
class Logs:
    """The state of the jobs' log groups after a deployment."""

    retention: dict[str, int | None]
    messages: list[str]
    filters: list[str]


def _logs(emulator: Emulator) -> Logs:
    client = emulator.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
    events = client.get_log_events(logGroupName=JOB_LOG_GROUPS[0], logStreamName="job")["events"]
    filters = client.describe_metric_filters(logGroupName=JOB_LOG_GROUPS[0])["metricFilters"]
    return Logs(
        {item["logGroupName"]: item.get("retentionInDays") for item in groups},
        [event["message"] for event in events],
        sorted(item["metricTransformations"][0]["metricName"] for item in filters),
    )


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator) -> Cdk:
    """A deployment without the setting, with the groups and the log of its first execution."""
    cdk.configure({"dev": ENVIRONMENT})
    cdk(*DEPLOY)
    client = emulator.client("logs")
    for group in JOB_LOG_GROUPS:
        client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=JOB_LOG_GROUPS[0], logStreamName="job")
    client.put_log_events(
        logGroupName=JOB_LOG_GROUPS[0],
        logStreamName="job",
        logEvents=[{"timestamp": time.time_ns() // 1_000_000, "message": "kept"}],
    )
    return cdk


@pytest.fixture(scope="module")
def switched_on(deployed: Cdk, emulator: Emulator) -> Logs:
    deployed.configure({"dev": {**ENVIRONMENT, "log_retention_days": 30}})
    deployed(*DEPLOY)
    return _logs(emulator)


@pytest.fixture(scope="module")
def removed(deployed: Cdk, emulator: Emulator, switched_on: Logs) -> Logs:
    deployed.configure({"dev": ENVIRONMENT})
    deployed(*DEPLOY)
    return _logs(emulator)


def test_setting_is_switched_on_after_the_first_execution(switched_on: Logs) -> None:
    assert switched_on.retention == dict.fromkeys(JOB_LOG_GROUPS, 30)
    assert switched_on.messages == ["kept"]
    assert switched_on.filters == ["Accuracy", "Drift"]


def test_removing_the_setting_keeps_groups_and_logs(removed: Logs) -> None:
    assert removed.retention == dict.fromkeys(JOB_LOG_GROUPS, 30)
    assert removed.messages == ["kept"]
    assert removed.filters == []


def test_removing_the_setting_removes_everything_else(emulator: Emulator, removed: Logs) -> None:
    names = remaining_resources(emulator)
    assert [name for name in names if "log-retention" in name or "JobLogs" in name] == []
