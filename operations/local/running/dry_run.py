"""Forecast of a local run: for each step whether it would run or be cached, and why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from local_runner.dry_run import dry_run
from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.forecast import StepForecast
from local_runner.plan import Plan
from local_runner.run import interrupted
from local_runner.workdir import Workdir
from operations.datasets import dataset_uri, datasets_folder
from operations.local.deployment_values import CODE_URI, PLACEHOLDERS, values_with_code
from operations.local.errors import translated_errors
from operations.local.processing_code import packed_code
from operations.local.reused_results import reuse_warnings
from operations.local.running.run import CheckedRun, RunRequest, checked_run
from operations.views.printing import print_warning
from processing.names import Parameter


@dataclass(frozen=True)
class Forecast:
    """The forecasts of the steps of a plan. notes: what a run would announce first."""

    plan: Plan
    steps: Sequence[StepForecast]
    notes: Sequence[str]


def forecast_run(request: RunRequest, first_line: str = "") -> Forecast:
    """Return what `run_pipeline` would do; nothing is stored. Raise CliError."""
    checked = checked_run(request)
    notes = [line for line in (first_line, checked.note) if line]
    with _plan_to_run(checked) as (plan, workdir):
        for warning in reuse_warnings(plan):
            print_warning(warning)
        with translated_errors(workdir.root):
            if execution := interrupted(plan, checked.workdir):
                notes.append(f"continues execution {execution.execution_id}")
                plan = _continued(plan, execution)
            return Forecast(plan, dry_run(plan, workdir, checked.pipeline), notes)


@contextmanager
def _plan_to_run(checked: CheckedRun) -> Iterator[tuple[Plan, Workdir]]:
    """Yield the plan, and the work folder in which its code seems to be stored."""
    parameters = checked.plan(PLACEHOLDERS).parameters
    request, inputs = checked.request, dict(checked.workdir.inputs)
    with tempfile.TemporaryDirectory() as scratch:
        code = packed_code(Path(scratch)) if Parameter.CODE_URI in parameters else None
        values = values_with_code(code.name if code else None)
        if code:
            inputs[f"{CODE_URI}/{code.name}"] = code
        if Parameter.DATASET_URI in parameters and Parameter.DATASET_URI not in request.repeated:
            folder = datasets_folder(checked.workdir.root)
            values[Parameter.DATASET_URI] = dataset_uri(
                request.dataset, folder, is_labelled=request.is_labelled
            )
        yield checked.plan(values), Workdir(checked.workdir.root, inputs)


def _continued(plan: Plan, execution: PipelineExecution) -> Plan:
    """Return the plan in which the results of the execution's finished steps are reused."""
    done = {
        name: replace(record, reused_from=record.reused_from or execution.execution_id)
        for name, record in execution.steps.items()
        if record.status == SUCCEEDED
    }
    return replace(plan, reused={**plan.reused, **done})
