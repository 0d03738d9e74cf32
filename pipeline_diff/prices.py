"""On-demand prices of SageMaker instances, as of a date; `prices.json` has the source of each.

Regions and instance types that aren't listed there have no price.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

Job = Literal["processing", "training", "transform"]

_TABLE: Any = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

AS_OF: str = _TABLE["as_of"]
"""The day on which the prices were collected, such as 2026-11-22."""

SOURCE: str = _TABLE["source"]
"""Where the prices come from, to print with an amount."""


def usd_per_hour(job: Job, instance_type: str, region: str) -> float | None:
    """Return the on-demand price in USD per hour of one instance; None if unknown."""
    offer = _TABLE["regions"].get(region, {}).get(instance_type)
    return float(offer["usd_per_hour"]) if offer and job in offer["jobs"] else None
