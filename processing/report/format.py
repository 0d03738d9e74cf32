"""Formatting of numbers. A minus sign is U+2212, which is as wide as a plus sign."""

from __future__ import annotations

_MINUS = "\N{MINUS SIGN}"


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
    text = f"{100 * difference:+.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", _MINUS)


def signed(value: float) -> str:
    """Format a number with its sign.

    >>> signed(0.5)
    '+0.50'
    """
    return f"{value:+.2f}".replace("-", _MINUS)


def count(number: int) -> str:
    """Format a number of things.

    >>> count(25000)
    '25,000'
    """
    return f"{number:,}"


def p_value(value: float) -> str:
    """Format the p-value of a significance test.

    >>> p_value(0.0321), p_value(1e-9)
    ('p = 0.032', 'p < 0.0001')
    """
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"
