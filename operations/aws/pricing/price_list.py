"""On-demand prices of SageMaker instances from AWS's Price List API.

It has the prices of all regions of the partition. A product is JSON in a string: its attributes,
and terms by which it is sold, each with prices for ranges of usage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from operations.aws.client import Deployment
from operations.errors import CliError
from pipeline_diff.prices import Job, PriceList, PriceTable

_API_REGION = "us-east-1"
_CURRENCY = "USD"
_HOURS = "Hrs"
_PAGE_SIZE = 100  # the most that the API allows


@dataclass(frozen=True)
class _Products:
    """The products of a kind of job: the attribute by which they are selected, their usage type."""

    instance_kind: str
    usage: str


_PRODUCTS: Mapping[Job, _Products] = {
    "processing": _Products("Processing", "Processing"),
    "training": _Products("Training", "Train"),
    "transform": _Products("BatchTransform", "Tsform"),
    "hosting": _Products("Hosting", "Host"),
}


@dataclass(frozen=True)
class _Price:
    region: str
    instance_type: str
    usd_per_hour: float
    published: str


def latest_prices(deployment: Deployment) -> PriceTable:
    """Return the prices of every region.

    Their date is that of the price list's publication. Where the price list has several prices, it
    is the highest. Raise CliError if it can't be read.
    """
    client = deployment.client("pricing", region=_API_REGION)
    regions: dict[str, dict[str, dict[str, float]]] = {}
    published = ""
    for job, products in _PRODUCTS.items():
        found = list(_prices(client, products))
        if not found:
            raise CliError(f"the price list has no prices of SageMaker instances for {job} jobs")
        for price in found:
            jobs = regions.setdefault(price.region, {}).setdefault(price.instance_type, {})
            jobs[job] = max(price.usd_per_hour, jobs.get(job, 0.0))
            published = max(published, price.published)
    source = (
        "SageMaker on-demand prices of AWS's Price List API "
        f"({client.meta.endpoint_url.partition('://')[2]})"
    )
    return PriceTable(published[: len("2026-11-22")], source, (PriceList(source, regions),))


def _prices(client: Any, products: _Products) -> Iterator[_Price]:
    wanted = {"productFamily": "ML Instance", "platoinstancetype": products.instance_kind}
    pages = client.get_paginator("get_products").paginate(
        ServiceCode="AmazonSageMaker",
        Filters=[
            {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()
        ],
        PaginationConfig={"PageSize": _PAGE_SIZE},
    )
    # A prefix names the region, except in the oldest one.
    usage_type = re.compile(rf"(?:\w+-)?{products.usage}:(?P<instance>ml\.[\w-]+\.\w+)")
    for page in pages:
        for text in page["PriceList"]:
            try:
                yield from _price(json.loads(text), usage_type)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise CliError(
                    "the price list has a product that this version can't read "
                    f"({type(error).__name__}: {error}): {text[:200]}"
                ) from None


def _price(document: Mapping[str, Any], usage_type: re.Pattern[str]) -> Iterator[_Price]:
    """Yield the price of a product, if it is sold on demand, by the hour, and for money."""
    attributes = document["product"]["attributes"]
    usage = usage_type.fullmatch(attributes["usagetype"])
    if usage is None or attributes["locationType"] != "AWS Region":
        return
    amounts = [
        _usd(dimension)
        for term in document["terms"].get("OnDemand", {}).values()
        for dimension in term["priceDimensions"].values()
        if dimension["unit"] == _HOURS
    ]
    if any(amounts):
        yield _Price(
            attributes["regionCode"], usage["instance"], max(amounts), document["publicationDate"]
        )


def _usd(dimension: Mapping[str, Any]) -> float:
    prices = dimension["pricePerUnit"]
    if _CURRENCY not in prices:
        raise CliError(f"the price list has prices in {', '.join(prices)}, not in {_CURRENCY}")
    return float(prices[_CURRENCY])
