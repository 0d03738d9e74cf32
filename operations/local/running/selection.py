"""Part of a pipeline: the plan of the selected steps, with results of an earlier execution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from local_runner.errors import DefinitionError, LocalRunnerError, SelectionError
from local_runner.execution.debugging import with_debugging
from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.plan import Plan
from local_runner.run import require_supported
from local_runner.selection import (
    Selection,
    missing_results,
    needed_results,
    select,
)
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.local.results import load_execution
from operations.local.reused_results import no_results, require_none_missing, require_partial


@dataclass(frozen=True)
class Source:
    """Where reused results come from: the IDs or ARNs of executions.

    reuse: the execution that must have them. preferred: the first of these that has a step's result
    is used if together they have all of them; else the newest of the pipeline.
    """

    reuse: str | None
    preferred: Sequence[str]
    pipeline: str


def source_of_results(
    plan: Plan, selection: Selection, source: Source, workdir: Workdir
) -> PipelineExecution | None:
    """Return the execution with the results that the selected steps need; None if they need none.

    Raise UsageError for an unknown step or execution, CliError if there are no such results.
    """
    require_partial(selection, source.reuse)
    try:
        needed = needed_results(plan, selection)
        if source.reuse:
            return _required(source.reuse, needed, plan, workdir)
        return _newest(source, needed, plan, workdir) if needed else None
    except SelectionError as error:
        raise UsageError(str(error)) from None
    except LocalRunnerError as error:
        raise CliError(str(error)) from None


def selected(
    plan: Plan, selection: Selection, source: PipelineExecution | None, definition: Path
) -> Plan:
    """Return the plan of the selected steps. Raise UsageError, also if one can't be run here."""
    try:
        plan = select(plan, selection, source)
        require_supported(plan)
    except SelectionError as error:
        raise UsageError(str(error)) from None
    except DefinitionError as error:
        raise UsageError(f"{definition}: {error}") from None
    return plan


def debugged_plan(plan: Plan, debug: str | None, whole: Plan) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan for debugging a step, and the names of the debugged steps.

    whole: with the steps that aren't selected. Raise UsageError if it can't be debugged.
    """
    if not debug:
        return plan, ()
    try:
        _, names = with_debugging(whole, debug)
        if not any(it.step.name in names for it in plan.steps):
            raise UsageError(f"step {debug} can't be debugged: it isn't selected; select it too")
        return with_debugging(plan, debug)
    except SelectionError as error:
        raise UsageError(str(error)) from None


def _required(reuse: str, needed: Sequence[str], plan: Plan, workdir: Workdir) -> PipelineExecution:
    execution = load_execution(workdir, reuse)
    missing = missing_results(execution, plan, needed, workdir.store)
    require_none_missing(execution.execution_id, missing)
    return execution


def _newest(
    source: Source, needed: Sequence[str], plan: Plan, workdir: Workdir
) -> PipelineExecution:
    preferred = _combined(source.preferred, workdir)
    same = (it for it in workdir.executions.newest_first() if it.pipeline == source.pipeline)
    for execution in chain([preferred] if preferred else [], same):
        if not missing_results(execution, plan, needed, workdir.store):
            return execution
    raise no_results(f"execution of this pipeline in {workdir.root}", needed)


def _combined(names: Sequence[str], workdir: Workdir) -> PipelineExecution | None:
    """Return the first execution with the results of all, of which the first ones count."""
    loaded = (workdir.executions.load(name.rpartition("/")[2]) for name in names)
    found = [execution for execution in loaded if execution]
    steps = {
        name: replace(record, reused_from=record.reused_from or execution.execution_id)
        for execution in reversed(found)
        for name, record in execution.steps.items()
        if record.status == SUCCEEDED
    }
    return replace(found[0], steps=steps) if found else None
