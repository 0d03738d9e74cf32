"""The ranges of hyperparameters to tune, from ``tuning_ranges.json``, by parameter.

``sentiment tune`` has the same default ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

_PATH = Path(__file__).with_name("tuning_ranges.json")


class TuningRange(BaseModel):
    """The numbers from ``minimum`` to ``maximum``: integers if both are."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    minimum: int | float
    maximum: int | float
    scale: Literal["linear", "log"] = "linear"

    @property
    def is_integer(self) -> bool:
        """Whether the values are integers."""
        return isinstance(self.minimum, int) and isinstance(self.maximum, int)


TUNING_RANGES: Mapping[str, TuningRange] = TypeAdapter(dict[str, TuningRange]).validate_json(
    _PATH.read_bytes()
)


def parameter_ranges(names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the ranges as CreateHyperParameterTuningJob takes them.

    names: of the hyperparameters, by parameter.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for parameter, item in TUNING_RANGES.items():
        kind = "Integer" if item.is_integer else "Continuous"
        found.setdefault(f"{kind}ParameterRanges", []).append(
            {
                "Name": names[parameter],
                "MinValue": str(item.minimum),
                "MaxValue": str(item.maximum),
                "ScalingType": "Logarithmic" if item.scale == "log" else "Linear",
            }
        )
    return found
