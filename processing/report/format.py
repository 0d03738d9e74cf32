"""Numbers as the report writes them: a minus is U+2212, as wide as a plus."""

from __future__ import annotations

_MINUS = "\N{MINUS SIGN}"


def percent(share: float, digits: int = 1) -> str:
    """A share of one.

    >>> percent(0.86812), percent(0.00041, 2)
    ('86.8 %', '0.04 %')
    """
    return f"{share:.{digits}%}".replace("%", " %")


def points(difference: float) -> str:
    """The difference of two shares, in points of percent, with its sign.

    >>> points(0.0283), points(-0.00001)
    ('+2.83', '0.00')
    """
    text = f"{100 * difference:+.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", _MINUS)


def signed(value: float) -> str:
    """A number with its sign.

    >>> signed(0.5)
    '+0.50'
    """
    return f"{value:+.2f}".replace("-", _MINUS)


def count(number: int) -> str:
    """A whole number.

    >>> count(25000)
    '25,000'
    """
    return f"{number:,}"


def p_value(value: float) -> str:
    """How likely chance alone would make so large a difference.

    >>> p_value(0.0321), p_value(1e-9)
    ('p = 0.032', 'p < 0.0001')
    """
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"
