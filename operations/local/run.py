"""Run a pipeline definition locally, with progress on stderr."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_runner.definition.model import PipelineDefinition
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError, LocalRunnerError, ParameterError
from local_runner.execution.record import PipelineExecution
from local_runner.plan import Plan, make_plan
from local_runner.refusals import notes
from local_runner.run import plan_of, run
from local_runner.selection import Selection
from local_runner.workdir import Workdir
from operations.datasets import store_dataset
from operations.errors import CliError, Interrupted, UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.deployment_values import PLACEHOLDERS, deployment_values
from operations.local.inputs import mapped_files, require_inputs, warn_of_unread
from operations.local.inspection import inspect_head
from operations.local.progress import observer
from operations.local.results import summarize
from operations.local.selection import reuse_warnings, selected, source_of_results
from operations.parameter_ranges import chosen_dataset, require_in_range
from operations.progress import Progress
from operations.views.printing import print_warning
from processing.names import Parameter


@dataclass(frozen=True)
class RunRequest:
    """Options of a local run.

    dataset: None for the demo dataset. is_labelled: whether it has classes. column_options: the
    options that set a parameter of a column, for messages. inputs: s3://BUCKET/PREFIX=PATH each.
    handlers: module:function by the names of Lambda and Callback steps. reuse: the execution whose
    results the selected steps need; None for the newest that has them.
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


def run_training(request: RunRequest, *, quiet: bool) -> ExecutionSummary:
    """Run the training pipeline to its end. Raise CliError if it can't start."""
    dataset, parameters = chosen_dataset(request.dataset, request.parameters)
    request = replace(request, dataset=dataset, parameters=parameters)
    execution = run_pipeline(request, quiet=quiet)
    return summarize(
        execution, Workdir(request.workdir.resolve()), demo=_is_demo(execution, dataset)
    )


def _is_demo(execution: PipelineExecution, dataset: str | None) -> bool | None:
    """Return whether the dataset was the demo dataset; None for a definition without datasets."""
    return dataset is None if Parameter.DATASET_URI in execution.parameters else None


def run_pipeline(request: RunRequest, *, quiet: bool, first_line: str = "") -> PipelineExecution:
    """Run a definition to its end; unless ``quiet``, print ``first_line`` and steps on stderr.

    Raise UsageError or CliError if it can't start.
    """
    workdir = Workdir(request.workdir.resolve(), mapped_files(request.inputs))
    # Reject an invalid request before storing anything.
    plan = example_plan(request.definition, request.parameters, request.handlers)
    values, pipeline = plan.parameters, str(request.definition.resolve())
    warn_of_unread(request.inputs, plan)
    source = source_of_results(plan, request.selection, request.reuse, workdir, pipeline)
    plan = selected(plan, request.selection, source, request.definition)
    for note in notes(plan):
        print_warning(note)
    require_inputs(plan, workdir)
    if request.dataset is not None and Parameter.DATASET_URI not in values:
        raise UsageError(
            f"{request.definition} has no parameter {Parameter.DATASET_URI}; give its steps their "
            "data with --input instead of a dataset"
        )
    if request.dataset is not None:
        inspect_head(
            request.dataset,
            values,
            is_labelled=request.is_labelled,
            column_options=request.column_options,
        )
    try:
        deployed = stored_values(request, workdir, values)
        plan = _planned(request.definition, request.parameters, deployed, request.handlers)
        plan = selected(plan, request.selection, source, request.definition)
        for warning in reuse_warnings(plan):
            print_warning(warning)
        with Progress(quiet=quiet) as progress:
            if first_line:
                progress.print_line(first_line)
            watching, limit = observer(progress, workdir), request.max_parallel_steps
            return run(plan, workdir, watching, limit, pipeline)
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"{error.filename or workdir.root}: {error.strerror or error}") from None
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped; run the same command again to continue with the results in the cache"
        ) from None


def example_plan(
    definition: Path, parameters: Mapping[str, str], handlers: Mapping[str, str] | None = None
) -> Plan:
    """Return the plan with placeholders for deployment values.

    handlers: None for a plan that isn't run, and that may contain what can't be run.
    Raise UsageError for an invalid definition, or parameters that it or their ranges exclude.
    """
    if _has_dataset(_parsed(definition)):
        require_in_range(parameters)
    return _planned(definition, parameters, PLACEHOLDERS, handlers)


def stored_values(
    request: RunRequest, workdir: Workdir, parameters: Container[str] = PLACEHOLDERS
) -> dict[str, str]:
    """Return the deployment values, after storing the code and the dataset.

    parameters: of the definition; nothing is stored for parameters that it doesn't have.
    """
    values = deployment_values(workdir, parameters)
    if Parameter.DATASET_URI not in parameters:
        return values
    folder = workdir.root / "datasets"
    uri = store_dataset(request.dataset, folder, is_labelled=request.is_labelled)
    return {**values, Parameter.DATASET_URI: uri}


def _planned(
    definition: Path,
    chosen: Mapping[str, str],
    deployed: Mapping[str, str],
    handlers: Mapping[str, str] | None,
) -> Plan:
    """Return the plan with the user's parameter values, then those of the deployment."""
    parsed = _parsed(definition)
    if not _has_dataset(parsed):  # keep the defaults of another definition
        named = {parameter.name: parameter.default for parameter in parsed.parameters}
        deployed = {name: value for name, value in deployed.items() if named.get(name) is None}
    try:
        if handlers is None:
            return make_plan(parsed, chosen, deployed)
        return plan_of(_read(definition), chosen, deployed, handlers)
    except DefinitionError as error:
        raise UsageError(f"{definition}: {error}") from None
    except ParameterError as error:
        raise UsageError(str(error)) from None


def _parsed(definition: Path) -> PipelineDefinition:
    try:
        return parse(_read(definition))
    except DefinitionError as error:
        raise UsageError(f"{definition}: {error}") from None


def _has_dataset(definition: PipelineDefinition) -> bool:
    """Return whether it is a definition of this project's kind, and not another one."""
    return any(parameter.name == Parameter.DATASET_URI for parameter in definition.parameters)


def _read(definition: Path) -> str:
    try:
        return definition.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{definition}: can't be read ({error})") from None
