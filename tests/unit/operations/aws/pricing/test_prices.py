"""`sentiment prices`: prices by region, and their refresh from AWS's Price List API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.prices import JOBS, PriceTable
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.price_samples import stored_prices, table
from tests.support.scripted_aws import ScriptedAws, error

OLD = table(old_large=9.0)


@pytest.fixture(autouse=True)
def committed(tmp_path: Path) -> Iterator[Path]:
    """A file of prices that may be replaced."""
    path = tmp_path / "prices.json"
    with stored_prices(path, OLD):
        yield path


USAGE = {
    "Processing": "Processing",
    "Training": "Train",
    "BatchTransform": "Tsform",
    "Hosting": "Host",
}


def product(
    kind: str,
    usd: str | dict[str, str] = "2.5000000000",
    instance: str = "ml.m5.large",
    region: str = "us-east-1",
    **more: Any,
) -> dict[str, Any]:
    """A product of the price list. kind: of its platoinstancetype. more: other attributes."""
    return {
        "product": {
            "attributes": {
                "locationType": "AWS Region",
                "platoinstancetype": kind,
                "regionCode": region,
                "usagetype": f"USE1-{USAGE[kind]}:{instance}",
                **more,
            }
        },
        "terms": terms(usd),
        "publicationDate": "2026-11-20T18:12:30Z",
    }


def terms(*amounts: str | dict[str, str], unit: str = "Hrs") -> dict[str, Any]:
    """Terms of a product that is sold on demand, with a dimension for each amount."""
    dimensions = {
        str(number): {
            "unit": unit,
            "pricePerUnit": {"USD": amount} if isinstance(amount, str) else amount,
        }
        for number, amount in enumerate(amounts)
    }
    return {"OnDemand": {"TERM": {"priceDimensions": dimensions}}}


def listed(aws: ScriptedAws, *products: Any) -> None:
    """Set the products of the price list, each on a page of its own."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        wanted = {it["Field"]: it["Value"] for it in request["Filters"]}["platoinstancetype"]
        pages = [
            it if isinstance(it, str) else json.dumps(it)
            for it in products
            if isinstance(it, str) or it["product"]["attributes"]["platoinstancetype"] == wanted
        ]
        number = int(request.get("NextToken", "0"))
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        return {"PriceList": pages[number : number + 1], **more}

    aws.on("GetProducts", answer)


EVERY = [product(kind) for kind in USAGE]


def refreshed(aws: ScriptedAws, *products: Any) -> Any:
    """The prices in the region after a refresh from a list with these products, too."""
    listed(aws, *EVERY, *products)
    return json_output(invoke("prices", "--refresh", "--json"))["usd_per_hour"]


LARGE = dict.fromkeys(JOBS, 2.5)


def test_refresh_replaces_the_prices_of_all_regions(aws: ScriptedAws, committed: Path) -> None:
    listed(
        aws,
        *EVERY,
        product("Training", "3.5", "ml.p6-b200.48xlarge"),
        product("Training", "2.8", region="eu-west-1", usagetype="EU-Train:ml.m5.large"),
        product("Training", "1.0", usagetype="Train:ml.t3.large"),
    )
    document = json_output(invoke("prices", "--refresh", "--json"))
    assert document["usd_per_hour"] == {
        "ml.m5.large": LARGE,
        "ml.p6-b200.48xlarge": {"training": 3.5},
        "ml.t3.large": {"training": 1.0},
    }
    assert document["regions"] == ["eu-west-1", "us-east-1"]
    assert document["prices_as_of"] == "2026-11-20"
    assert "Price List API" in document["prices_source"]
    stored = PriceTable.parse(committed.read_text())
    assert stored.of_region("eu-west-1") == {"ml.m5.large": {"training": 2.8}}
    assert committed.read_text() == stored.text


def test_the_api_is_called_in_its_own_region(aws: ScriptedAws) -> None:
    listed(aws, *EVERY)
    invoke("prices", "--refresh", "--region", "eu-north-1")
    assert aws.regions["GetProducts"] == "us-east-1"
    assert {request["ServiceCode"] for request in aws.requests("GetProducts")} == {
        "AmazonSageMaker"
    }


@pytest.mark.parametrize(
    "ignored",
    [
        product("Training", "0.0000000000", "ml.free.large"),
        {**product("Training", instance="ml.reserved.large"), "terms": {}},
        {**product("Training", instance="ml.data.large"), "terms": terms("1.0", unit="GB")},
        product("Training", instance="ml.m5.large-Reserved"),
        product("Training", usagetype="USE1-SpotTrain:ml.spot.large"),
        product("Training", instance="ml.edge.large", locationType="AWS Outposts"),
    ],
    ids=["free", "not on demand", "not by the hour", "reserved", "other usage", "outpost"],
)
def test_other_products_have_no_price(aws: ScriptedAws, ignored: Any) -> None:
    assert refreshed(aws, ignored) == {"ml.m5.large": LARGE}


@pytest.mark.parametrize(
    "others",
    [
        [product("Training", "9.5"), product("Training", "1.0")],
        [{**product("Training"), "terms": terms("1.0", "9.5")}],
    ],
    ids=["products", "dimensions"],
)
def test_highest_of_several_prices_counts(aws: ScriptedAws, others: list[Any]) -> None:
    assert refreshed(aws, *others)["ml.m5.large"]["training"] == 9.5


@pytest.mark.parametrize(
    ("products", "mentions"),
    [
        (EVERY[:2], "transform"),
        ([*EVERY, product("Training", {"CNY": "7.0"})], "CNY"),
        ([*EVERY, "{}"], "KeyError"),
        ([*EVERY, "no JSON"], "can't read"),
        ([*EVERY, product("Training", "free")], "ValueError"),
    ],
    ids=["no products", "currency", "form", "JSON", "number"],
)
def test_unreadable_price_list_is_an_error_and_replaces_nothing(
    aws: ScriptedAws, committed: Path, products: list[Any], mentions: str
) -> None:
    listed(aws, *products)
    assert_refused(invoke("prices", "--refresh"), 1, mentions)
    assert committed.read_text() == OLD.text


def test_missing_permission_is_an_error(aws: ScriptedAws, committed: Path) -> None:
    aws.on("GetProducts", error("AccessDeniedException", "no", "GetProducts"))
    assert_refused(invoke("prices", "--refresh"), 1, "GetProducts", "docs/operations.md")
    assert committed.read_text() == OLD.text


def test_prices_are_shown_without_a_call(aws: ScriptedAws) -> None:
    lines = [line.split() for line in invoke("prices").stdout.splitlines()]
    assert lines[:2] == [
        ["instance", "type", *JOBS],
        ["ml.old.large", *["9.0000"] * len(JOBS)],
    ]
    assert "2020-01-01:" in lines[3]
    assert aws.calls == []


@pytest.mark.usefixtures("aws")
def test_region_without_prices_is_an_error() -> None:
    result = invoke("prices", "--region", "eu-north-1")
    assert_refused(result, 1, "eu-north-1", "us-east-1", "`sentiment prices --refresh`")
