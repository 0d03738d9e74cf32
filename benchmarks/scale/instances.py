"""Which instance a job would need, and what it would cost there."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_diff.prices import Job, usd_per_hour

REGION = "us-east-1"

_INSTANCES = {
    "ml.m5.large": (2, 8),
    "ml.r5.large": (2, 16),
    "ml.m5.xlarge": (4, 16),
    "ml.r5.xlarge": (4, 32),
    "ml.m5.2xlarge": (8, 32),
    "ml.r5.2xlarge": (8, 64),
    "ml.m5.4xlarge": (16, 64),
    "ml.r5.4xlarge": (16, 128),
    "ml.r5.8xlarge": (32, 256),
    "ml.m5.12xlarge": (48, 192),
    "ml.m5.24xlarge": (96, 384),
}
"""Cores and GB of the types whose prices are known."""

USABLE = 0.75
"""The share of an instance's memory that a job may count on."""

SPREAD = {"Preprocess": 4, "Train": 8, "Transform": 2}
"""Over how many cores a job's work spreads, as assumed; more cores stand idle."""

OVERHEAD_SECONDS = 60
"""What a job is billed besides its work, as assumed in docs/cost.md."""

DEFAULT = "ml.m5.large"
DEFAULT_SECONDS = 3600
"""What a job gets where no setting says otherwise, and after which it is stopped."""

_KIND: dict[str, Job] = {
    "Preprocess": "processing",
    "Train": "training",
    "Transform": "transform",
}


@dataclass(frozen=True)
class Estimate:
    """A job on one instance: its type, its hours and USD; no type where none is large enough."""

    instance_type: str | None
    hours: float
    usd: float


def estimate(job: str, cpu_seconds: float, memory_mb: float) -> Estimate:
    """The cheapest instance for a job that needs so much, a core there as fast as one here."""
    offers = [
        _offer(job, name, cpu_seconds)
        for name, (_, gigabytes) in _INSTANCES.items()
        if memory_mb <= gigabytes * 1e3 * USABLE and usd_per_hour(_KIND[job], name, REGION)
    ]
    nothing = Estimate(None, float("nan"), float("nan"))
    return min(offers, key=lambda offer: offer.usd, default=nothing)


def default_memory_mb() -> float:
    """What a job may count on where no setting says otherwise."""
    return _INSTANCES[DEFAULT][1] * 1e3 * USABLE


def default_cpu_seconds(job: str) -> float:
    """What a job can do there until it is stopped."""
    return DEFAULT_SECONDS * min(_INSTANCES[DEFAULT][0], SPREAD[job])


def usd_per_core_hour() -> float:
    """What an hour of a core costs on the smallest of the m5, in price like all of them."""
    price = usd_per_hour("processing", DEFAULT, REGION)
    assert price
    return price / _INSTANCES[DEFAULT][0]


def _offer(job: str, name: str, cpu_seconds: float) -> Estimate:
    cores = min(_INSTANCES[name][0], SPREAD[job])
    hours = (cpu_seconds / cores + OVERHEAD_SECONDS) / 3600
    return Estimate(name, hours, hours * (usd_per_hour(_KIND[job], name, REGION) or 0.0))
