"""Errors of the command line, as a tree. Each message is one line that names the remedy.

CliError         exit code 1: the command failed
├── UsageError   exit code 2: the command line or a value in it is wrong
└── Interrupted  exit code 130: Ctrl-C
"""

from __future__ import annotations


class CliError(Exception):
    """The command failed."""

    exit_code = 1


class UsageError(CliError):
    """The command line or a value in it is wrong; the message says what to change."""

    exit_code = 2


class Interrupted(CliError):
    """Ctrl-C; the message says what continues, and how to resume."""

    exit_code = 130
