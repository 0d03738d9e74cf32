"""Heaps' law: n words of text hold K n^beta distinct ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PER_DECADE = 20


@dataclass(frozen=True)
class Heaps:
    """The law of one language and kind of text."""

    k: float
    beta: float

    def distinct(self, words: float) -> float:
        """How many distinct words there are among so many."""
        return self.k * math.pow(words, self.beta)


@dataclass(frozen=True)
class Point:
    """So many words were read, and so many distinct ones among them."""

    words: int
    distinct: int


def curve(texts: Iterable[Sequence[str]]) -> list[Point]:
    """How the distinct words grow while the texts, as words, are read: some points each decade.

    >>> curve([["a", "b"], ["a", "c"], ["a", "a"]])[-1]
    Point(words=6, distinct=3)
    """
    seen: set[str] = set()
    points: list[Point] = []
    words = 0
    following = 1.0
    for text in texts:
        seen.update(text)
        words += len(text)
        if words >= following:
            points.append(Point(words, len(seen)))
            following = words * 10 ** (1 / _PER_DECADE)
    return [*points, Point(words, len(seen))]


def fit(points: Sequence[Point]) -> Heaps:
    """The law by least squares of the logarithms, over the last factor of ten of the words.

    The exponent falls while a text grows, so its beginning says little of what is to come. The law
    is moved to meet the last point, since everything that is to come begins there.

    >>> law = fit([Point(words, 3 * words) for words in (1_000, 3_000, 10_000)])
    >>> round(law.k, 6), round(law.beta, 6)
    (3.0, 1.0)
    """
    last = points[-1]
    pairs = [
        (math.log(point.words), math.log(point.distinct))
        for point in points
        if point.words >= last.words / 10
    ]
    mean_x, mean_y = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
    beta = sum((x - mean_x) * (y - mean_y) for x, y in pairs) / sum(
        (x - mean_x) ** 2 for x, _ in pairs
    )
    return Heaps(k=last.distinct / last.words**beta, beta=beta)
