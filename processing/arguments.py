"""The jobs' arguments. Bad ones end a job with exit code 2 and one line."""

from __future__ import annotations

import argparse
import math
from typing import NoReturn

from processing.errors import UsageError


class ArgumentParser(argparse.ArgumentParser):
    """Raises UsageError where argparse's own would write its usage and end the process."""

    def error(self, message: str) -> NoReturn:
        """Ends the parsing with argparse's message."""
        raise UsageError(message)


def positive_integer(text: str) -> int:
    """A whole number of at least 1.

    >>> positive_integer("5000")
    5000
    """
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return value


def fraction(text: str) -> float:
    """A number between 0 and 1, both excluded.

    >>> fraction("0.4")
    0.4
    """
    value = _number(text)
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number between 0 and 1")
    return value


def margin(text: str) -> float:
    """A number from 0 to 1, both included.

    >>> margin("0")
    0.0
    """
    value = _number(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def _number(text: str) -> float:
    """The number; one that lies in no range if it isn't any."""
    try:
        return float(text)
    except ValueError:
        return math.nan
