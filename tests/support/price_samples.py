"""Invented prices of SageMaker instances in place of the committed ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline_diff import prices
from pipeline_diff.prices import JOBS, PriceList, PriceTable


def table(region: str = "us-east-1", **usd_per_hour: float) -> PriceTable:
    """Prices in a region by instance type: ``m5_large`` is that of ml.m5.large for every job."""
    jobs: tuple[str, ...] = JOBS
    types = {
        f"ml.{name.replace('_', '.')}": dict.fromkeys(jobs, usd)
        for name, usd in usd_per_hour.items()
    }
    return PriceTable("2020-01-01", "invented prices", (PriceList("invented", {region: types}),))


@contextmanager
def stored_prices(path: Path, stored: PriceTable) -> Iterator[None]:
    """Use the prices in a file instead of the committed ones while the block runs."""
    path.write_text(stored.text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prices, "PATH", path)
        prices.price_table.cache_clear()
        yield
    prices.price_table.cache_clear()
