"""Prices: dated, and each with its source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from pipeline_diff import prices
from pipeline_diff.prices import usd_per_hour

TABLE: Any = json.loads(Path(prices.__file__).with_suffix(".json").read_text(encoding="utf-8"))
OFFERS = [
    (region, instance_type, offer)
    for region, offers in TABLE["regions"].items()
    for instance_type, offer in offers.items()
]
ENUMS = {
    "processing": "ProcessingInstanceType",
    "training": "TrainingInstanceType",
    "transform": "TransformInstanceType",
}


@pytest.mark.parametrize("job", ["processing", "training", "transform"])
def test_the_default_instance_has_a_price_for_every_job(job: Any) -> None:
    assert usd_per_hour(job, "ml.m5.large", "us-east-1") == 0.115


@pytest.mark.parametrize(
    ("job", "instance_type", "region"),
    [
        ("training", "ml.m5.large", "eu-north-1"),
        ("training", "ml.u7.enormous", "us-east-1"),
        ("transform", "ml.r5.large", "us-east-1"),
    ],
)
def test_unlisted_instance_has_no_price(job: Any, instance_type: str, region: str) -> None:
    assert usd_per_hour(job, instance_type, region) is None


def test_prices_have_a_date_and_a_source() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", prices.AS_OF)
    assert "prices.json" in prices.SOURCE


def test_every_price_has_a_described_source() -> None:
    named = {source for _, _, offer in OFFERS for source in offer["jobs"].values()}
    assert named == set(TABLE["price_sources"])


def test_prices_are_only_listed_for_jobs_that_the_service_offers_the_instance_for() -> None:
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    offered = {job: model.shape_for(shape).enum for job, shape in ENUMS.items()}
    for _, instance_type, offer in OFFERS:
        for job in offer["jobs"]:
            assert instance_type in offered[job], f"{instance_type} can't be used for {job}"


def test_price_is_proportional_to_the_size_within_a_family() -> None:
    sizes = {"medium": 0.5, "large": 1, "xlarge": 2}
    for region, instance_type, offer in OFFERS:
        _, family, size = instance_type.split(".")
        large = sizes.get(size) or 2 * int(size.removesuffix("xlarge"))
        of_family = [
            other["usd_per_hour"] / (sizes.get(name) or 2 * int(name.removesuffix("xlarge")))
            for its_region, other_type, other in OFFERS
            for _, its_family, name in [other_type.split(".")]
            if (its_region, its_family) == (region, family)
        ]
        assert offer["usd_per_hour"] / large == pytest.approx(min(of_family), rel=0.01)
