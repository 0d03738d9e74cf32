"""Rules for one hyperparameter: its type and its range."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from local_runner.algorithms.xgboost.errors import UserError

HyperparameterValue = Any
"""A number, a word, a list of words, or a list of constraints."""


class Rule(Protocol):
    """Parses and checks one hyperparameter."""

    def parse(self, text: str) -> HyperparameterValue:
        """Return the value. Raise ValueError if ``text`` isn't one."""

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the value is in the range."""


@dataclass(frozen=True)
class Number:
    """A number in an interval; ``above`` and ``below`` are exclusive bounds.

    As in the image, infinity is in an interval without an upper bound, and ``nan`` in each one.
    """

    whole: bool = False
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    def parse(self, text: str) -> HyperparameterValue:
        """Return the number."""
        return int(text) if self.whole else float(text)

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the number is in the interval."""
        return not (
            (self.at_least is not None and value < self.at_least)
            or (self.at_most is not None and value > self.at_most)
            or (self.above is not None and value <= self.above)
            or (self.below is not None and value >= self.below)
        )

    def __str__(self) -> str:
        low = f"[{self.at_least}" if self.above is None else f"({self.above}"
        high = f"{self.at_most}]" if self.below is None else f"{self.below})"
        return f"{low}, {high}".replace("None]", "+inf)")


@dataclass(frozen=True)
class Choice:
    """One of a list of words."""

    words: tuple[str, ...]

    def parse(self, text: str) -> HyperparameterValue:
        """Return the word."""
        return text

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the word is on the list."""
        return value in self.words

    def __str__(self) -> str:
        return str(list(self.words))


@dataclass(frozen=True)
class Words:
    """Comma-separated words from a list; ``word@threshold`` if the word may have a threshold."""

    words: tuple[str, ...]
    with_threshold: tuple[str, ...] = ()

    def parse(self, text: str) -> HyperparameterValue:
        """Return the words in their order."""
        return text.split(",")

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether every word is on the list."""
        return all(map(self._accepts_word, value))

    def _accepts_word(self, word: str) -> bool:
        if not self.with_threshold or "@" not in word:
            return word in self.words
        name, threshold = map(str.strip, word.split("@")[:2])
        if name not in self.with_threshold:
            raise UserError(
                f"Metric '{word}' is not supported. Parameter 'eval_metric' with customized "
                "threshold should be one of these options: 'error', 'ndcg', 'map'."
            )
        try:
            float(threshold)
        except ValueError:
            raise UserError(f"Threshold value 't' in '{name}@t' expects float input.") from None
        return True

    def __str__(self) -> str:
        return str(list(self.words))


@dataclass(frozen=True)
class Constraints:
    """A Python list of numbers, or of lists of numbers, each of them allowed by ``allows``."""

    allows: Callable[[Any], bool]
    shown: str
    nested: bool = False

    def parse(self, text: str) -> HyperparameterValue:
        """Return the list."""
        try:
            return ast.literal_eval(text.strip())
        except (SyntaxError, TypeError, MemoryError, RecursionError):
            raise ValueError from None

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether every number is allowed."""
        try:
            numbers = [number for row in value for number in row] if self.nested else value
            return all(map(self.allows, numbers))
        except TypeError:
            return False

    def __str__(self) -> str:
        return self.shown
