"""The capacity of a stack's endpoint, read from the state machine that deploys to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition.model import Json
from pipeline_diff.prices import unknown_price, usd_per_hour

HOURS_PER_MONTH = 730

_CREATE_CONFIG = ":sagemaker:createEndpointConfig"
_REGISTER = ":applicationautoscaling:registerScalableTarget"


@dataclass(frozen=True)
class EndpointCapacity:
    """Memory and concurrency of a serverless endpoint, or instances.

    max_count: the most to which autoscaling adds; count without autoscaling.
    """

    memory_mb: int | None = None
    max_concurrency: int | None = None
    instance_type: str | None = None
    count: int = 0
    max_count: int = 0

    def usd_per_month(self, region: str) -> tuple[float, float] | str | None:
        """Return the cost of the fewest and the most instances, or why it is unknown.

        None without instances: requests are billed then.
        """
        if self.instance_type is None:
            return None
        hourly = usd_per_hour("hosting", self.instance_type, region)
        if hourly is None:
            return unknown_price("hosting", self.instance_type, region)
        monthly = hourly * HOURS_PER_MONTH
        return monthly * self.count, monthly * self.max_count


def capacity(definition: str) -> EndpointCapacity | None:
    """Return the capacity that a state machine deploys; None if it deploys none."""
    try:
        states = list(_states(json.loads(definition)))
    except json.JSONDecodeError:
        return None
    for state in states:
        match state:
            case {"Resource": str(call), "Parameters": {"ProductionVariants": [variant]}} if (
                call.endswith(_CREATE_CONFIG)
            ):
                return _capacity(variant, _most(states))
    return None


def _states(value: Json) -> Iterator[Mapping[str, Json]]:
    """Yield every object inside a definition; states are among them."""
    if isinstance(value, Mapping):
        yield value
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _states(item)


def _most(states: list[Mapping[str, Json]]) -> int | None:
    for state in states:
        match state:
            case {"Resource": str(call), "Parameters": {"MaxCapacity": int(most)}} if call.endswith(
                _REGISTER
            ):
                return most
    return None


def _capacity(variant: Json, most: int | None) -> EndpointCapacity | None:
    match variant:
        case {"ServerlessConfig": {"MemorySizeInMB": int(memory), "MaxConcurrency": int(requests)}}:
            return EndpointCapacity(memory_mb=memory, max_concurrency=requests)
        case {"InstanceType": str(kind), "InitialInstanceCount": int(count)}:
            return EndpointCapacity(instance_type=kind, count=count, max_count=most or count)
    return None
