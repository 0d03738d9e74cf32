"""What can go wrong in the command, as a tree. Each message is one line that says what to do.

Problem            exit code 1: it couldn't be done
├── UsageProblem   exit code 2: what was asked for can't be right
└── Interrupted    exit code 130: Ctrl-C
"""

from __future__ import annotations


class Problem(Exception):
    """It couldn't be done."""

    exit_code = 1


class UsageProblem(Problem):
    """What was asked for can't be right; the message says what to change."""

    exit_code = 2


class Interrupted(Problem):
    """Ctrl-C; the message says what goes on, and how to come back to it."""

    exit_code = 130
