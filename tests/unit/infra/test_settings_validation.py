"""Settings of protection, alerts, money, logs and starts: taken, or refused by name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.settings import Settings, SettingsError, environments

GOOD = {"region": "us-east-1"}
SUBNET = "subnet-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
TOLD = {"alert_email": "team@example.com"}
VPC = {"subnets": [SUBNET], "security_groups": [GROUP]}


def _settings(values: dict[str, Any]) -> Settings:
    [settings] = environments({"dev": GOOD | values})
    return settings


def _refusal(values: dict[str, Any]) -> str:
    """What is said of an environment's settings if another's are fine."""
    with pytest.raises(SettingsError) as refusal:
        environments({"dev": GOOD | values, "prod": GOOD})
    return str(refusal.value)


WRONG = [
    pytest.param({"subnets": [SUBNET]}, "security_groups go together", id="subnets-alone"),
    pytest.param({"security_groups": [GROUP]}, "subnets and", id="groups-alone"),
    pytest.param({"subnets": [SUBNET], "security_groups": []}, "subnets and", id="empty-groups"),
    pytest.param({**VPC, "subnets": ["subnet-xyz"]}, "subnets: 'subnet-xyz'", id="no-subnet"),
    pytest.param({**VPC, "subnets": [GROUP]}, f"subnets: '{GROUP}'", id="group-as-subnet"),
    pytest.param({**VPC, "subnets": [SUBNET, ""]}, "subnets: ''", id="one-of-two-empty"),
    pytest.param(
        {**VPC, "subnets": ["subnet-0123456789ABCDEF0"]}, "subnets: 'subnet-0", id="upper-case-id"
    ),
    pytest.param(
        {**VPC, "security_groups": [SUBNET]}, f"security_groups: '{SUBNET}'", id="subnet-as-group"
    ),
    pytest.param(
        {**VPC, "security_groups": ["default"]}, "security_groups: 'default'", id="groups-name"
    ),
    pytest.param({**VPC, "subnets": [1, 2]}, "subnets must be", id="list-of-numbers"),
    pytest.param({**VPC, "subnets": [SUBNET, 1]}, "subnets must be", id="one-number"),
    pytest.param({**VPC, "subnets": SUBNET}, "subnets must be", id="text-for-list"),
    pytest.param({**VPC, "security_groups": None}, "security_groups must be", id="null-for-list"),
    *(
        pytest.param(
            {"customer_key": True, f"{kind}_instance_type": instance},
            f"local disks of {instance}; choose a {kind}_instance_type",
            id=f"key-and-{instance}-for-{kind}",
        )
        for kind, instance in (
            ("processing", "ml.m5d.large"),
            ("spark", "ml.r5d.4xlarge"),
            ("processing", "ml.r5d.large"),
            ("training", "ml.p4d.24xlarge"),
            ("training", "ml.p4de.24xlarge"),
            ("training", "ml.p3dn.24xlarge"),
            ("training", "ml.g5.xlarge"),
            ("transform", "ml.g4dn.xlarge"),
            ("transform", "ml.g5.xlarge"),
        )
    ),
    pytest.param({"customer_key": "alias/mine"}, "customer_key must be bool", id="key-as-text"),
    pytest.param({"spot": 1}, "spot must be bool", id="spot-as-number"),
    pytest.param({"spot_wait_minutes": "60"}, "spot_wait_minutes must be int", id="wait-as-text"),
    pytest.param({"encrypt_traffic": "yes"}, "encrypt_traffic must be bool", id="traffic-as-text"),
    pytest.param({"dashboard": "yes"}, "dashboard must be bool", id="dashboard-as-text"),
    pytest.param({"monthly_budget_usd": 50}, "needs an alert_email", id="budget-without-email"),
    pytest.param({**TOLD, "monthly_budget_usd": 0}, "monthly_budget_usd must be at", id="budget-0"),
    pytest.param({**TOLD, "monthly_budget_usd": -5}, "monthly_budget_usd must be", id="budget--5"),
    pytest.param(
        {**TOLD, "monthly_budget_usd": 9.99}, "monthly_budget_usd must be int", id="cents"
    ),
    pytest.param(
        {**TOLD, "monthly_budget_usd": "50"}, "monthly_budget_usd must be int", id="budget-as-text"
    ),
    pytest.param({"alert_email": "team"}, "alert_email 'team'", id="email-without-at"),
    pytest.param({"alert_email": "team@example"}, "alert_email", id="email-without-dot"),
    pytest.param({"alert_email": ""}, "alert_email ''", id="empty-email"),
    pytest.param({"alert_email": "a@b.org, c@d.org"}, "alert_email", id="two-emails"),
    pytest.param({"alert_email": ["a@b.org"]}, "alert_email must be str", id="list-of-emails"),
    pytest.param({"log_retention_days": 0}, "log_retention_days must be one of", id="no-logs"),
    pytest.param({"log_retention_days": 10}, "log_retention_days must be one of", id="10-days"),
    pytest.param({"log_retention_days": -1}, "log_retention_days must be one of", id="negative"),
    pytest.param({"log_retention_days": "30"}, "log_retention_days must be int", id="days-as-text"),
    pytest.param({"schedule": "0 6 * * 1"}, "schedule must read", id="bare-cron"),
    pytest.param({"schedule": "weekly"}, "schedule must read", id="word"),
    pytest.param({"schedule": ""}, "schedule must read", id="empty-schedule"),
    pytest.param({"schedule": "cron()"}, "schedule must read", id="empty-cron"),
    pytest.param({"schedule": "at(2030-01-01T00:00:00)"}, "schedule must read", id="only-once"),
    pytest.param({"schedule": "rate(7 days"}, "schedule must read", id="unclosed"),
    pytest.param({"schedule": "rate(7 days) "}, "schedule must read", id="blank-behind"),
    pytest.param({"dataset_uri": "reviews.tar.gz"}, "dataset_uri 'reviews", id="bare-dataset"),
    pytest.param({"dataset_uri": "s3://bucket"}, "dataset_uri 's3://bucket'", id="bucket-only"),
    pytest.param({"dataset_uri": "s3://b/*"}, "dataset_uri 's3://b/*'", id="dataset-wildcard"),
    pytest.param({"dataset_uri": "file:///x"}, "dataset_uri 'file:///x'", id="file-dataset"),
    pytest.param({"dataset_uri": "raw/"}, "dataset_uri 'raw/'", id="raw-alone"),
    pytest.param({"no_network": True}, "no_network leaves no job that could", id="public-dataset"),
    pytest.param(
        {"no_network": True, "dataset_uri": "s3://bucket/x", "champion_margin": 0.1},
        "champion_margin needs a job that may ask",
        id="champion-without-network",
    ),
    pytest.param(
        {"processing_engine": "glue"}, "must be 'single' or 'spark', not 'glue'", id="engine"
    ),
    pytest.param(
        {"processing_engine": True}, "processing_engine must be str", id="engine-as-truth"
    ),
    pytest.param(
        {"processing_engine": "spark", "no_network": True, "dataset_uri": "raw/reviews/"},
        "'spark' needs hosts that speak to each other, no_network allows none",
        id="spark-without-network",
    ),
    pytest.param(
        {"spark_instance_type": "m5.xlarge"}, "spark_instance_type 'm5.xlarge'", id="bare-type"
    ),
    pytest.param({"champion_margin": -0.1}, "champion_margin must be from 0", id="below-margins"),
    pytest.param({"champion_margin": 5}, "champion_margin must be from 0 to 1", id="per-cent"),
    pytest.param({"champion_margin": "1%"}, "champion_margin must be float", id="margin-as-text"),
    pytest.param({"champion_margin": True}, "champion_margin must be float", id="margin-as-truth"),
    pytest.param({"start_on_new_data": "raw/"}, "start_on_new_data must be bool", id="prefix"),
    pytest.param({"permission_boundary": "limits"}, "permission_boundary must be", id="bare-name"),
    pytest.param(
        {"permission_boundary": "arn:aws:iam::123456789012:role/limits"},
        "permission_boundary must be",
        id="role-as-boundary",
    ),
    pytest.param(
        {"permission_boundary": "arn:aws:iam::123:policy/limits"},
        "permission_boundary must be",
        id="short-account-in-boundary",
    ),
    pytest.param(
        {"permission_boundary": "arn:aws:iam::123456789012:policy/"},
        "permission_boundary must be",
        id="boundary-without-name",
    ),
]


@pytest.mark.parametrize(("values", "told"), WRONG)
def test_wrong_setting_is_refused_by_environment_and_name(
    values: dict[str, Any], told: str
) -> None:
    refusal = _refusal(values)
    assert refusal.startswith("cdk.json: environment 'dev': ")
    assert told in refusal
    assert "\n" not in refusal


# Refused by CloudFormation or SageMaker, hours later; docs/settings.md says that synth refuses it.
NOT_REFUSED = [
    *(
        pytest.param(
            {"customer_key": True, f"{kind}_instance_type": instance},
            f"{kind}_instance_type",
            id=f"key-and-{instance}-for-{kind}",
        )
        for kind, instance in (
            ("processing", "ml.g6.xlarge"),
            ("training", "ml.g6e.xlarge"),
            ("training", "ml.p5.48xlarge"),
            ("training", "ml.p5en.48xlarge"),
            ("training", "ml.p6-b200.48xlarge"),
            ("training", "ml.trn1.2xlarge"),
            ("training", "ml.trn1n.32xlarge"),
            ("training", "ml.trn2.48xlarge"),
            ("transform", "ml.g6.xlarge"),
        )
    ),
    pytest.param(
        {"spot": True, "spot_wait_minutes": -1},
        "spot_wait_minutes",
        id="spot-ends-before-it-may",
    ),
    pytest.param(
        {"permission_boundary": ""},
        "permission_boundary",
        id="empty-boundary",
    ),
    pytest.param(
        {**VPC, "subnets": [f"subnet-{number:017x}" for number in range(17)]},
        "subnets",
        id="more-subnets-than-16",
    ),
    pytest.param(
        {**VPC, "security_groups": [f"sg-{number:017x}" for number in range(6)]},
        "security_groups",
        id="more-groups-than-5",
    ),
    *(
        pytest.param(
            {"schedule": schedule},
            "schedule",
            id=schedule,
        )
        for schedule in ("rate(soon)", "rate(0 days)", "cron(monday)", "cron(0 6 * * *)")
    ),
]


@pytest.mark.parametrize(("values", "told"), NOT_REFUSED)
def test_setting_that_the_services_refuse_is_refused_at_synth(
    values: dict[str, Any], told: str
) -> None:
    refusal = _refusal(values)
    assert refusal.startswith("cdk.json: environment 'dev': ")
    assert told in refusal


def test_log_groups_of_an_account_and_region_are_one_environments() -> None:
    logs = GOOD | {"log_retention_days": 30}
    with pytest.raises(SettingsError, match="log_retention_days"):
        environments({"dev": logs, "prod": logs})


def test_environments_elsewhere_have_log_groups_of_their_own() -> None:
    logs = {"log_retention_days": 30}
    assert environments({"dev": GOOD | logs, "abroad": {"region": "eu-west-1"} | logs})


RIGHT = [
    pytest.param({**VPC}, id="vpc"),
    pytest.param({"subnets": ["subnet-01234567"], "security_groups": ["sg-01234567"]}, id="old"),
    pytest.param({**VPC, "subnets": [f"subnet-{n:017x}" for n in range(16)]}, id="16-subnets"),
    pytest.param({"subnets": [], "security_groups": []}, id="empty-vpc-is-none"),
    *(
        pytest.param({"customer_key": True, "training_instance_type": instance}, id=instance)
        for instance in ("ml.m5.large", "ml.c5.xlarge", "ml.c5n.xlarge", "ml.p3.2xlarge")
    ),
    pytest.param({"processing_instance_type": "ml.m5d.large"}, id="local-disks-without-key"),
    pytest.param({"training_instance_type": "ml.g5.xlarge"}, id="gpu-without-key"),
    pytest.param({**TOLD, "monthly_budget_usd": 1}, id="a-dollar"),
    pytest.param({"alert_email": "team+ml@mail.example.co.uk"}, id="long-email"),
    pytest.param({"alert_email": None}, id="null-email"),
    *(pytest.param({"log_retention_days": days}, id=f"{days}-days") for days in (1, 30, 365, 3653)),
    pytest.param({"schedule": "cron(0 6 ? * MON *)"}, id="cron"),
    pytest.param({"schedule": "rate(7 days)"}, id="rate"),
    pytest.param({"permission_boundary": "arn:aws:iam::123456789012:policy/a/b"}, id="boundary"),
    pytest.param(
        {"permission_boundary": "arn:aws:iam::aws:policy/PowerUserAccess"}, id="aws-own-boundary"
    ),
    pytest.param(
        {"permission_boundary": "arn:aws-us-gov:iam::123456789012:policy/limits"},
        id="governments-boundary",
    ),
    pytest.param({"spot": True, "spot_wait_minutes": 0}, id="spot-without-waiting"),
    pytest.param({"dashboard": True}, id="dashboard-without-email"),
]


@pytest.mark.parametrize("values", RIGHT)
def test_right_setting_arrives_as_it_was_written(values: dict[str, Any]) -> None:
    settings = _settings(values)
    for name, value in values.items():
        owner = settings if hasattr(settings, name) else settings.pipeline
        expected = tuple(value) if isinstance(value, list) else value
        assert getattr(owner, name) == expected


@pytest.mark.parametrize("days", [2192, 2557, 2922, 3288])
def test_retention_that_cloudwatch_takes_is_taken(days: int) -> None:
    assert _settings({"log_retention_days": days}).log_retention_days == days


def test_lists_are_frozen_so_that_equal_settings_share_a_rendering() -> None:
    assert _settings(VPC).pipeline.subnets == (SUBNET,)
    assert hash(_settings(VPC).pipeline) == hash(_settings(dict(VPC)).pipeline)


def test_region_alone_turns_nothing_on() -> None:
    settings = _settings({})
    on = {
        "alert_email",
        "customer_key",
        "dashboard",
        "encrypt_traffic",
        "log_retention_days",
        "monthly_budget_usd",
        "permission_boundary",
        "schedule",
        "security_groups",
        "spot",
        "start_on_new_data",
        "subnets",
    }
    values = {**vars(settings), **vars(settings.pipeline)}
    assert on <= values.keys()
    assert {name for name in on if values[name]} == set()


def test_refusal_of_a_list_names_its_type_as_the_documentation_does() -> None:
    assert re.search(r"subnets must be .*str", _refusal({**VPC, "subnets": [1]}))
