"""Parsing of the jobs' arguments. An invalid one raises UsageError."""

from __future__ import annotations

import argparse
import math
from typing import NoReturn

from processing.errors import UsageError


class ArgumentParser(argparse.ArgumentParser):
    """Raise UsageError, where argparse's parser prints its usage and exits."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message."""
        raise UsageError(message)


def positive_integer(text: str) -> int:
    """Return the integer, which must be at least 1.

    >>> positive_integer("5000")
    5000
    """
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text!r}")
    return value


def fraction(text: str) -> float:
    """Return the number, which must be between 0 and 1, both excluded.

    >>> fraction("0.4")
    0.4
    """
    value = _number(text)
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"must be a number > 0 and < 1, got {text!r}")
    return value


def margin(text: str) -> float:
    """Return the number, which must be from 0 to 1, both included.

    >>> margin("0")
    0.0
    """
    value = _number(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return value


def _number(text: str) -> float:
    """Return the number, or NaN, which is in no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan
