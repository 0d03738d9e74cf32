"""``prices``: on-demand prices of SageMaker instances."""

from __future__ import annotations

import click

from operations.command_line.target import TargetOptions, aws_options


@click.command()
@click.option(
    "--refresh",
    is_flag=True,
    help="Get the prices of all regions from AWS's Price List API first, and store them in "
    "pipeline_diff/prices.json.",
)
@aws_options
def prices(refresh: bool, where: TargetOptions, as_json: bool) -> None:
    """Show the prices of SageMaker instances in the environment's region.

    `start`, `retry`, `cost` and `diff` use them.
    """
    from operations.output_files import save
    from operations.views.maintenance.prices import print_prices
    from pipeline_diff.prices import PATH, price_table

    with where.aws_target().connected() as deployment:
        table = price_table()
        if refresh:
            from operations.aws.pricing.price_list import latest_prices

            table = latest_prices(deployment)
            save("--refresh", PATH, table.text.encode())
            price_table.cache_clear()
        print_prices(table, deployment.region, as_json=as_json)
