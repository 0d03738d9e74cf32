"""Local executions to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from local_runner.errors import WorkdirError
from local_runner.execution.record import PipelineExecution
from local_runner.request import StoredRequest
from local_runner.workdir import Workdir
from operations.comparison import ExecutionToCompare
from operations.local.errors import translated_errors
from operations.local.report import column_options
from operations.local.results import load_execution, output_paths, reviews_path, summarize
from pipeline_diff.render.definition_settings import definition_settings
from processing import names

ENVIRONMENT = "local"


def local_execution(path: Path, wanted: str) -> ExecutionToCompare:
    """Return an execution, given its ID or ARN. Raise UsageError or CliError.

    path: of the work folder.
    """
    workdir = Workdir(path.resolve())
    with translated_errors(workdir.root):
        execution = load_execution(workdir, wanted)
        outputs = output_paths(execution, workdir)
        summary = summarize(execution, workdir)
        missing = _missing_evaluation(execution, outputs, workdir)
    stored = _stored_request(workdir.executions.folder(execution.execution_id))
    folders = {name: folder for name, folder in outputs.items() if folder.is_dir()}
    if reviews := reviews_path(execution, workdir):
        folders[names.RAW] = reviews
    if missing:
        folders.pop(names.EVALUATION, None)
        if names.EVALUATION not in outputs and not summary.succeeded:
            missing = summary.failure_reason or f"its status is {summary.status}"
    return ExecutionToCompare(
        name=execution.execution_id,
        environment=ENVIRONMENT,
        status=summary.status,
        started=execution.started,
        parameters=execution.parameters,
        settings=definition_settings(stored.request.definition) if stored else {},
        folders=folders,
        reason=missing,
        columns=column_options(execution.parameters),
        data={f"input {uri}": stored.digests[uri] for uri in stored.inputs} if stored else {},
        code={f"function of {it}": stored.digests[it] for it in stored.handlers} if stored else {},
    )


def _missing_evaluation(
    execution: PipelineExecution, outputs: Mapping[str, Path], workdir: Workdir
) -> str | None:
    """Return why an execution has no evaluation; None if it has one."""
    folder = outputs.get(names.EVALUATION)
    if folder is None or (folder.is_dir() and not (folder / names.EVALUATION_FILE).is_file()):
        return f"no step wrote an output {names.EVALUATION} with {names.EVALUATION_FILE}"
    if not folder.is_dir():
        return f"{names.EVALUATION_FILE} doesn't exist any more"
    later = _overwritten_by(folder, execution, workdir)
    return f"{later} has overwritten {names.EVALUATION_FILE}" if later else None


def _overwritten_by(folder: Path, execution: PipelineExecution, workdir: Workdir) -> str | None:
    """Return the newest later execution that wrote the same output, if there is one.

    Definitions other than this project's may have outputs with fixed URIs.
    """
    if execution.execution_id in folder.parts:
        return None
    for later in workdir.executions.newest_first():
        if later.execution_id == execution.execution_id:
            return None
        ran = {it.name: it for it in later.steps.values() if not (it.cached or it.reused_from)}
        if output_paths(replace(later, steps=ran), workdir).get(names.EVALUATION) == folder:
            return later.execution_id
    return None


def _stored_request(folder: Path) -> StoredRequest | None:
    """Return the definition and the files that an execution used; None if they aren't stored."""
    try:
        return StoredRequest.load(folder)
    except WorkdirError:
        return None
