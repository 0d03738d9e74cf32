"""Settings in cdk.json: parsed into types, or rejected with the environment and the setting."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings import Settings, environments
from infra.settings_errors import SettingsError
from pipeline_steps.settings import FrozenSettings, PipelineSettings
from tests.support.settings_cases import (
    BOUNDARY,
    EACH,
    SLACK,
    TEAM,
    TEAMS,
    TENANT,
    TRACKING_SERVER,
)

GOOD = {"region": "us-east-1"}
SERVER = "arn:aws:sagemaker:us-east-1:123456789012"
KEYS = "arn:aws:kms:us-east-1:123456789012"
SUBNET, GROUP = "subnet-0123456789abcdef0", "sg-0123456789abcdef0"
VPC = {"subnets": [SUBNET], "security_groups": [GROUP]}
EMAIL = {"alert_email": "ml@example.com"}


def _settings(values: dict[str, Any]) -> Settings:
    [settings] = environments({"dev": GOOD | values})
    return settings


def _error(values: Any) -> str:
    """Return the error for these settings of dev, if another environment is correct."""
    with pytest.raises(SettingsError) as error:
        environments({"dev": values, "prod": GOOD})
    return str(error.value)


# --- messages ---


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            {"run_days": "x"}, "run_days must be an integer from 1 to 36500, got 'x'", id="type"
        ),
        pytest.param(
            {"run_days": None}, "run_days must be an integer from 1 to 36500, got null", id="null"
        ),
        pytest.param({"spot": 1}, "spot must be true or false, got 1", id="boolean"),
        pytest.param(
            {"champion_margin": True},
            "champion_margin must be a number from 0 to 1, got true",
            id="range",
        ),
        pytest.param(
            {"processing_engine": "glue"},
            "processing_engine must be one of 'single', 'spark', got 'glue'",
            id="choice",
        ),
        pytest.param(
            {"account": "123"},
            "account must be an AWS account ID, a string of 12 digits, got '123'",
            id="pattern",
        ),
        pytest.param(
            {**VPC, "subnets": [SUBNET, 1]},
            "subnets[1] must be a subnet ID such as subnet-01234567, got 1",
            id="item",
        ),
        pytest.param(
            {"security_groups": "x"},
            "security_groups must be a list of 1 to 5, each a security group ID such as "
            "sg-01234567, got 'x'",
            id="list",
        ),
        pytest.param(
            {"regoin": "us-east-1"},
            "unknown setting 'regoin'; did you mean 'region'?",
            id="typing-error",
        ),
        pytest.param(
            {"pipeline": {}},
            "unknown setting 'pipeline'; docs/settings.md lists all settings",
            id="unknown",
        ),
        pytest.param(
            {"run_days": 30},
            "run_days (30) must exceed cache_days (30), or a cached step would refer to expired "
            "outputs",
            id="cross-field",
        ),
    ],
)
def test_error_is_one_line_with_environment_setting_and_value(
    values: dict[str, Any], message: str
) -> None:
    assert _error(GOOD | values) == f"cdk.json: environment 'dev': {message}"


def test_missing_region_is_an_error() -> None:
    assert _error({}) == "cdk.json: environment 'dev': region is required"


# --- rejected values ---

INSTANCE_TYPES = [
    f"{kind}_instance_type" for kind in ("processing", "spark", "training", "transform")
]
REJECTED: dict[str, list[Any]] = {
    "region": ["Frankfurt", "eu-central", "eu-central-1\n", 1, "us-east-9"],
    "account": ["123", 123456789012],
    "keep_data": ["no", 1, None],
    "run_days": ["90", 90.5, True, None, 0, 30, 36501],
    "cache_days": [0, 90, 36501],
    "max_runtime_minutes": [-1, 0, 12961],
    "customer_key": ["alias/mine"],
    "encrypt_traffic": ["yes"],
    "dashboard": ["yes"],
    "min_feedback_accuracy": [0, 1, "80%"],
    "monthly_budget_usd": [50],
    "alert_email": ["ml", "ml@example", "", "a@b.org, c@d.org", ["a@b.org"]],
    "alert_slack": ["C01ABC", "#alerts", "t01/C01", "T01/", "T01/C01/x", "T01/C01\n"],
    "alert_teams": ["19%3Ax%40thread.tacv2", f"{TEAM}/19%3Ax%40y", f"{TENANT}/{TEAM}/General"],
    "log_retention_days": [0, 10, -1, "30", True],
    "schedule": ["weekly", "cron(99 6 ? * MON *)", 1],
    "dataset_uri": [
        *("reviews.tar.gz", "s3://bucket", "s3://b/*", "file:///x", "raw/", "raw/../x", "raw/./x"),
        *("raw//x", "raw/x//", "raw/..", "s3://bucket/../x", "s3://bucket/x/..", "s3://bucket//x"),
        *("http://example.com/x", "https://example.com", "https:///x", "https://me:secret@host/x"),
    ],
    "preset": ["best", ""],
    "champion_margin": [-0.1, 5, "1%"],
    "processing_engine": ["glue", True],
    "start_on_new_data": ["raw/"],
    "permission_boundary": [
        *("", "limits", "arn:aws:iam::123456789012:role/limits"),
        *("arn:aws:iam::123:policy/limits", "arn:aws:iam::123456789012:policy/"),
        *("arn:aws:iam::123456789012:policy/a b", "arn:aws:iam::123456789012:policy//a"),
        "arn:aws-us-gov:iam::123456789012:policy/limits",
    ],
    "asset_key": [
        *("", "alias/mine", f"{KEYS}:alias/mine", f"{KEYS}:key/", f"{KEYS}:key/a b"),
        *(
            f"{KEYS}:key/a".replace("us-east-1", "eu-west-1"),
            f"{KEYS}:key/a".replace("aws", "aws-cn"),
        ),
    ],
    "mlflow_tracking_server": [
        *(
            "",
            "mine",
            "https://mlflow.example.com",
            f"{SERVER}:model/mine",
            f"{SERVER}:mlflow-app/",
        ),
        *(f"{SERVER}:mlflow-tracking-server/a b", SERVER.replace("us-east-1", "eu-west-1")),
    ],
    "subnets": [[SUBNET]],
    "security_groups": [[GROUP]],
    **{name: ["m5.large", "ml.m5.larg"] for name in INSTANCE_TYPES},
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REJECTED.items() for value in values]
)
def test_wrong_value_is_rejected_with_environment_and_setting(name: str, value: Any) -> None:
    error = _error(GOOD | {name: value})
    assert error.startswith("cdk.json: environment 'dev': ")
    assert name in error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subnets", ["subnet-xyz"]),
        ("subnets", [GROUP]),
        ("subnets", [SUBNET, ""]),
        ("subnets", ["subnet-0123456789ABCDEF0"]),
        ("subnets", [1, 2]),
        ("subnets", SUBNET),
        ("subnets", []),
        ("subnets", [f"subnet-{number:017x}" for number in range(17)]),
        ("security_groups", [SUBNET]),
        ("security_groups", ["default"]),
        ("security_groups", None),
        ("security_groups", []),
        ("security_groups", [f"sg-{number:017x}" for number in range(6)]),
    ],
)
def test_wrong_vpc_is_rejected(name: str, value: Any) -> None:
    assert name in _error({**GOOD, **VPC, name: value})


@pytest.mark.parametrize(
    ("kind", "instance_type"),
    [
        *(("processing", kind) for kind in ("ml.m5d.large", "ml.r5d.large", "ml.g6.xlarge")),
        *(
            ("training", kind)
            for kind in ("ml.p4d.24xlarge", "ml.p4de.24xlarge", "ml.p3dn.24xlarge")
        ),
        *(("training", kind) for kind in ("ml.g5.xlarge", "ml.g6e.xlarge", "ml.p5.48xlarge")),
        *(("training", kind) for kind in ("ml.p5en.48xlarge", "ml.p6-b200.48xlarge")),
        *(("training", kind) for kind in ("ml.trn1.2xlarge", "ml.trn1n.32xlarge")),
        *(("transform", kind) for kind in ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge")),
        ("spark", "ml.r5d.4xlarge"),
    ],
)
def test_customer_key_excludes_local_disks(kind: str, instance_type: str) -> None:
    name = f"{kind}_instance_type"
    values = {name: instance_type, "processing_engine": "spark" if kind == "spark" else "single"}
    error = _error(GOOD | {"customer_key": True, **values})
    assert f"{name} {instance_type}" in error
    assert getattr(_settings(values), name) == instance_type


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"no_network": True}, ("no_network", "dataset_uri")),
        (
            {"no_network": True, "dataset_uri": "s3://bucket/x", "champion_margin": 0.1},
            ("champion_margin", "no_network"),
        ),
        (
            {"no_network": True, "dataset_uri": "raw/x", "processing_engine": "spark"},
            ("processing_engine", "no_network"),
        ),
        ({"monthly_budget_usd": 50}, ("monthly_budget_usd", "alert_email")),
        ({"min_feedback_accuracy": 0.8}, ("min_feedback_accuracy", "alert_email")),
        ({"retrain_at_most": "hourly"}, ("retrain_at_most", "retrain_on_drift")),
        *(
            (
                {"no_network": True, "dataset_uri": "raw/x", name: value, **more},
                (name, "no_network"),
            )
            for name, value, more in (
                ("retrain_on_drift", True, {}),
                ("score_on_new_data", True, {}),
                ("min_feedback_accuracy", 0.8, EMAIL),
                ("score_schedule", "rate(1 day)", {"score_dataset": "exports/{date}.csv"}),
            )
        ),
        ({"quiet_minutes": 5}, ("quiet_minutes", "start_on_new_data", "score_on_new_data")),
        ({"incoming_prefix": "new/"}, ("incoming_prefix", "score_on_new_data")),
        ({"incoming_days": 30}, ("incoming_days", "score_on_new_data")),
        ({"score_schedule": "rate(1 day)"}, ("score_schedule", "score_dataset")),
        ({"score_dataset": "exports/{date}.csv"}, ("score_dataset", "score_schedule")),
        (
            {"score_schedule": "rate(1 day)", "score_dataset": "s3://other/{date}/"},
            ("s3://other/{date}/", "dataset_prefixes"),
        ),
        ({"score_on_new_data": True, "incoming_prefix": "raw/"}, ("incoming_prefix", "raw/")),
        ({"spot": True, "max_runtime_minutes": 61}, ("spot", "max_runtime_minutes")),
        ({"spark_instance_type": "ml.m5.xlarge"}, ("spark_instance_type", "processing_engine")),
        (
            {"account": "111122223333", "permission_boundary": BOUNDARY},
            ("permission_boundary", "111122223333", "123456789012"),
        ),
        (
            {"mlflow_tracking_server": TRACKING_SERVER, "region": "eu-west-1"},
            ("mlflow_tracking_server", "us-east-1", "eu-west-1"),
        ),
        (
            {"region": "us-gov-west-1", "permission_boundary": BOUNDARY},
            ("permission_boundary", "aws-us-gov"),
        ),
        (
            {"asset_key": f"{KEYS}:key/a", "account": "999999999999"},
            ("asset_key", "123456789012", "999999999999"),
        ),
        ({**EMAIL, "monthly_budget_usd": 0}, ("monthly_budget_usd",)),
        ({**EMAIL, "monthly_budget_usd": 9.99}, ("monthly_budget_usd",)),
    ],
)
def test_settings_that_exclude_each_other_are_rejected(
    values: dict[str, Any], names: tuple[str, ...]
) -> None:
    error = _error(GOOD | values)
    assert all(name in error for name in names)


@pytest.mark.parametrize(
    "dataset",
    ["incoming.csv", "a/{day}.csv", "{date}.csv", "s3://bucket/{date}?.csv", "s3://b//{date}"],
)
def test_scheduled_dataset_without_the_date_or_with_other_characters_is_rejected(
    dataset: str,
) -> None:
    values = {"score_schedule": "rate(1 day)", "score_dataset": dataset}
    assert "score_dataset" in _error(GOOD | values)


def test_scheduled_dataset_below_a_prefix_is_accepted() -> None:
    dataset = "s3://bucket/exports/{date}/"
    values = {"score_schedule": "rate(1 day)", "dataset_prefixes": ["s3://bucket/exports/"]}
    assert _settings({**values, "score_dataset": dataset}).score_dataset == dataset


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"region": "cn-north-1"}, ("cn-north-1", "AWS::SageMaker::ModelPackageGroup")),
        ({"region": "us-gov-east-1"}, ("us-gov-east-1", "AWS::SageMaker::ModelPackageGroup")),
        ({"region": "us-iso-east-1"}, ("us-iso-east-1", "'aws-iso'")),
        ({"region": "mx-central-1"}, ("mx-central-1", "image")),
        (
            {"region": "us-iso-east-1", "processing_engine": "spark"},
            ("us-iso-east-1", "processing_engine"),
        ),
        (
            {"region": "us-gov-west-1", **EMAIL, "monthly_budget_usd": 5},
            ("us-gov-west-1", "monthly_budget_usd"),
        ),
        ({"region": "us-gov-west-1", "alert_slack": SLACK}, ("us-gov-west-1", "alert_slack")),
        ({"region": "us-gov-west-1", "alert_teams": TEAMS}, ("us-gov-west-1", "alert_teams")),
    ],
    ids=["china", "govcloud-east", "isolated", "images", "spark", "budget", "slack", "microsoft"],
)
def test_region_that_lacks_a_resource_is_rejected(
    values: dict[str, Any], words: tuple[str, ...]
) -> None:
    error = _error(values)
    assert all(word in error for word in words)


def test_error_of_a_custom_check_follows_the_description_of_the_setting() -> None:
    assert _error(GOOD | {"schedule": "rate(1 days)"}) == (
        "cdk.json: environment 'dev': schedule must be a schedule expression such as "
        "cron(0 6 ? * MON *) or rate(7 days), got 'rate(1 days)': 1 requires the unit day"
    )


def test_name_is_not_a_setting() -> None:
    assert "unknown setting 'name'" in _error(GOOD | {"name": "dev"})


@pytest.mark.parametrize("name", ["Prod", "my-env", "1st", "", "a" * 17, "dév", "dev\n"])
def test_invalid_environment_name_is_rejected(name: str) -> None:
    with pytest.raises(SettingsError, match="lowercase letters and digits"):
        environments({name: GOOD})


@pytest.mark.parametrize("context", [None, {}, "dev", ["dev"]])
def test_context_without_environments_is_rejected(context: Any) -> None:
    with pytest.raises(SettingsError, match="at least one environment"):
        environments(context)


@pytest.mark.parametrize("values", [[], "us-east-1", None, 1])
def test_environment_must_be_an_object(values: Any) -> None:
    with pytest.raises(SettingsError, match="environment 'dev': must be an object"):
        environments({"dev": values})


def test_a_chat_channel_belongs_to_one_environment_of_an_account() -> None:
    channel = {"alert_slack": SLACK}
    with pytest.raises(SettingsError, match="alert_slack is the same channel"):
        environments({"dev": GOOD | channel, "prod": GOOD | channel})
    other = {"account": "111122223333"} | channel
    both = {"account": "444455556666"} | channel
    assert len(environments({"dev": GOOD | other, "prod": GOOD | both})) == 2


def test_only_one_environment_of_an_account_and_region_may_own_its_log_groups() -> None:
    logs = {"log_retention_days": 30}
    with pytest.raises(SettingsError, match="log_retention_days"):
        environments({"dev": GOOD | logs, "prod": GOOD | logs})
    assert environments({"dev": GOOD | logs, "abroad": {"region": "eu-west-1"} | logs})
    first, second = {"account": "111122223333"}, {"account": "444455556666"}
    assert environments({"dev": GOOD | logs | first, "prod": GOOD | logs | second})


def test_environment_without_account_may_share_the_log_groups_of_any_other() -> None:
    logs = {"log_retention_days": 30}
    named = GOOD | logs | {"account": "111122223333"}
    with pytest.raises(SettingsError, match=r"'dev' and 'prod'.*or name the account of both"):
        environments({"dev": GOOD | logs, "prod": named})


# --- accepted values ---

ACCEPTED: list[dict[str, Any]] = [
    {"subnets": ["subnet-01234567"], "security_groups": ["sg-01234567"]},
    {**VPC, "subnets": [f"subnet-{n:017x}" for n in range(16)]},
    *(
        {"customer_key": True, "training_instance_type": kind}
        for kind in ("ml.m5.large", "ml.c5.xlarge", "ml.c5n.xlarge", "ml.p3.2xlarge")
    ),
    {**EMAIL, "monthly_budget_usd": 1},
    {"alert_email": "ml+prod@mail.example.co.uk"},
    {"alert_email": None},
    {"account": None},
    *({"log_retention_days": days} for days in (1, 30, 365, 2192, 2557, 2922, 3288, 3653)),
    {"schedule": "rate(7 days)"},
    {"permission_boundary": "arn:aws:iam::123456789012:policy/a/b"},
    {"permission_boundary": "arn:aws:iam::aws:policy/PowerUserAccess"},
    {"mlflow_tracking_server": TRACKING_SERVER},
    {"mlflow_tracking_server": f"{SERVER}:mlflow-app/app-ABC123"},
    {"permission_boundary": BOUNDARY, "account": "123456789012"},
    {"permission_boundary": "arn:aws:iam::aws:policy/ReadOnly", "account": "123456789012"},
    {
        "permission_boundary": "arn:aws-us-gov:iam::123456789012:policy/limits",
        "region": "us-gov-west-1",
    },
    {"asset_key": f"{KEYS}:key/mrk-0a1", "account": "123456789012"},
    {"monthly_budget_usd": None},
    {"spot": True, "max_runtime_minutes": 60},
    *({"dataset_uri": uri} for uri in ("raw/a..b/.x/", "s3://a.b/c/", "https://host:8443/x?y=1")),
    {"champion_margin": 0},
    {"region": "us-gov-west-1"},
]


@pytest.mark.parametrize("values", [*EACH.values(), *ACCEPTED])
def test_settings_have_the_given_values(values: dict[str, Any]) -> None:
    settings = _settings(values)
    for name, value in values.items():
        found = getattr(settings, name)
        expected = tuple(value) if isinstance(value, list) else value
        if isinstance(found, FrozenSettings):
            expected = type(found).model_validate(value)
        elif isinstance(value, dict):
            expected = tuple(sorted(value.items()))
        assert found == expected


def test_settings_are_immutable_and_hashable() -> None:
    settings = _settings(VPC)
    assert hash(settings.pipeline) == hash(_settings(dict(VPC)).pipeline)
    with pytest.raises(ValueError, match="frozen"):
        settings.run_days = 1


def test_region_alone_enables_no_optional_setting() -> None:
    settings = _settings({})
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert settings.model_dump() == defaults | {"name": "dev", "region": "us-east-1"}
    enabled = {name for name, value in settings.model_dump().items() if value is True}
    assert enabled == {"keep_data"}


def test_pipeline_settings_are_those_of_the_environment() -> None:
    values = {"cache_days": 7, "run_days": 8, "training_instance_type": "ml.c5.2xlarge"}
    assert _settings(values).pipeline == PipelineSettings(
        cache_days=7, training_instance_type="ml.c5.2xlarge"
    )


def test_environments_are_sorted_by_name() -> None:
    assert [item.name for item in environments({"prod": GOOD, "dev": GOOD})] == ["dev", "prod"]


def test_resources_are_named_after_their_environment() -> None:
    dev, prod = environments({"dev": GOOD, "prod": GOOD})
    assert (dev.resource_name, prod.resource_name) == ("sentiment-dev", "sentiment-prod")


# --- tags ---


def test_tags_extend_the_defaults() -> None:
    found = _settings({"tags": {"owner": "ml", "project": "reviews"}}).resource_tags
    assert found == {"environment": "dev", "project": "reviews", "owner": "ml"}


def test_tag_replaces_the_default_of_another_case() -> None:
    """IAM refuses a role with the keys Environment and environment."""
    settings = _settings({"tags": {"Environment": "development"}})
    assert settings.resource_tags == {"Environment": "development", "project": "sentiment"}
    assert settings.environment_tag == ("Environment", "development")


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param(["owner"], id="list"),
        pytest.param({"owner": 1}, id="number"),
        pytest.param({"": "ml"}, id="empty-key"),
        pytest.param({"t" * 129: "ml"}, id="long-key"),
        pytest.param({"owner": "m" * 257}, id="long-value"),
        pytest.param({"owner": "a*"}, id="wildcard"),
        pytest.param({"AWS:owner": "ml"}, id="reserved"),
        pytest.param({"Owner": "ml", "owner": "ml"}, id="case"),
        pytest.param({f"tag{number}": "" for number in range(41)}, id="many"),
    ],
)
def test_wrong_tags_are_refused(tags: Any) -> None:
    assert "environment 'dev': tags must be an object" in _error({**GOOD, "tags": tags})


def test_tags_leave_the_settings_of_the_pipeline_alone() -> None:
    """So environments share the rendering of their definitions."""
    assert _settings({"tags": {"owner": "ml"}}).pipeline == _settings({}).pipeline


# --- datasets in other buckets ---


@pytest.mark.parametrize(
    ("values", "where"),
    [
        pytest.param({"dataset_prefixes": ["s3://reviews/imdb"]}, "prefixes[0]", id="no-slash"),
        pytest.param({"dataset_prefixes": ["s3://reviews/a/../"]}, "prefixes[0]", id="parent"),
        pytest.param({"dataset_prefixes": ["s3://reviews/*/"]}, "prefixes[0]", id="wildcard"),
        pytest.param({"dataset_keys": ["alias/reviews"]}, "keys[0]", id="alias"),
        pytest.param({"dataset_keys": [f"{KEYS}:key/1"]}, "keys has no effect", id="no-dataset"),
        pytest.param(
            {
                "dataset_prefixes": ["s3://reviews/"],
                "dataset_keys": ["arn:aws-cn:kms:cn-north-1:123456789012:key/1"],
            },
            "'aws-cn'",
            id="partition",
        ),
    ],
)
def test_wrong_access_to_datasets_is_refused(values: dict[str, Any], where: str) -> None:
    assert where in _error({**GOOD, **values})


# --- endpoint ---


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        pytest.param(5, ["endpoint must be"], id="number"),
        pytest.param({}, ["endpoint", "exactly one"], id="empty"),
        pytest.param({"serverless": {}, "instances": {}}, ["exactly one"], id="both"),
        pytest.param({"serverles": {}}, ["'endpoint.serverles'", "'serverless'"], id="kind"),
        pytest.param(
            {"instances": {"cout": 2}}, ["'endpoint.instances.cout'", "'count'"], id="name"
        ),
        pytest.param(
            {"serverless": {"memory_mb": 7}}, ["endpoint.serverless.memory_mb", "1024"], id="value"
        ),
        pytest.param({"serverless": []}, ["endpoint.serverless"], id="list"),
        pytest.param(
            {"instances": {"count": 3, "max_count": 2}}, ["max_count (2)", "count (3)"], id="most"
        ),
        pytest.param(
            {"instances": {"requests_per_instance": 9}},
            ["requests_per_instance", "max_count"],
            id="unused",
        ),
    ],
)
def test_wrong_endpoint_is_refused_by_its_path(endpoint: Any, words: list[str]) -> None:
    message = _error({**GOOD, "endpoint": endpoint})
    assert all(word in message for word in words)


@pytest.mark.parametrize("name", ["subnets", "no_network"])
def test_serverless_endpoint_is_refused_where_its_protection_would_be_lost(name: str) -> None:
    values = {**GOOD, **EACH[name], "endpoint": {"serverless": {}}}
    assert name in _error(values)
    assert _settings({**EACH[name], "endpoint": {"instances": {}}}).endpoint


def test_endpoint_on_local_disks_is_refused_with_a_key() -> None:
    values = {**GOOD, "endpoint": {"instances": {"type": "ml.m5d.large"}}}
    assert "local disks" in _error({**values, "customer_key": True})
    assert _settings(values).endpoint
