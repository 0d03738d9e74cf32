"""`sentiment prices` against the emulated Price List API."""

from __future__ import annotations

from emulator.price_list import PUBLISHED
from pipeline_steps.regions import (
    PARTITIONS,
    REGIONS,
    WITHOUT_IMAGES,
    WITHOUT_MODEL_REGISTRY,
    partition,
)
from tests.support.emulator_process import Emulator

REFRESH = ("prices", "--refresh")


def allowed_regions() -> set[str]:
    """The regions to which the settings allow a deployment."""
    excluded = WITHOUT_IMAGES | WITHOUT_MODEL_REGISTRY
    return {it for it in REGIONS - excluded if partition(it) in PARTITIONS}


def test_refresh_replaces_the_prices_in_the_checkout(emulator: Emulator) -> None:
    path = emulator.checkout / "pipeline_diff" / "prices.json"
    before = path.read_text()
    abroad = emulator.sentiment_json(*REFRESH, "--region", "eu-west-1")
    stored = path.read_text()
    assert stored != before
    assert set(abroad["usd_per_hour"]) == {"ml.c5.xlarge", "ml.m5.large", "ml.m5.xlarge"}
    assert abroad["usd_per_hour"]["ml.m5.large"] == {
        "processing": 1.0,
        "training": 1.0,
        "transform": 1.0,
        "hosting": 1.0,
    }
    assert allowed_regions() <= set(abroad["regions"])
    assert PUBLISHED.startswith(abroad["prices_as_of"])
    assert emulator.endpoint.partition("://")[2] in abroad["prices_source"]
    assert emulator.sentiment(*REFRESH).returncode == 0
    assert path.read_text() == stored


def test_region_that_aws_does_not_list_has_no_prices(emulator: Emulator) -> None:
    refused = emulator.sentiment(*REFRESH, "--region", "cn-north-1")
    assert refused.returncode == 1
    assert "cn-north-1" in refused.stderr
