"""The Price List API: a few SageMaker products in every region. Their prices are invented."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import boto3

from emulator.pages import page
from emulator.service import ApiError, Call, Handler

PUBLISHED = "2020-02-02T20:20:20Z"

_SERVICE = "AmazonSageMaker"
_PARTITIONS = ("aws", "aws-us-gov")
"""Those whose prices are in the same list."""

_OLDEST_REGION = "us-east-1"
"""The region whose usage types have no prefix here; it is optional on AWS."""

_INSTANCES = {"ml.m5.large": 1.0, "ml.m5.xlarge": 2.0, "ml.c5.xlarge": 1.5}
"""Invented USD per hour."""

_KINDS = {
    "Processing": "Processing",
    "Training": "Train",
    "BatchTransform": "Tsform",
    "Hosting": "Host",
}
"""Usage types by kind of instance."""


def handlers() -> dict[str, Handler]:
    """Return the operations by name."""
    return {"GetProducts": _products}


def _products(call: Call) -> dict[str, Any]:
    if call["ServiceCode"] != _SERVICE:
        raise ApiError("InvalidParameterException", f"only products of {_SERVICE} are emulated")
    found = [json.dumps(it) for it in _all() if _matches(it["product"], call.get("Filters", ()))]
    return {"FormatVersion": "aws_v1", **page(found, call, "PriceList")}


def _matches(product: Mapping[str, Any], filters: Any) -> bool:
    values = {"productFamily": product["productFamily"], **product["attributes"]}
    return all(values.get(it["Field"]) == it["Value"] for it in filters)


def _all() -> Iterator[dict[str, Any]]:
    """Yield the products; some are free, and some aren't sold on demand."""
    every = itertools.product(_regions(), _INSTANCES, _KINDS)
    for number, (region, instance, kind) in enumerate(every):
        prefix = "" if region == _OLDEST_REGION else f"{region.replace('-', '').upper()}-"
        usage = f"{prefix}{_KINDS[kind]}:{instance}"
        sold = _product(f"SOLD{number}", region, instance, kind, usage)
        yield {**sold, "terms": _terms(_INSTANCES[instance])}
        free = _product(f"FREE{number}", region, instance, kind, usage)
        yield {**free, "terms": _terms(0.0)}
        reserved = _product(f"PLAN{number}", region, instance, kind, f"{usage}-Reserved")
        yield {**reserved, "terms": {}}


@cache
def _regions() -> list[str]:
    """Return the regions in which botocore knows SageMaker."""
    session = boto3.Session()
    found = (session.get_available_regions("sagemaker", name) for name in _PARTITIONS)
    return sorted(itertools.chain.from_iterable(found))


def _product(sku: str, region: str, instance: str, kind: str, usage: str) -> dict[str, Any]:
    return {
        "product": {
            "productFamily": "ML Instance",
            "attributes": {
                "instanceName": instance,
                "locationType": "AWS Region",
                "platoinstancetype": kind,
                "regionCode": region,
                "servicecode": _SERVICE,
                "usagetype": usage,
            },
            "sku": sku,
        },
        "publicationDate": PUBLISHED,
        "serviceCode": _SERVICE,
        "version": "20200202202020",
    }


def _terms(usd: float) -> dict[str, Any]:
    """Return the terms of a product that is sold on demand."""
    hour = {
        "beginRange": "0",
        "endRange": "Inf",
        "pricePerUnit": {"USD": f"{usd:.10f}"},
        "unit": "Hrs",
    }
    return {"OnDemand": {"TERM": {"priceDimensions": {"RATE": hour}}}}
