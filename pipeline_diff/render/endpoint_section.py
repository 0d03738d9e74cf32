"""Markdown on the endpoint: its capacity, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_diff.compare import Comparison
from pipeline_diff.endpoint.capacity import HOURS_PER_MONTH, EndpointCapacity
from pipeline_diff.render.markdown_syntax import NONE, table

_BY_REQUESTS = "by requests"
_UNKNOWN = "unknown"


def endpoint_table(comparison: Comparison) -> Iterator[str]:
    """Yield the capacity before and after with its cost; nothing if it is the same."""
    sides = comparison.endpoint_before, comparison.endpoint_after
    if sides[0] == sides[1]:
        return
    costs = [side.usd_per_month(comparison.region) if side else None for side in sides]
    yield from table(
        ("attribute", "before", "after"),
        [
            ("capacity", *(_words(side) if side else NONE for side in sides)),
            (
                "USD per month",
                *(_amount(cost) if side else NONE for side, cost in zip(sides, costs, strict=True)),
            ),
        ],
    )
    yield (
        f"* Instances for {HOURS_PER_MONTH} hours a month; requests, captured data and logs aren't "
        "included. The endpoint changes with the next deployment of a version."
    )
    for cost in costs:
        if isinstance(cost, str):
            yield f"* Unknown: {cost}."


def _words(side: EndpointCapacity) -> str:
    if side.instance_type is None:
        return f"serverless, {side.memory_mb} MB, at most {side.max_concurrency} requests at once"
    most = f" to {side.max_count}" if side.max_count != side.count else ""
    return f"{side.count}{most} × {side.instance_type}"


def _amount(cost: tuple[float, float] | str | None) -> str:
    if cost is None:
        return _BY_REQUESTS
    if isinstance(cost, str):
        return _UNKNOWN
    least, most = cost
    return f"{least:.2f}" if least == most else f"{least:.2f} to {most:.2f}"
