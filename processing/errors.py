"""What a job says when its input is bad: one line that names the file and the remedy."""

from __future__ import annotations


class DataError(Exception):
    """Bad input, said in one line. Ends the job with exit code 1 and no traceback."""


class UsageError(Exception):
    """A bad argument, said in one line. Ends the job with exit code 2 and no traceback."""
