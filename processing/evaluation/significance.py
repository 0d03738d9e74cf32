"""How far chance explains what was measured: intervals of shares, and tests of two models.

The paired test is McNemar's (1947), on the reviews that only one of the two models gets right:
exact, by the binomial distribution, up to 10,000 of them, and by its normal limit beyond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054
"""Between minus and plus so many deviations lie 95 % of a normal distribution."""

_EXACT_UP_TO = 10_000


@dataclass(frozen=True)
class Difference:
    """The difference of two shares, its 95 % interval, and the p value of there being none."""

    value: float
    low: float
    high: float
    p_value: float


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), which holds for few cases and extreme shares.

    >>> tuple(round(bound, 4) for bound in wilson(80, 100))
    (0.7112, 0.8666)
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not of:
        return 0.0, 1.0
    share, square = count / of, Z95**2 / of
    middle = (share + square / 2) / (1 + square)
    width = Z95 * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(0.0, middle - width), min(1.0, middle + width)


def paired(only_first: int, only_second: int, of: int) -> Difference:
    """Two models on the same reviews: how many only the first gets right, how many only the second.

    >>> paired(10, 0, 1_000).p_value
    0.001953125
    """
    value = (only_first - only_second) / of
    deviation = math.sqrt(max(only_first + only_second - value**2 * of, 0.0)) / of
    p_value = mcnemar(only_first, only_second)
    return Difference(value, value - Z95 * deviation, value + Z95 * deviation, p_value)


def unpaired(right: int, of: int, other_right: int, other_of: int) -> Difference:
    """Two models on two sets of reviews, as if drawn apart from each other.

    >>> round(unpaired(90, 100, 80, 100).p_value, 4)
    0.0477
    """
    share, other = right / of, other_right / other_of
    value = share - other
    deviation = math.sqrt(share * (1 - share) / of + other * (1 - other) / other_of)
    both = (right + other_right) / (of + other_of)
    if_equal = math.sqrt(both * (1 - both) * (1 / of + 1 / other_of))
    p_value = _two_sided(abs(value) / if_equal) if if_equal else 1.0
    return Difference(value, value - Z95 * deviation, value + Z95 * deviation, p_value)


def mcnemar(one: int, other: int) -> float:
    """The p value of two counts that would be equal on average if chance alone made them differ.

    >>> mcnemar(5, 5), mcnemar(0, 0), round(mcnemar(3, 12), 4)
    (1.0, 1.0, 0.0352)
    """
    total, fewer = one + other, min(one, other)
    if total > _EXACT_UP_TO:
        return _two_sided(max(abs(one - other) - 1, 0) / math.sqrt(total))
    ways = term = 1  # whole numbers of thousands of digits
    for number in range(1, fewer + 1):
        term = term * (total - number + 1) // number
        ways += term
    p_value: float = 2 * ways / 2**total
    return min(1.0, p_value)


def _two_sided(deviations: float) -> float:
    return math.erfc(deviations / math.sqrt(2))
