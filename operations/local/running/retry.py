"""Retry a local execution: the steps that haven't succeeded, as they were requested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.inputs import external_inputs, missing_inputs, missing_message
from local_runner.plan import Plan
from local_runner.request import StoredRequest
from local_runner.run import retry as retry_execution
from local_runner.workdir import Workdir
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.local.executions import find_execution
from operations.local.processing_code import packed_name
from operations.local.results import summarize
from operations.local.running.progress import shown
from operations.program import local_command
from operations.views.printing import print_warning
from processing.names import Parameter


def retry(path: Path, wanted: str | None, *, scoring: bool, quiet: bool) -> ExecutionSummary:
    """Retry an execution, None for the newest, with progress on stderr.

    path: of the work folder, as the user gave it. Raise CliError if it can't be retried.
    """
    root = path.resolve()
    execution = find_execution(Workdir(root), wanted, scoring=scoring)
    name = execution.execution_id
    if execution.status == SUCCEEDED:
        command = local_command(path, "run", "--like", name)
        raise CliError(f"execution {name} has succeeded; {command} starts another one like it")
    try:
        stored = StoredRequest.load(Workdir(root).executions.folder(name))
        workdir = Workdir(root, stored.inputs)
        plan = stored.plan(execution)
        _require_objects(path, plan, execution, workdir)
    except LocalRunnerError as error:
        raise CliError(f"execution {name} can't be retried: {error}") from None
    for warning in _warnings(path, plan, execution, stored):
        print_warning(warning)
    with shown(path, workdir, quiet=quiet) as observer:
        return summarize(retry_execution(name, stored, workdir, observer), workdir)


def _require_objects(
    path: Path, plan: Plan, execution: PipelineExecution, workdir: Workdir
) -> None:
    """Raise CliError if files that the steps read were deleted."""
    for uri, file in workdir.inputs.items():
        if not file.is_file():
            raise CliError(f"{file} doesn't exist any more; it was the input {uri}")
    done = {it.name for it in execution.steps.values() if it.status == SUCCEEDED}
    read = [it for it in external_inputs(plan) if it.step not in done]
    code = str(plan.parameters.get(Parameter.CODE_URI, ""))
    missing = missing_inputs(read, workdir.store)
    if code and any(it.uri.startswith(code) for it in missing):
        command = local_command(path, "run", "--like", execution.execution_id)
        raise CliError(
            f"the code of execution {execution.execution_id} was deleted; {command} runs the "
            "current code"
        )
    if missing:
        raise CliError(missing_message(missing))


def _warnings(
    path: Path, plan: Plan, execution: PipelineExecution, stored: StoredRequest
) -> Iterator[str]:
    """Yield what is no longer as it was when the execution started."""
    name = execution.execution_id
    for changed in stored.changed():
        what = "the function of step" if changed in stored.handlers else "the content of input"
        yield f"{what} {changed} has changed since {name} started"
    used = execution.parameters.get(Parameter.CODE_FILE)
    if used is None or used == packed_name():
        return
    steps = (it.step.name for it in plan.steps_to_run)
    first = next((it for it in steps if not _has_succeeded(it, execution)), None)
    if first:
        command = local_command(path, "run", "--like", name, "--from", first)
        yield f"the code has changed since {name} started; {command} runs the changed code"


def _has_succeeded(step: str, execution: PipelineExecution) -> bool:
    return step in execution.steps and execution.steps[step].status == SUCCEEDED
