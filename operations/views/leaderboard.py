"""Lists of executions as leaderboards: sorted by a metric, with the parameters that vary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_runner.definition.expressions import as_text
from local_runner.definition.suggestions import known_names
from operations.errors import UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.deployment_values import DEPLOYED
from processing.names import Parameter

STARTED, DURATION = "started", "duration"
CODE = "code"

_CODE_LENGTH = 8
_VALUE_LENGTH = 24
_SMALLER_IS_BETTER = (DURATION, "false_negative_rate", "false_positive_rate")


def sorted_executions(
    executions: Sequence[ExecutionSummary], by: str | None
) -> list[ExecutionSummary]:
    """Return executions, the best first; those without a value last, None for the given order.

    by: started, duration, or a metric of the evaluations. Raise UsageError for another name.
    """
    known = {STARTED, DURATION, *(name for it in executions for name in it.metrics or ())}
    if by is None or not executions:
        return list(executions)
    if by not in known:
        raise UsageError(f"--sort: no execution has a metric {by!r}; {known_names(by, known)}")
    valued = [(value, it) for it in executions if (value := _value(it, by)) is not None]
    best_first = sorted(valued, key=lambda pair: pair[0], reverse=by not in _SMALLER_IS_BETTER)
    return [it for _, it in best_first] + [it for it in executions if _value(it, by) is None]


def varying_parameters(executions: Sequence[ExecutionSummary]) -> list[dict[str, str]]:
    """Return each execution's values of the parameters that vary among those that have them.

    Those that a deployment sets are omitted, except the code's name. Values are cut. The dataset is
    included if an execution has scores: it identifies the delivery.
    """
    cells = [_cells(execution) for execution in executions]
    names = sorted({name for row in cells for name in row})
    always = {Parameter.DATASET_URI} if any(it.scores for it in executions) else set()
    varying = [
        name
        for name in names
        if name in always or len({row[name] for row in cells if name in row}) > 1
    ]
    return [{name: row.get(name, "") for name in varying} for row in cells]


def _value(execution: ExecutionSummary, by: str) -> float | None:
    if by == STARTED:
        return execution.started.timestamp()
    return execution.seconds if by == DURATION else (execution.metrics or {}).get(by)


def _cells(execution: ExecutionSummary) -> dict[str, str]:
    """The values of the parameters as text; none of an execution whose parameters aren't known."""
    parameters = execution.parameters or {}
    cells = {name: _text(name, value) for name, value in parameters.items() if name not in DEPLOYED}
    if Parameter.CODE_FILE in parameters:
        cells[CODE] = str(parameters[Parameter.CODE_FILE])[:_CODE_LENGTH]
    return cells


def _text(name: str, value: Any) -> str:
    text = as_text(value)
    if name == Parameter.DATASET_URI:
        text = text.rstrip("/").rpartition("/")[2]
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"
