"""On-demand prices of SageMaker instances, as of a date; `prices.json` has the source of each.

``sentiment prices --refresh`` replaces that file with the prices of AWS's Price List API in all
regions. Regions, instance types and jobs that it doesn't list have no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Job = Literal["processing", "training", "transform", "hosting"]
JOBS: tuple[Job, ...] = get_args(Job)

RegionPrices = Mapping[str, Mapping[str, float]]
"""USD per hour of one instance, by instance type and job."""

PATH = Path(__file__).with_suffix(".json")
REFRESH = "`sentiment prices --refresh`"

_INNERMOST_OBJECT = re.compile(r"\{\s+([^{}]*?)\s+\}")


@dataclass(frozen=True)
class PriceList:
    """Prices from one source, by region."""

    source: str
    regions: Mapping[str, RegionPrices]


@dataclass(frozen=True)
class PriceTable:
    """Prices of several sources; no price is in two of them.

    as_of: the day on which they applied or were collected, such as 2026-11-22. source: where they
    come from, to print with an amount.
    """

    as_of: str
    source: str
    lists: tuple[PriceList, ...]

    @classmethod
    def parse(cls, text: str) -> PriceTable:
        """Parse the text that `text` returns."""
        document: Any = json.loads(text)
        lists = tuple(PriceList(one["source"], one["regions"]) for one in document["lists"])
        return cls(document["as_of"], document["source"], lists)

    @property
    def text(self) -> str:
        """The table as JSON; the same text for the same prices, one instance type on each line."""
        lists = [{"regions": one.regions, "source": one.source} for one in self.lists]
        document = {"as_of": self.as_of, "lists": lists, "source": self.source}
        indented = json.dumps(document, indent=1, sort_keys=True)
        return _INNERMOST_OBJECT.sub(_on_one_line, indented) + "\n"

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions with prices, sorted."""
        return tuple(sorted({region for one in self.lists for region in one.regions}))

    def of_region(self, region: str) -> dict[str, dict[str, float]]:
        """Return the prices in a region by instance type and job; empty without any."""
        found: dict[str, dict[str, float]] = {}
        for one in self.lists:
            for instance_type, jobs in one.regions.get(region, {}).items():
                found.setdefault(instance_type, {}).update(jobs)
        return found


@cache
def price_table() -> PriceTable:
    """Return the committed prices."""
    return PriceTable.parse(PATH.read_text(encoding="utf-8"))


def usd_per_hour(job: Job, instance_type: str, region: str) -> float | None:
    """Return the on-demand price in USD per hour of one instance; None if unknown."""
    return price_table().of_region(region).get(instance_type, {}).get(job)


def unknown_price(job: Job, instance_type: str, region: str) -> str:
    """Return why a cost is unknown, with the remedy; the job only if others have a price."""
    has_others = instance_type in price_table().of_region(region)
    name = f"{instance_type} ({job})" if has_others else instance_type
    return f"no price for {name} in {region}; {REFRESH} gets the prices of AWS"


def _on_one_line(innermost: re.Match[str]) -> str:
    return f"{{{' '.join(innermost[1].split())}}}"
