"""Durations as ISO 8601 writes them, which is how a definition says how long the cache holds."""

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


_DURATION = re.compile(rf"P(?=\d|T\d){_parts(_UNITS)}(?:T{_parts(_TIME_UNITS)})?")


def seconds(duration: str) -> float:
    """The seconds of a duration; a month counts 30 days, a year 365.

    >>> seconds("P30D"), seconds("PT1H30M"), seconds("P1W")
    (2592000.0, 5400.0, 604800.0)

    Raises ValueError for what is no duration.
    """
    match = _DURATION.fullmatch(duration)
    if not match:
        raise ValueError(f"{duration!r} is no ISO 8601 duration such as P30D or PT12H")
    return float(sum(int(match[name] or 0) * length for name, _, length in (*_UNITS, *_TIME_UNITS)))
