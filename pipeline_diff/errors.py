"""Errors of a comparison, as a tree. Each message is one line that names the remedy.

DiffError
├── SourceError      OLD or NEW can't be read, or the two can't be compared
└── GitNotInstalled  a revision was given, and git isn't installed
"""

from __future__ import annotations


class DiffError(Exception):
    """The comparison failed."""


class SourceError(DiffError):
    """OLD or NEW can't be read, or the two can't be compared; the message names it."""


class GitNotInstalled(DiffError):
    """A revision was given, and git isn't installed."""
