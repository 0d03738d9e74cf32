"""Exit codes and errors of the command line.

CliError         exit code 1: the command failed
├── UsageError   exit code 2: the command line or a value in it is wrong
└── Interrupted  exit code 130: Ctrl-C

Each message is one line that names the remedy.
"""

from __future__ import annotations

SUCCESS, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130

EXIT_CODES = {
    SUCCESS: "success",
    FAILURE: "failure; of `diff --exit-code`, also differences; of `compare --allowed-loss`, lost "
    "accuracy",
    USAGE: "wrong usage: a command, option, argument or parameter",
    INTERRUPTED: "interrupted by Ctrl-C",
}
"""Every exit code of every command, and its meaning."""


class CliError(Exception):
    """The command failed."""

    exit_code = FAILURE


class UsageError(CliError):
    """The command line or a value in it is wrong; the message says what to change.

    A value that names nothing, such as an unknown execution, is wrong in every command.
    """

    exit_code = USAGE


class Interrupted(CliError):
    """Ctrl-C; the message says what continues, and how to resume."""

    exit_code = INTERRUPTED
