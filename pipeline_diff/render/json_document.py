"""A diff as one JSON object."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline_diff.compare import Comparison
from pipeline_diff.cost import Cost
from pipeline_diff.diff import Diff
from pipeline_diff.endpoint.capacity import EndpointCapacity
from pipeline_diff.prices import price_table
from pipeline_diff.step_attributes import ABSENT

_DIGITS = 6
_LEFT_OUT = ("cost_after", "cost_before", "is_scoring", "new_defaults", "old_defaults")


def json_document(diff: Diff) -> str:
    """Return the diff as one line of JSON with sorted keys."""
    document = {
        "comparisons": [_comparison(comparison) for comparison in diff.comparisons],
        "differs": diff.differs,
        "new": diff.new,
        "old": diff.old,
        "prices_as_of": price_table().as_of,
    }
    return json.dumps(document, sort_keys=True, default=_absent) + "\n"


def _comparison(comparison: Comparison) -> dict[str, Any]:
    fields = asdict(comparison)
    return {
        **{name: value for name, value in fields.items() if name not in _LEFT_OUT},
        "cost_usd": {
            "after": _cost(comparison.cost_after),
            "before": _cost(comparison.cost_before),
        },
        "differs": comparison.differs,
        "endpoint_usd_per_month": {
            "after": _monthly(comparison.endpoint_after, comparison.region),
            "before": _monthly(comparison.endpoint_before, comparison.region),
        },
        "pipeline": "scoring" if comparison.is_scoring else "training",
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        name: round(value, _DIGITS) if isinstance(value, float) else value
        for name, value in asdict(cost).items()
    }


def _monthly(endpoint: EndpointCapacity | None, region: str) -> list[float] | None:
    """Return the least and the most; None without instances, or if the price is unknown."""
    cost = endpoint.usd_per_month(region) if endpoint else None
    return [round(usd, 2) for usd in cost] if isinstance(cost, tuple) else None


def _absent(value: object) -> None:
    """Convert ABSENT to null."""
    assert value is ABSENT
