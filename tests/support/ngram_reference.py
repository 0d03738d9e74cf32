"""The weights of n-grams and their scores, computed slowly: one review and one n-gram at a time."""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from processing.text.normalize import split_words

WORDS = "not very good bad film films plot the a of is was boring never 10".split()

Ngrams = set[int]
Row = tuple[Ngrams, int]
"""The n-grams of a review, and its label."""


def some_texts(count: int, seed: int = 0) -> dict[str, str]:
    """Return reviews of the training set by name, and three of the test set."""
    chance = random.Random(seed)
    texts = {
        f"train/{chance.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            ["...", *chance.choices(WORDS, k=chance.choice((0, 1, 2, 3, 9, 30)))]
        )
        for number in range(count)
    }
    return texts | {
        "test/pos/1.txt": "A <b>never</b> seen film is a GOOD film",
        "test/neg/1.txt": "!!!",
        "test/neg/2.txt": "not",
    }


def number_of(words: Sequence[str]) -> int:
    """Return the number of an n-gram."""

    def word_hash(word: str) -> int:
        return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")

    value = word_hash(words[0])
    for word in words[1:]:
        value = (value * 0x9E3779B97F4A7C15 + word_hash(word)) % 2**64
        value = (value ^ (value >> 31)) * 0xBF58476D1CE4E5B9 % 2**64
        value ^= value >> 29
    return (len(words) - 1) * 2**22 + (value >> 42)


def ngrams_of(text: str, sizes: Sequence[int] = (1, 2, 3)) -> Ngrams:
    """Return the numbers of a text's n-grams."""
    words = split_words(text)
    return {
        number_of(words[at : at + size]) for size in sizes for at in range(len(words) - size + 1)
    }


def size_of(ngram: int) -> int:
    """Return the number of words."""
    return 1 + ngram // 2**22


@dataclass(frozen=True)
class Table:
    """The log-count ratios in steps of 1/16, and the weights of the linear model in 1/1024."""

    ratios: dict[int, int]
    linear: dict[int, int] = field(default_factory=dict)


def table_of(rows: Sequence[Row]) -> Table:
    """Return what the n-grams of these rows with their labels give."""
    ratios = ratios_of(rows)
    return Table(ratios, LinearModel(rows, ratios).train())


def ratios_of(rows: Sequence[Row]) -> dict[int, int]:
    """Return the log-count ratios other than 0."""
    reviews = Counter(label for _, label in rows)
    counts = [
        Counter(ngram for found, of in rows if of == label for ngram in found) for label in (0, 1)
    ]
    ratios = {}
    for ngram in counts[0] | counts[1]:
        negative, positive = (each[ngram] for each in counts)
        odds = math.log((positive + 0.5) / (reviews[1] + 1))
        odds -= math.log((negative + 0.5) / (reviews[0] + 1))
        ratio = max(-127, min(127, round(16 * odds)))
        if ratio and positive + negative >= 2:
            ratios[ngram] = ratio
    return ratios


class LinearModel:
    """The training of a linear model, with one dictionary entry for each n-gram."""

    def __init__(self, rows: Sequence[Row], ratios: dict[int, int]) -> None:
        self.rows = [(found & ratios.keys(), label) for found, label in rows]
        self.ratios = ratios
        self.rates = {ngram: (ratio / 16) ** 2 for ngram, ratio in ratios.items()}

    def train(self) -> dict[int, int]:
        """Return the weights after 40 passes over the rows, in steps of 1/1024."""
        found = self._weights()
        limit = 2**15 - 1
        return {ngram: max(-limit, min(limit, round(1024 * found[ngram]))) for ngram in found}

    def _weights(self) -> dict[int, float]:
        curvature = self.curvature()
        weights = ahead = dict.fromkeys(self.ratios, 0.0)
        momentum = 1.0
        for _ in range(40):
            gradient = self.gradient(ahead, is_hinge=True)
            moved = {
                ngram: ahead[ngram] + self.rates[ngram] / curvature * gradient[ngram]
                for ngram in weights
            }
            following = (1 + math.sqrt(1 + 4 * momentum * momentum)) / 2
            factor = (momentum - 1) / following
            ahead = {
                ngram: moved[ngram] + factor * (moved[ngram] - weights[ngram]) for ngram in weights
            }
            weights, momentum = moved, following
        return weights

    def curvature(self) -> float:
        """Return an estimate of the largest curvature, from four steps of a power iteration."""
        largest = max(map(abs, self.ratios.values()), default=1)
        direction = {ngram: abs(ratio) / largest for ngram, ratio in self.ratios.items()}
        curvature = 1.0
        for _ in range(4):
            gradient = self.gradient(direction, is_hinge=False)
            product = {ngram: self.rates[ngram] * gradient[ngram] for ngram in direction}
            curvature = max(map(abs, product.values()), default=0.0)
            direction = {ngram: product[ngram] / (curvature or 1.0) for ngram in direction}
        return curvature or 1.0

    def gradient(self, weights: dict[int, float], *, is_hinge: bool) -> dict[int, float]:
        """Return the sums over all rows of their parts in steps of 2^-24."""
        steps = {ngram: round(2**20 * weight) for ngram, weight in weights.items()}
        sums = dict.fromkeys(weights, 0)
        for found, label in self.rows:
            root = math.sqrt(max(1, len(found)))
            score = sum(steps[ngram] for ngram in found) / 2**20 / root
            sign = 2 * label - 1
            part = sign * max(1 - sign * score, 0.0) if is_hinge else score
            for ngram in found:
                sums[ngram] += round(2**24 * (part / root))
        return {ngram: total / 2**24 for ngram, total in sums.items()}


def scores_of(text: str, table: Table) -> list[float]:
    """Return the eight scores of a review."""
    found = ngrams_of(text)
    root = math.sqrt(max(1, len(found & table.ratios.keys())))
    scores = []
    for weights, steps in ((table.ratios, 16), (table.linear, 1024)):
        for sizes in ((1,), (2,), (3,), (1, 2, 3)):
            total = sum(weights.get(ngram, 0) for ngram in found if size_of(ngram) in sizes)
            scores.append(round(total / steps / root * 10_000) / 10_000)
    return scores
