"""Costs of an execution's jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from operations.aws.executions import StepExecution
from operations.aws.maintenance.costs import JobCost
from operations.execution_summary import ExecutionSummary
from operations.views.printing import print_json, print_line, print_table
from pipeline_diff.prices import REFRESH, price_table


def print_costs(
    execution: ExecutionSummary,
    free: Sequence[StepExecution],
    costs: Sequence[JobCost],
    region: str,
    *,
    as_json: bool,
) -> None:
    """Print the cost of each job, and the total of those with a known price, if any has one."""
    known = [cost.usd for cost in costs if cost.usd is not None]
    total = sum(known) if known or not costs else None
    prices = price_table()
    unpriced = sorted({cost.instance_type for cost in costs if cost.usd is None})
    if as_json:
        print_json(
            {
                "cached_steps": [step.name for step in free if step.cached],
                "execution_id": execution.execution_id,
                "jobs": [_job(cost) for cost in costs],
                "prices_as_of": prices.as_of,
                "prices_source": prices.source,
                "reused_steps": [step.name for step in free if step.reused_from],
                "total_usd": None if total is None else round(total, 6),
                "unpriced_instance_types": unpriced,
            }
        )
        return
    print_table(
        ("step", "instances", "billed seconds", "USD per hour", "USD", "note"),
        [
            *(
                (step.name, "", "0", "", "0.0000", "reused" if step.reused_from else "cached")
                for step in free
            ),
            *map(_cost_row, costs),
            ("total", "", "", "", _amount(total), ""),
        ],
        numbers=("billed seconds", "USD per hour", "USD"),
    )
    print_line(f"\nPrices as of {prices.as_of}: {prices.source}. Storage and logs cost extra.")
    for instance_type in unpriced:
        print_line(
            f"The total excludes {instance_type}: its price in {region} is unknown; {REFRESH} "
            "gets the prices of AWS."
        )


def _cost_row(cost: JobCost) -> tuple[str, ...]:
    return (
        cost.step,
        f"{cost.instance_count} x {cost.instance_type}",
        f"{cost.seconds:.0f}",
        _amount(cost.usd_per_hour),
        _amount(cost.usd),
        "still running" if cost.is_running else "",
    )


def _amount(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:.4f}"


def _job(cost: JobCost) -> dict[str, Any]:
    return {
        "billed_seconds": cost.seconds,
        "instance_count": cost.instance_count,
        "instance_type": cost.instance_type,
        "is_running": cost.is_running,
        "job": cost.job,
        "step": cost.step,
        "usd": None if cost.usd is None else round(cost.usd, 6),
        "usd_per_hour": cost.usd_per_hour,
    }
