"""Formatting of numbers. A minus sign is U+2212, which is as wide as a plus sign."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_MINUS = "\N{MINUS SIGN}"
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def percent(share: float, digits: int = 1) -> str:
    """Format a share of one.

    >>> percent(0.86812), percent(0.00041, 2)
    ('86.8%', '0.04%')
    """
    return f"{share:.{digits}%}"


def percentage_points(difference: float) -> str:
    """Format the difference of two shares in percentage points, with its sign.

    >>> percentage_points(0.0283), percentage_points(-0.00001)
    ('+2.83', '0.00')
    """
    return signed(100 * difference)


def signed(value: float, digits: int = 2) -> str:
    """Format a number with its sign, which zero doesn't have.

    >>> signed(0.5), signed(-0.00001, 4)
    ('+0.50', '0.0000')
    """
    text = f"{value:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", _MINUS)


def decimals(value: float, *others: float) -> str:
    """Format a number with four decimals, or as many as show that it differs from ``others``.

    >>> decimals(0.868124), decimals(0.79999, 0.8), decimals(0.8, 0.8)
    ('0.8681', '0.79999', '0.8000')
    """
    for digits in range(4, 10):
        if all(value == other or round(value, digits) != round(other, digits) for other in others):
            return f"{value:.{digits}f}"
    return str(value)


def utc(time: str) -> str:
    """Format a time in ISO 8601 in UTC, to the minute; another text stays as it is.

    >>> utc("2026-11-29T16:57:01.5Z"), utc("2026-11-29T17:57:01+01:00"), utc("yesterday")
    ('2026-11-29 16:57 UTC', '2026-11-29 16:57 UTC', 'yesterday')
    """
    found = _TIME.fullmatch(time)
    if not found:
        return time
    day, minute, offset = found.groups("Z")
    moment = datetime.strptime(f"{day} {minute} {offset}", "%Y-%m-%d %H:%M %z")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def count(number: int) -> str:
    """Format a number of things.

    >>> count(25000)
    '25,000'
    """
    return f"{number:,}"


def count_of(number: int, noun: str) -> str:
    """Format a number of things with their noun, which is in the singular.

    >>> count_of(1, "round"), count_of(2_538, "review")
    ('1 round', '2,538 reviews')
    """
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def quoted(name: str, most: int | None = None) -> str:
    """Quote a name, of which the beginning is shown if it has more than ``most`` characters.

    >>> quoted("pos"), quoted("recommended", 9)
    ('“pos”', '“recommen…”')
    """
    return f"“{name}”" if most is None or len(name) <= most else f"“{name[: most - 1]}…”"


def p_value(value: float) -> str:
    """Format the p-value of a significance test.

    >>> p_value(0.0321), p_value(1e-9)
    ('p = 0.032', 'p < 0.0001')
    """
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"
