"""Run a pipeline definition locally, with progress on stderr."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_runner.execution.record import PipelineExecution
from local_runner.plan import Plan
from local_runner.refusals import notes
from local_runner.request import ExecutionRequest
from local_runner.run import run
from local_runner.selection import Selection
from local_runner.workdir import Workdir
from operations.datasets import S3, datasets_folder, require_downloadable, store_dataset
from operations.errors import UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.deployment_values import PLACEHOLDERS, deployment_values
from operations.local.inputs import mapped_files, require_inputs, warn_of_unread
from operations.local.inspection import inspect_head
from operations.local.results import summarize
from operations.local.reused_results import kept_values, reuse_warnings
from operations.local.running.definitions import example_plan, planned, read_definition
from operations.local.running.progress import shown
from operations.local.running.selection import (
    Source,
    debugged_plan,
    selected,
    source_of_results,
)
from operations.parameter_ranges import chosen_dataset
from operations.views.printing import print_warning
from processing.names import Parameter


@dataclass(frozen=True)
class RunRequest:
    """Options of a local run.

    dataset: None for the demo dataset. is_labelled: whether it has classes. column_options: the
    options that set a parameter of a column, for messages. inputs: s3://BUCKET/PREFIX=PATH each.
    handlers: module:function by the names of Lambda and Callback steps. reuse: the execution whose
    results the selected steps need; None for those of ``preferred`` and ``like``, newest first, or
    the newest that has them. repeated: parameter values of the execution ``like``, which
    ``parameters`` override. is_rerun: whether earlier executions of the same request have the
    reused results, so that neither their code nor their values are announced. debug: the step that
    runs in the foreground.
    """

    dataset: str | None
    parameters: Mapping[str, str]
    definition: Path
    workdir: Path
    max_parallel_steps: int | None = None
    is_labelled: bool = True
    column_options: Mapping[str, str] = field(default_factory=dict)
    inputs: Sequence[str] = ()
    handlers: Mapping[str, str] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)
    reuse: str | None = None
    like: str | None = None
    repeated: Mapping[str, str] = field(default_factory=dict)
    preferred: Sequence[str] = ()
    debug: str | None = None
    is_rerun: bool = False


@dataclass(frozen=True)
class CheckedRun:
    """A request that can be run. source: the execution whose results the selected steps need.

    note: which parameter values the reused results set; empty if none.
    """

    request: RunRequest
    workdir: Workdir
    source: PipelineExecution | None
    note: str

    @property
    def pipeline(self) -> str:
        """The name that executions of the same pipeline share."""
        return _pipeline(self.request)

    def plan(self, deployed: Mapping[str, str]) -> Plan:
        """Return the plan with these values of the parameters that a deployment sets."""
        return _plan(self.request, self.source, deployed)


def run_training(request: RunRequest, *, quiet: bool, first_line: str = "") -> ExecutionSummary:
    """Run the training pipeline to its end, as `run_pipeline` does. Raise CliError."""
    execution = run_pipeline(training_request(request), quiet=quiet, first_line=first_line)
    return summarize(execution, Workdir(request.workdir.resolve()))


def training_request(request: RunRequest) -> RunRequest:
    """Return the request with the dataset that it chooses. Raise UsageError."""
    dataset, parameters = chosen_dataset(request.dataset, request.parameters)
    repeated = dict(request.repeated)
    if dataset is not None:
        repeated.pop(Parameter.DATASET_URI, None)
    if repeated.get(Parameter.DATASET_URI, "").startswith(S3):
        raise UsageError(f"the dataset of {request.like} is on AWS; give one with --dataset")
    return replace(request, dataset=dataset, parameters=parameters, repeated=repeated)


def run_pipeline(request: RunRequest, *, quiet: bool, first_line: str = "") -> PipelineExecution:
    """Run a definition to its end; unless ``quiet``, print ``first_line`` and steps on stderr.

    Raise UsageError or CliError if it can't start.
    """
    checked = checked_run(request)
    request, workdir = checked.request, checked.workdir
    first_lines = [line for line in (first_line, checked.note) if line]
    with shown(request.workdir, workdir, quiet=quiet, first_lines=first_lines) as observer:
        parameters = checked.plan(PLACEHOLDERS).parameters
        plan = checked.plan(stored_values(request, workdir, parameters))
        for warning in reuse_warnings(plan, code=not request.is_rerun):
            print_warning(warning)
        plan, debugged = debugged_plan(plan, request.debug, plan)
        return run(plan, workdir, observer, _execution_request(request), debugged)


def checked_run(request: RunRequest) -> CheckedRun:
    """Check a request before anything is stored, and print warnings.

    Raise UsageError or CliError if it can't be run.
    """
    workdir = Workdir(request.workdir.resolve(), mapped_files(request.inputs))
    whole = example_plan(request.definition, request.parameters, request.handlers, request.repeated)
    warn_of_unread(request.inputs, whole)
    preferred = (*request.preferred, *([request.like] if request.like else []))
    where = Source(request.reuse, preferred, _pipeline(request))
    source = source_of_results(whole, request.selection, where, workdir)
    request, changed = _with_values_of_results(request, source)
    plan, _ = debugged_plan(_plan(request, source, PLACEHOLDERS), request.debug, whole)
    for name in sorted(request.repeated.keys() - plan.parameters.keys()):
        print_warning(f"{name} isn't a parameter of the definition; its value isn't repeated")
    for note in notes(plan):
        print_warning(note)
    require_inputs(plan, workdir)
    _require_dataset(request, plan)
    return CheckedRun(request, workdir, source, "" if request.is_rerun else changed)


def _execution_request(request: RunRequest) -> ExecutionRequest:
    return ExecutionRequest(
        read_definition(request.definition),
        request.selection,
        _pipeline(request),
        request.max_parallel_steps,
    )


def _pipeline(request: RunRequest) -> str:
    return str(request.definition.resolve())


def _with_values_of_results(
    request: RunRequest, source: PipelineExecution | None
) -> tuple[RunRequest, str]:
    """Return the request with the values that the reused results were made with, and a note."""
    if source is None:
        return request, ""
    plan = _plan(request, source, PLACEHOLDERS)
    chosen = {**request.parameters, **request.repeated}
    if request.dataset is not None:
        chosen[Parameter.DATASET_URI] = request.dataset
    values, note = kept_values(plan, chosen)
    return replace(request, repeated={**values, **request.repeated}), note


def _plan(
    request: RunRequest, source: PipelineExecution | None, deployed: Mapping[str, str]
) -> Plan:
    """Return the plan of the selected steps."""
    plan = planned(
        request.definition, request.parameters, deployed, request.handlers, request.repeated
    )
    return selected(plan, request.selection, source, request.definition)


def _require_dataset(request: RunRequest, plan: Plan) -> None:
    """Raise UsageError if the given dataset can't be used."""
    if request.dataset is None:
        return
    if Parameter.DATASET_URI not in plan.parameters:
        raise UsageError(
            f"{request.definition} has no parameter {Parameter.DATASET_URI}; give its steps their "
            "data with --input instead of a dataset"
        )
    require_downloadable(request.dataset, [planned.step.name for planned in plan.steps])
    inspect_head(
        request.dataset,
        plan.parameters,
        is_labelled=request.is_labelled,
        column_options=request.column_options,
    )


def stored_values(
    request: RunRequest, workdir: Workdir, parameters: Container[str] = PLACEHOLDERS
) -> dict[str, str]:
    """Return the deployment values, after storing the code and the dataset.

    parameters: of the definition; nothing is stored for parameters that it doesn't have.
    """
    values = deployment_values(workdir, parameters)
    if Parameter.DATASET_URI not in parameters or Parameter.DATASET_URI in request.repeated:
        return values
    folder = datasets_folder(workdir.root)
    uri = store_dataset(request.dataset, folder, is_labelled=request.is_labelled)
    return {**values, Parameter.DATASET_URI: uri}
