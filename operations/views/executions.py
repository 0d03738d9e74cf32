"""Lists of executions, local and on AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from operations.execution_summary import ExecutionSummary
from operations.views.execution import document, drift_text
from operations.views.printing import console, duration, print_json, print_line, print_table, utc

_REASON, _REASON_WIDTH = "failure reason", 40
_OPTIONAL = ("name", "accuracy", "drift", "version", _REASON)
_NUMBERS = ("duration", "accuracy", "version")
_AUTOMATIC_NAME = re.compile(r"execution-\d{13}")
"""The display name that AWS gives to an execution without one."""


def print_executions(
    executions: Sequence[ExecutionSummary], *, otherwise: str, as_json: bool
) -> None:
    """Print a line for each execution; ``otherwise``, if there are none.

    Long failure reasons are cut; JSON has all of them. On a narrow terminal, the reasons are in a
    table of their own.
    """
    if as_json:
        print_json({"executions": [document(summary) for summary in executions]})
        return
    if not executions:
        print_line(otherwise)
        return
    rows = [_cells(summary) for summary in executions]
    columns = [
        column for column in rows[0] if column not in _OPTIONAL or any(row[column] for row in rows)
    ]
    others = [column for column in columns if column != _REASON]
    width = sum(max(len(column), *(len(row[column]) + 2 for row in rows)) for column in others)
    if width + _REASON_WIDTH <= console().width:
        _print(columns, rows)
        return
    _print(others, rows)
    if _REASON in columns:
        print_line("")
        _print([others[0], _REASON], [row for row in rows if row[_REASON]])


def _print(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    cells = ([row[column] for column in columns] for row in rows)
    print_table(columns, cells, numbers=_NUMBERS, one_line=(_REASON,))


def _cells(summary: ExecutionSummary) -> dict[str, str]:
    """The cells of a line by column; optional columns may be empty in all lines."""
    name, version = summary.display_name or "", summary.model_package_arn or ""
    return {
        "execution": summary.execution_id,
        "name": "" if _AUTOMATIC_NAME.fullmatch(name) else name,
        "started": utc(summary.started),
        "duration": "" if summary.seconds is None else duration(summary.seconds),
        "status": summary.status,
        "accuracy": "" if summary.accuracy is None else f"{summary.accuracy:.5f}",
        "drift": drift_text(summary.drift) if summary.drift else "",
        "version": version.rpartition("/")[2],
        _REASON: " ".join((summary.failure_reason or "").split()),
    }
