"""How long CloudWatch keeps logs, as a setting."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

# The retention periods of CloudWatch Logs.
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922),
    *(3288, 3653),
)


def _validate_retention(days: int) -> int:
    if days not in _RETENTION_DAYS:
        raise ValueError
    return days


# Not a Literal, which takes true for 1.
RetentionDays = Annotated[
    int,
    AfterValidator(_validate_retention),
    Field(json_schema_extra={"expected": f"one of {', '.join(map(str, _RETENTION_DAYS))}"}),
]
