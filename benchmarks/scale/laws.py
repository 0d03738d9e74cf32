"""How costs grow: straight lines through what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A cost of ``fixed`` and ``each`` for every review.

    off: how far the measured point that is farthest from the line is from it, as a share.
    """

    fixed: float
    each: float
    off: float

    def at(self, reviews: float) -> float:
        """The cost for so many reviews."""
        return self.fixed + self.each * reviews

    def reach(self, limit: float) -> float:
        """For how many reviews the cost stays within the limit.

        >>> Line(fixed=10, each=2, off=0).reach(30), Line(fixed=10, each=0, off=0).reach(30)
        (10.0, inf)
        """
        return (limit - self.fixed) / self.each if self.each else math.inf


_FLAT = 0.1
"""What grows less than this share over all that was measured is taken not to grow."""


def line(reviews: Sequence[float], costs: Sequence[float]) -> Line:
    """The line by least squares; a level one for what hardly grows.

    >>> line([1, 2, 3], [30, 50, 70])
    Line(fixed=10.0, each=20.0, off=0.0)
    >>> line([1, 2, 3], [99, 100, 101])
    Line(fixed=100.0, each=0.0, off=0.010101010101010102)
    """
    mean_x, mean_y = sum(reviews) / len(reviews), sum(costs) / len(costs)
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(reviews, costs, strict=True))
    each = covariance / sum((x - mean_x) ** 2 for x in reviews)
    if each * (max(reviews) - min(reviews)) < _FLAT * mean_y:
        each = 0.0
    fixed = mean_y - each * mean_x
    off = max(abs(fixed + each * x - y) / y for x, y in zip(reviews, costs, strict=True))
    return Line(fixed, each, off)
