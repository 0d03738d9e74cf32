"""Preflight checks."""

from __future__ import annotations

from collections.abc import Sequence

from operations.aws.maintenance.preflight import Check
from operations.views.printing import print_json, print_line

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


def print_checks(checks: Sequence[Check]) -> None:
    """Print all checks as JSON."""
    print_json(
        {
            "checks": [
                {"message": check.message, "name": check.name, "status": check.status}
                for check in checks
            ],
            "passed": not any(check.status == "failed" for check in checks),
        }
    )


def print_check(check: Check) -> None:
    """Print a check as a line."""
    print_line(f"{_MARKS[check.status]} {check.name}: {check.message}")
