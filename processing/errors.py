"""Errors of the jobs, as a tree. Each message is one line: the cause, the place, the remedy.

ProcessingError    ends the job with its exit code, without a traceback
├── DataError      exit code 1: the input is invalid
├── JobError       exit code 1: the machine failed, for example for lack of memory
└── UsageError     exit code 2: an argument is invalid
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return the text on one line, with escapes for what can't be printed, as in file names.

    >>> printable("café.txt")
    'café.txt'
    >>> print(printable("one\ntwo\udce9.txt"))
    one\ntwo\udce9.txt
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class ProcessingError(Exception):
    """A job can't be done."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class DataError(ProcessingError):
    """The input is invalid."""


class JobError(ProcessingError):
    """The machine failed."""


class UsageError(ProcessingError):
    """An argument is invalid."""

    exit_code = 2
