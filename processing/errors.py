"""What a job says when it can't go on: one line that names the matter and the remedy."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text in one line that can be written: names of files may hold anything.

    >>> printable("café.txt")
    'café.txt'
    >>> print(printable("one\ntwo\udce9.txt"))
    one\ntwo\udce9.txt
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class _InOneLine(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class DataError(_InOneLine):
    """Bad input, said in one line. Ends the job with exit code 1 and no traceback."""


class JobError(_InOneLine):
    """The machine failed the job, said in one line. Ends it with exit code 1 and no traceback."""


class UsageError(_InOneLine):
    """A bad argument, said in one line. Ends the job with exit code 2 and no traceback."""
