"""The capacity of the endpoint, and its monthly cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.compare import Comparison, compare
from pipeline_diff.diff import Diff
from pipeline_diff.endpoint.capacity import HOURS_PER_MONTH, EndpointCapacity, capacity
from pipeline_diff.render.json_document import json_document
from tests.support.diff_samples import Document, markdown_of_stacks, section, stack, template
from tests.support.endpoint_machine import machine_of
from tests.support.price_samples import stored_prices, table

SERVERLESS = {"serverless": {"memory_mb": 3072, "max_concurrency": 9}}
SCALED = {"instances": {"type": "ml.m5.large", "count": 2, "max_count": 4}}
FIXED = {"instances": {"type": "ml.m5.large", "count": 3}}
ELSEWHERE = {"instances": {"type": "ml.m5.4xlarge"}}


def _template(endpoint: dict[str, Any] | None) -> Document:
    """A template with a state machine that deploys to this endpoint, and with another one."""
    if endpoint is None:
        return template()
    machines = {"Deploy": machine_of(endpoint=endpoint), "Other": '{"States": {}}'}
    resources: dict[str, Any] = {
        name: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionString": {"Fn::Join": ["", [text]]}},
        }
        for name, text in machines.items()
    }
    return template(**resources)


def _compared(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Comparison:
    return compare(stack(_template(old)), stack(_template(new)))


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (SERVERLESS, EndpointCapacity(memory_mb=3072, max_concurrency=9)),
        (SCALED, EndpointCapacity(instance_type="ml.m5.large", count=2, max_count=4)),
        (FIXED, EndpointCapacity(instance_type="ml.m5.large", count=3, max_count=3)),
        (None, None),
    ],
    ids=["serverless", "scaled", "fixed", "none"],
)
def test_capacity_is_that_of_the_deployed_definition(
    endpoint: dict[str, Any] | None, expected: EndpointCapacity | None
) -> None:
    comparison = _compared(None, endpoint)
    assert (comparison.endpoint_before, comparison.endpoint_after) == (None, expected)
    assert comparison.differs is (endpoint is not None)


@pytest.mark.parametrize("definition", ["", "[]", '{"States": {"A": {"Resource": 1}}}', "{"])
def test_other_state_machines_deploy_nothing(definition: str) -> None:
    assert capacity(definition) is None


@pytest.fixture
def _prices(tmp_path: Path) -> Any:
    with stored_prices(tmp_path / "prices.json", table(m5_large=2.0)):
        yield


@pytest.mark.usefixtures("_prices")
@pytest.mark.parametrize(
    ("endpoint", "usd"),
    [
        (SCALED, [2 * 2 * HOURS_PER_MONTH, 4 * 2 * HOURS_PER_MONTH]),
        (FIXED, [3 * 2 * HOURS_PER_MONTH] * 2),
        (SERVERLESS, None),
        (ELSEWHERE, None),
    ],
    ids=["scaled", "fixed", "serverless", "no-price"],
)
def test_month_of_the_instances_is_calculated(
    endpoint: dict[str, Any], usd: list[int] | None
) -> None:
    document = json.loads(json_document(Diff("old", "new", (_compared(None, endpoint),))))
    [comparison] = document["comparisons"]
    assert comparison["endpoint_usd_per_month"] == {"after": usd, "before": None}


@pytest.mark.usefixtures("_prices")
def test_both_capacities_and_costs_are_in_one_section() -> None:
    text = section(markdown_of_stacks(_template(SERVERLESS), _template(SCALED)), "Endpoint")
    for words in ("3072 MB", "2 to 4 × ml.m5.large", "2920.00 to 5840.00"):
        assert words in text


@pytest.mark.usefixtures("_prices")
def test_unknown_price_is_never_zero() -> None:
    text = section(markdown_of_stacks(_template(None), _template(ELSEWHERE)), "Endpoint")
    assert "unknown" in text
    assert "sentiment prices --refresh" in text


def test_endpoint_that_stays_has_no_section() -> None:
    assert section(markdown_of_stacks(_template(SCALED), _template(SCALED)), "Endpoint") == ""
