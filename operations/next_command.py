"""The command that usually comes next after an execution."""

from __future__ import annotations

from collections.abc import Callable

from operations.execution_summary import FAILED, ExecutionSummary
from processing.names import Step


def next_words(
    summary: ExecutionSummary, is_pending: Callable[[str], bool]
) -> tuple[str, ...] | None:
    """Return the words of the command, without the program; None if nothing suggests itself.

    is_pending: whether a version, given by its ARN, waits for approval. Commands that show the log
    of a failed job are printed with the log.
    """
    if summary.is_running:
        return "watch", summary.execution_id
    if summary.scores:
        return "scores", summary.execution_id, "--output", "scores.csv"
    arn = summary.model_package_arn
    if arn and is_pending(arn):
        return "approve", arn.rpartition("/")[2]
    failed = {step.name for step in summary.steps or () if step.status == FAILED}
    return ("report", summary.execution_id) if Step.REJECT in failed else None
