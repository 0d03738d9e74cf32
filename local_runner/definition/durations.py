"""ISO 8601 durations, in which a definition gives the lifetime of cached results."""

from __future__ import annotations

import re

_UNITS = (
    ("years", "Y", 365 * 86_400),
    ("months", "M", 30 * 86_400),
    ("weeks", "W", 7 * 86_400),
    ("days", "D", 86_400),
)
_TIME_UNITS = (("hours", "H", 3_600), ("minutes", "M", 60), ("seconds", "S", 1))


def _parts(units: tuple[tuple[str, str, int], ...]) -> str:
    return "".join(rf"(?:(?P<{name}>\d+){letter})?" for name, letter, _ in units)


_DURATION = re.compile(
    rf"P?(?=\d|T\d){_parts(_UNITS)}(?:T(?=\d){_parts(_TIME_UNITS)})?", re.IGNORECASE | re.ASCII
)


def seconds(duration: str) -> float:
    """Return a duration in seconds; a month has 30 days, a year 365.

    As in the service, letters may be lowercase and the leading P is optional.

    >>> seconds("P30D"), seconds("PT1H30M"), seconds("30dT5h"), seconds("T16m")
    (2592000.0, 5400.0, 2610000.0, 960.0)

    Raise ValueError for anything else.
    """
    match = _DURATION.fullmatch(duration)
    if not match:
        raise ValueError(f"must be an ISO 8601 duration such as P30D or T12H, got {duration!r}")
    return float(sum(int(match[name] or 0) * length for name, _, length in (*_UNITS, *_TIME_UNITS)))
