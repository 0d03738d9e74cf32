"""The settings in cdk.json: read into types, or refused by environment and name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.settings import Settings, SettingsError, environments
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import ROOT

GOOD = {"region": "us-east-1"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param({}, "region is missing", id="no-region"),
        pytest.param({"region": "Frankfurt"}, "region 'Frankfurt'", id="region-no-region"),
        pytest.param({"region": "eu-central"}, "region 'eu-central'", id="region-no-number"),
        pytest.param({"region": 1}, "region must be str, not 1", id="region-no-string"),
        pytest.param({"account": "123"}, "account '123' must have 12 digits", id="short-account"),
        pytest.param({"account": 123456789012}, "account must be str", id="account-as-number"),
        pytest.param({"keep_data": "no"}, "keep_data must be bool, not 'no'", id="no-boolean"),
        pytest.param({"keep_data": 1}, "keep_data must be bool, not 1", id="number-as-boolean"),
        pytest.param({"run_days": "90"}, "run_days must be int, not '90'", id="text-as-number"),
        pytest.param({"run_days": 90.5}, "run_days must be int, not 90.5", id="half-a-day"),
        pytest.param({"run_days": True}, "run_days must be int, not True", id="truth-as-number"),
        pytest.param({"run_days": None}, "run_days must be int, not None", id="null-as-number"),
        pytest.param({"run_days": 30}, "run_days (30) must exceed cache_days (30)", id="expired"),
        pytest.param({"cache_days": 90}, "run_days (90) must exceed", id="cached-for-too-long"),
        pytest.param({"cache_days": 0}, "cache_days", id="no-cache-days"),
        pytest.param({"max_runtime_minutes": 0}, "max_runtime_minutes", id="no-runtime"),
        pytest.param({"max_runtime_minutes": 12961}, "from 1 to 12960", id="more-than-nine-days"),
        pytest.param({"training_instance_type": "ml.m5.larg"}, "'ml.m5.larg' is no", id="larg"),
        pytest.param({"max_runtime_minutes": -1}, "max_runtime_minutes", id="less-than-no-runtime"),
        pytest.param(
            {"processing_instance_type": "m5.large"}, "processing_instance_type", id="processing"
        ),
        pytest.param(
            {"training_instance_type": "m5.large"}, "training_instance_type", id="training"
        ),
        pytest.param(
            {"transform_instance_type": "m5.large"}, "transform_instance_type", id="transform"
        ),
        pytest.param({"regoin": "us-east-1"}, "unknown setting 'regoin'", id="typing-error"),
        pytest.param({"name": "x"}, "unknown setting 'name'", id="name-is-the-key"),
        pytest.param({"pipeline": {}}, "unknown setting 'pipeline'", id="pipeline-is-flat"),
    ],
)
def test_wrong_setting_is_refused_by_environment_and_name(
    values: dict[str, Any], told: str
) -> None:
    complete = values if not values or "region" in values else GOOD | values

    with pytest.raises(SettingsError) as refusal:
        environments({"dev": complete, "prod": GOOD})

    assert str(refusal.value).startswith("cdk.json: environment 'dev': ")
    assert told in str(refusal.value)


def test_unknown_setting_is_told_what_there_is() -> None:
    with pytest.raises(SettingsError) as refusal:
        environments({"dev": GOOD | {"cach_days": 7}})
    for known in ("account", "cache_days", "keep_data", "region", "run_days"):
        assert known in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Prod", id="upper-case"),
        pytest.param("my-env", id="hyphen"),
        pytest.param("1st", id="digit-first"),
        pytest.param("", id="empty"),
        pytest.param("a" * 17, id="too-long"),
        pytest.param("dév", id="other-letters"),
    ],
)
def test_environment_whose_name_fits_no_resource_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="lower-case letters and digits"):
        environments({name: GOOD})


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(None, id="absent"),
        pytest.param({}, id="empty"),
        pytest.param("dev", id="text"),
        pytest.param(["dev"], id="list"),
    ],
)
def test_context_without_environments_is_refused(context: Any) -> None:
    with pytest.raises(SettingsError, match="must name at least one environment"):
        environments(context)


@pytest.mark.parametrize("values", [[], "us-east-1", None, 1])
def test_environment_that_is_no_object_is_refused(values: Any) -> None:
    with pytest.raises(SettingsError, match="environment 'dev': must be an object"):
        environments({"dev": values})


def test_region_alone_makes_a_careful_environment() -> None:
    [settings] = environments({"dev": GOOD})
    assert settings == Settings(
        name="dev",
        region="us-east-1",
        account=None,
        keep_data=True,
        run_days=90,
        pipeline=PipelineSettings(region="us-east-1"),
    )


def test_every_setting_arrives_in_its_place() -> None:
    pipeline = {
        "processing_engine": "spark",
        "spark_instance_type": "ml.c5.9xlarge",
        "processing_instance_type": "ml.c5.xlarge",
        "training_instance_type": "ml.c5.2xlarge",
        "transform_instance_type": "ml.c5.4xlarge",
        "cache_days": 7,
        "max_runtime_minutes": 90,
    }
    own = {"account": "123456789012", "keep_data": False, "run_days": 8}

    [settings] = environments({"dev": {"region": "us-gov-west-1", **own, **pipeline}})

    assert settings == Settings(
        name="dev",
        region="us-gov-west-1",
        pipeline=PipelineSettings(region="us-gov-west-1", **pipeline),
        **own,
    )


def test_account_may_be_null_as_the_documentation_says() -> None:
    [settings] = environments({"dev": GOOD | {"account": None}})
    assert settings.account is None


def test_environments_come_sorted_whatever_their_order_in_the_file() -> None:
    assert [item.name for item in environments({"prod": GOOD, "dev": GOOD})] == ["dev", "prod"]


def test_resources_are_named_after_their_environment() -> None:
    dev, prod = environments({"dev": GOOD, "prod": GOOD})
    assert (dev.resource_name, prod.resource_name) == ("sentiment-dev", "sentiment-prod")


def test_committed_environments_are_dev_that_goes_and_prod_that_stays() -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    kept = {item.name: item.keep_data for item in environments(context["environments"])}
    assert kept == {"dev": False, "prod": True}
