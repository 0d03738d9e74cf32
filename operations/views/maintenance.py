"""Costs, cleanup and preflight checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from operations.aws.executions import StepExecution
from operations.aws.maintenance.cleanup import Deleted, Leftovers
from operations.aws.maintenance.costs import JobCost
from operations.aws.maintenance.preflight import Check
from operations.execution_summary import ExecutionSummary
from operations.views.model_versions import counted_approvals
from operations.views.printing import print_json, print_line, print_table
from pipeline_diff.prices import REFRESH, price_table

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


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


def print_cleanup(leftovers: Leftovers, deleted: Deleted | None, *, as_json: bool) -> None:
    """Print resources to delete (``deleted`` is None), or the result of their deletion."""
    kinds = {
        "models": list(leftovers.models),
        "versions": [version.arn for version in leftovers.versions],
        "log_streams": [f"{group}:{stream}" for group, stream in leftovers.log_streams],
        "downloads": list(map(str, leftovers.downloads)),
    }
    failures = dict(deleted.failures) if deleted else {}
    if as_json:
        kept = [version.arn for version in leftovers.kept_versions]
        print_json(
            {**kinds, "dry_run": deleted is None, "failures": failures, "kept_versions": kept}
        )
        return
    for kind, names in kinds.items():
        print_line(f"{kind.replace('_', ' ')}: {len(names)}")
        for name in names:
            print_line(f"  {name}{f': {failures[name]}' if name in failures else ''}")
    if leftovers.kept_versions:
        counts = counted_approvals(leftovers.kept_versions)
        print_line(f"kept versions: {counts}; see --pending, --all-versions")
    if deleted is None:
        print_line("nothing was deleted; use --yes to delete these resources")
    else:
        print_line(f"deleted: {deleted.count}, failed: {len(deleted.failures)}")


def print_checks(checks: Sequence[Check]) -> None:
    """Print all checks as JSON."""
    print_json(
        {
            "checks": [
                {"message": check.message, "name": check.name, "status": check.status}
                for check in checks
            ],
            "passed": not any(check.status == "failed" for check in checks),
        }
    )


def print_check(check: Check) -> None:
    """Print a check as a line."""
    print_line(f"{_MARKS[check.status]} {check.name}: {check.message}")


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
