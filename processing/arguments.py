"""Parsing of the jobs' arguments. An invalid one raises UsageError."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from processing.errors import UsageError
from processing.names import DecisionThreshold, Parameter

_PARAMETERS = {
    "--uri": Parameter.DATASET_URI,
    "--dataset": Parameter.DATASET_URI,
    "--version": Parameter.MODEL_VERSION,
    "--group": Parameter.MODEL_PACKAGE_GROUP_NAME,
    "--training-parts": Parameter.TRAINING_INSTANCE_COUNT,
}
"""Options whose pipeline parameter has another name."""


class ArgumentParser(argparse.ArgumentParser):
    """Raise UsageError, where argparse's parser prints its usage and exits.

    Messages name the pipeline parameter, which users know, rather than the job's option. The value
    of an option may begin with a hyphen, as the name of a column may.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, exit_on_error=False)

    def parse_args(  # type: ignore[override]
        self, arguments: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Return the options. Raise UsageError."""
        try:
            return super().parse_args(self._joined(arguments), namespace)
        except argparse.ArgumentError as error:
            raise UsageError(_message(error.argument_name, error.message)) from None

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message."""
        raise UsageError(message)

    def _joined(self, arguments: Sequence[str]) -> Iterator[str]:
        """Yield ``--option=value`` for an option of one value and its value."""
        rest = iter(arguments)
        for word in rest:
            action = self._option_string_actions.get(word)
            if action is not None and action.nargs is None:
                value = next(rest, None)
                yield word if value is None else f"{word}={value}"
            else:
                yield word


def parameter_of(option: str) -> str:
    """Return the name of the pipeline parameter that an option stands for.

    >>> parameter_of("--vocabulary-size"), parameter_of("--uri")
    ('VocabularySize', 'DatasetUri')
    """
    words = option.removeprefix("--").split("-")
    return _PARAMETERS.get(option, "".join(map(str.capitalize, words)))


def _message(option: str | None, problem: str) -> str:
    """Return argparse's message for a parameter.

    >>> _message("--eta", "must be a number"), _message("--eta", "invalid choice: 'x'")
    ('Eta must be a number', "Eta: invalid choice: 'x'")
    """
    if option is None:
        return problem
    return f"{parameter_of(option)}{' ' if problem.startswith('must ') else ': '}{problem}"


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


def decision_threshold(text: str) -> str:
    """Return the threshold or its goal.

    >>> decision_threshold("precision>=0.95")
    'precision>=0.95'
    """
    if not re.fullmatch(DecisionThreshold.PATTERN, text):
        raise argparse.ArgumentTypeError(f"must be {DecisionThreshold.EXPECTED}, got {text!r}")
    return text


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
