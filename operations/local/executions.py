"""Local executions, newest first."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.local.results import summarize
from processing.names import Parameter


def newest(workdir: Path, limit: int, *, scoring: bool) -> list[ExecutionSummary]:
    """Return the newest executions of the training or the scoring pipeline. Raise CliError."""
    folder = Workdir(workdir.resolve())
    try:
        found = [
            execution
            for execution in folder.executions.newest_first()
            if _is_scoring(execution) == scoring
        ]
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    return [summarize(execution, folder) for execution in islice(found, limit)]


def _is_scoring(execution: PipelineExecution) -> bool:
    return Parameter.DRIFT_THRESHOLD in execution.parameters
