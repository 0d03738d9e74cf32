"""Prices: dated, and each with its source."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from pipeline_diff.prices import (
    JOBS,
    PATH,
    PriceList,
    PriceTable,
    price_table,
    unknown_price,
    usd_per_hour,
)
from tests.support.price_samples import stored_prices

TABLE = price_table()
PRICES = [
    (number, region, instance_type, job, usd)
    for number, one in enumerate(TABLE.lists)
    for region, types in one.regions.items()
    for instance_type, jobs in types.items()
    for job, usd in jobs.items()
]
ENUMS = {
    "processing": "ProcessingInstanceType",
    "training": "TrainingInstanceType",
    "transform": "TransformInstanceType",
    "hosting": "ProductionVariantInstanceType",
}


@pytest.mark.parametrize("job", JOBS)
def test_the_default_instance_has_a_price_for_every_job(job: Any) -> None:
    assert usd_per_hour(job, "ml.m5.large", "us-east-1")


@pytest.mark.parametrize(
    ("instance_type", "region"),
    [("ml.m5.large", "local-1"), ("ml.u7.enormous", "us-east-1")],
)
def test_unlisted_instance_has_no_price(instance_type: str, region: str) -> None:
    assert usd_per_hour("training", instance_type, region) is None


def test_unknown_price_names_what_is_missing_and_the_command_that_gets_it() -> None:
    text = unknown_price("training", "ml.u7.enormous", "local-1")
    for words in ("ml.u7.enormous", "local-1", "sentiment prices --refresh"):
        assert words in text
    assert text == unknown_price("transform", "ml.u7.enormous", "local-1")


def test_unknown_price_of_one_job_names_the_job(tmp_path: Path) -> None:
    partial = PriceList("one", {"here": {"ml.m5.large": {"training": 2.0}}})
    with stored_prices(tmp_path / "prices.json", PriceTable("2026-11-29", "one", (partial,))):
        assert "transform" in unknown_price("transform", "ml.m5.large", "here")


def test_prices_of_a_region_come_from_all_lists() -> None:
    large, other = {"training": 2.0}, {"transform": 3.0}
    lists = tuple(
        PriceList(source, {"here": {"ml.m5.large": jobs}})
        for source, jobs in (("one", large), ("two", other))
    )
    table = PriceTable("2026-11-29", "two lists", lists)
    assert table.of_region("here") == {"ml.m5.large": {"training": 2.0, "transform": 3.0}}
    assert table.of_region("elsewhere") == {}
    assert table.regions == ("here",)


def test_committed_prices_are_formatted_as_a_refresh_writes_them() -> None:
    assert PATH.read_text(encoding="utf-8") == TABLE.text
    assert PriceTable.parse(TABLE.text) == TABLE


def test_prices_have_a_date_and_a_source() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", TABLE.as_of)
    assert all((TABLE.source, *(one.source for one in TABLE.lists)))


def test_every_price_is_positive_and_from_one_source() -> None:
    places = [place for _, *place, _ in PRICES]
    assert len({tuple(place) for place in places}) == len(places)
    assert all(usd > 0 for *_, usd in PRICES)


def test_prices_that_aws_did_not_list_are_for_jobs_that_it_offers_the_instance_for() -> None:
    """SageMaker's model may be older than the price list, so those of its API aren't compared."""
    if len(TABLE.lists) == 1:
        return
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    offered = {job: model.shape_for(shape).enum for job, shape in ENUMS.items()}
    wrong = [(it, job) for _, _, it, job, _ in PRICES if it not in offered[job]]
    assert wrong == []
