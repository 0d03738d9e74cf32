"""What SageMaker's instances cost, as dated data; `prices.json` says what confirms each number.

Only what is written there is known: another region, or a type that isn't listed, has no price.
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
"""Where they come from, as half a sentence to print beside an amount."""


def usd_per_hour(job: Job, instance_type: str, region: str) -> float | None:
    """The on-demand price in USD of one instance for an hour of the job; None if it isn't known."""
    offer = _TABLE["regions"].get(region, {}).get(instance_type)
    return float(offer["usd_per_hour"]) if offer and job in offer["jobs"] else None
