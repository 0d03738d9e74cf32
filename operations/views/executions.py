"""Lists of executions, local and on AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from operations.execution_summary import ExecutionSummary
from operations.views.execution import document, drift_text
from operations.views.leaderboard import DURATION, STARTED, sorted_executions, varying_parameters
from operations.views.printing import console, duration, print_json, print_line, print_table, utc
from processing.names import ACCURACY

_EXECUTION = "execution"
_REASON, _REASON_WIDTH = "failure reason", 40
_PARAMETERS = "parameters"
_OPTIONAL = ("name", ACCURACY, "drift", "version", _REASON)
_AUTOMATIC_NAME = re.compile(r"execution-\d{13}")
"""The display name that AWS gives to an execution without one."""

Row = Mapping[str, str]


def print_executions(
    executions: Sequence[ExecutionSummary], *, sort: str | None, otherwise: str, as_json: bool
) -> None:
    """Print a line for each execution; ``otherwise``, if there are none.

    Long failure reasons are cut; JSON has all of them. The parameters that vary are columns. On a
    narrow terminal, reasons and parameters are in tables of their own.

    sort: what the best execution, which is printed first, has the best value of. Raise UsageError
    for an unknown name.
    """
    executions = sorted_executions(executions, sort)
    if as_json:
        print_json({"executions": [document(summary) for summary in executions]})
        return
    if not executions:
        print_line(otherwise)
        return
    results = _without_empty([_cells(summary, sort) for summary in executions])
    reasons = [{_REASON: row.pop(_REASON, "")} for row in results]
    parameters = varying_parameters(executions)
    for tables in (
        [[results, parameters, reasons]],
        [[results, parameters], [reasons]],
        [[results], [parameters], [reasons]],
    ):
        if _width(*tables[0]) <= console().width:
            break
    ids = [{_EXECUTION: summary.execution_id} for summary in executions]
    for number, parts in enumerate(tables):
        rows = [_joined(*row) for row in zip(*parts, strict=True)]
        if number == 0:
            _print(rows)
        elif any(any(row.values()) for row in rows):
            print_line("")
            if parts == [parameters] and _width(ids, parameters) > console().width:
                rows = [{_PARAMETERS: _pairs(row)} for row in parameters]
            shown = zip(ids, rows, strict=True)
            _print([_joined(execution, row) for execution, row in shown if any(row.values())])


def _without_empty(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the rows without the optional columns that are empty in all of them."""
    columns = [
        column for column in rows[0] if column not in _OPTIONAL or any(row[column] for row in rows)
    ]
    return [{column: row[column] for column in columns} for row in rows]


def _joined(*parts: Row) -> dict[str, str]:
    return {column: cell for part in parts for column, cell in part.items()}


def _pairs(row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value)


def _width(*tables: Sequence[Row]) -> int:
    """Return the width of the tables side by side, with reasons cut to their minimum."""
    widths = [
        max(len(column), *(len(row[column]) for row in rows))
        if column != _REASON
        else _REASON_WIDTH
        if any(row[column] for row in rows)
        else 0
        for rows in tables
        for column in rows[0]
    ]
    return sum(width + 2 for width in widths)


def _print(rows: Sequence[Row]) -> None:
    columns = [it for it in rows[0] if it != _REASON or any(row[it] for row in rows)]
    cells: Iterable[Sequence[str]] = ([row[column] for column in columns] for row in rows)
    numbers = [it for it in columns if all(_is_number(row[it]) for row in rows)]
    print_table(columns, cells, numbers=[DURATION, *numbers], one_line=(_REASON,))


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[\d.]*(e-?\d+)?", cell) is not None


def _cells(summary: ExecutionSummary, sort: str | None) -> dict[str, str]:
    """The cells of a line by column; optional columns may be empty in all lines."""
    name, version = summary.display_name or "", summary.model_package_arn or ""
    metrics = summary.metrics or {}
    shown = {ACCURACY} | ({sort} if sort and sort not in (STARTED, DURATION) else set())
    return {
        _EXECUTION: summary.execution_id,
        "name": "" if _AUTOMATIC_NAME.fullmatch(name) else name,
        STARTED: utc(summary.started),
        DURATION: "" if summary.seconds is None else duration(summary.seconds),
        "status": summary.status,
        **{it: f"{metrics[it]:.5f}" if it in metrics else "" for it in sorted(shown)},
        "drift": drift_text(summary.drift) if summary.drift else "",
        "version": version.rpartition("/")[2],
        _REASON: " ".join((summary.failure_reason or "").split()),
    }
