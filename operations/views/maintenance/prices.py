"""Prices of SageMaker instances."""

from __future__ import annotations

from operations.errors import CliError
from operations.views.printing import print_json, print_line, print_table
from pipeline_diff.prices import JOBS, REFRESH, PriceTable


def print_prices(table: PriceTable, region: str, *, as_json: bool) -> None:
    """Print USD per hour by instance type and job. Raise CliError for a region without prices."""
    prices = table.of_region(region)
    if not prices:
        known = ", ".join(table.regions)
        raise CliError(
            f"no prices of SageMaker instances in {region}, only in {known}; {REFRESH} gets those "
            "of all regions"
        )
    if as_json:
        print_json(
            {
                "prices_as_of": table.as_of,
                "prices_source": table.source,
                "region": region,
                "regions": table.regions,
                "usd_per_hour": prices,
            }
        )
        return
    print_table(
        ("instance type", *JOBS),
        [
            (kind, *(f"{jobs[job]:.4f}" if job in jobs else "" for job in JOBS))
            for kind, jobs in sorted(prices.items())
        ],
        numbers=JOBS,
    )
    print_line(f"\nUSD per hour in {region}, as of {table.as_of}: {table.source}.")
    print_line(f"Regions with prices: {len(table.regions)}")
