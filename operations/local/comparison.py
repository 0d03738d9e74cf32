"""Local executions to compare."""

from __future__ import annotations

from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.workdir import Workdir
from operations.comparison import ExecutionToCompare
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.local.report import column_options
from operations.local.results import load_execution, output_paths, summarize
from pipeline_diff.render.definition_settings import definition_settings
from processing import names

ENVIRONMENT = "local"


def local_execution(workdir: Path, wanted: str) -> ExecutionToCompare:
    """Return an execution, given its ID or ARN. Raise UsageError or CliError."""
    folder = Workdir(workdir.resolve())
    try:
        execution = load_execution(folder, wanted)
        outputs = output_paths(execution, folder)
        summary = summarize(execution, folder)
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    folders = {name: path for name, path in outputs.items() if path.is_dir()}
    evaluation = folders.get(names.EVALUATION)
    if evaluation and not (evaluation / names.EVALUATION_FILE).is_file():
        del folders[names.EVALUATION]
    return ExecutionToCompare(
        name=execution.execution_id,
        environment=ENVIRONMENT,
        status=summary.status,
        started=execution.started,
        parameters=execution.parameters,
        settings=_settings(folder.executions.folder(execution.execution_id)),
        folders=folders,
        reason=None
        if names.EVALUATION in folders
        else _reason(summary, names.EVALUATION in outputs),
        columns=column_options(execution.parameters),
    )


def _reason(summary: ExecutionSummary, was_written: bool) -> str:
    """Return why an execution has no evaluation."""
    if was_written:
        return f"{names.EVALUATION_FILE} doesn't exist any more"
    if summary.failure_reason:
        return summary.failure_reason
    if summary.succeeded:
        return f"no step wrote an output {names.EVALUATION} with {names.EVALUATION_FILE}"
    return f"its status is {summary.status}"


def _settings(folder: Path) -> dict[str, str]:
    """Return the settings of the definition that the execution ran, if its record has that."""
    definition = folder / "definition.json"
    return definition_settings(definition.read_text("utf-8")) if definition.is_file() else {}
