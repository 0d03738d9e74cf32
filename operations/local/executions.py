"""Local executions, newest first."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.local.results import summarize
from processing.names import Parameter

_INTERRUPTED = "Interrupted"


def newest(workdir: Path, limit: int, *, scoring: bool) -> list[ExecutionSummary]:
    """Return the newest executions of the training or the scoring pipeline. Raise CliError.

    The status of one whose process was killed is Interrupted: the same command continues it.
    """
    folder = Workdir(workdir.resolve())
    try:
        found = (it for it in folder.executions.newest_first() if _is_scoring(it) == scoring)
        return [_summary(execution, folder) for execution in islice(found, limit)]
    except LocalRunnerError as error:
        raise CliError(str(error)) from None


def _summary(execution: PipelineExecution, workdir: Workdir) -> ExecutionSummary:
    summary = summarize(execution, workdir)
    if summary.is_running and not workdir.executions.is_running(execution.execution_id):
        return replace(summary, status=_INTERRUPTED)
    return summary


def _is_scoring(execution: PipelineExecution) -> bool:
    return Parameter.DRIFT_THRESHOLD in execution.parameters
