"""Statistical significance: the interval of a share, and tests of the difference of two models."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import binomtest

Z95 = 1.959963984540054
"""95% of a normal distribution lie within this many standard deviations of its mean."""


@dataclass(frozen=True)
class Difference:
    """The difference of two shares, its 95% interval, and the p value of no difference."""

    value: float
    low: float
    high: float
    p_value: float


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the 95% interval of a share by Wilson (1927).

    It is valid for few cases and for shares close to 0 or 1, too.

    >>> tuple(round(bound, 4) for bound in wilson(80, 100))
    (0.7112, 0.8666)
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not of:
        return 0.0, 1.0
    interval = binomtest(count, of).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def paired_difference(only_first: int, only_second: int, of: int) -> Difference:
    """Compare two models on the same reviews by the exact test of McNemar (1947).

    only_first, only_second: number of reviews that only this model classifies correctly.

    >>> paired_difference(10, 0, 1_000).p_value
    0.001953125
    """
    discordant = only_first + only_second
    value = (only_first - only_second) / of
    deviation = math.sqrt(max(discordant - value**2 * of, 0.0)) / of
    p_value = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
    return Difference(value, value - Z95 * deviation, value + Z95 * deviation, p_value)


def unpaired_difference(correct: int, of: int, other_correct: int, other_of: int) -> Difference:
    """Compare two models on two test sets, as if these were independent samples.

    >>> round(unpaired_difference(90, 100, 80, 100).p_value, 4)
    0.0477
    """
    share, other = correct / of, other_correct / other_of
    value = share - other
    deviation = math.sqrt(share * (1 - share) / of + other * (1 - other) / other_of)
    pooled = (correct + other_correct) / (of + other_of)
    deviation_if_equal = math.sqrt(2 * pooled * (1 - pooled) * (1 / of + 1 / other_of))
    p_value = math.erfc(abs(value) / deviation_if_equal) if deviation_if_equal else 1.0
    return Difference(value, value - Z95 * deviation, value + Z95 * deviation, p_value)
