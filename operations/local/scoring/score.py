"""Run the scoring pipeline locally."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.model_versions import Choice, LocalModelRegistry
from operations.local.results import summarize
from operations.local.running.dry_run import Forecast, forecast_run
from operations.local.running.run import RunRequest, run_pipeline
from operations.output_files import output_file, require_folder
from operations.views.printing import print_warning
from processing.names import Parameter

_COLUMN_OPTIONS = {Parameter.TEXT_COLUMN: "--text-column", Parameter.ID_COLUMN: "--id-column"}


@dataclass(frozen=True)
class ScoreRequest:
    """Reviews to score and options.

    model: None for the newest usable version. output: where to copy the scores.
    """

    reviews: str
    model: str | None
    parameters: Mapping[str, str]
    definition: Path
    workdir: Path
    output: Path | None


def score(request: ScoreRequest, *, quiet: bool) -> ExecutionSummary:
    """Score reviews, with progress on stderr.

    Raise UsageError or CliError if it can't start.
    """
    run_request, choice = _checked(request)
    execution = run_pipeline(run_request, quiet=quiet, first_line=str(choice))
    summary = summarize(execution, Workdir(request.workdir.resolve()))
    summary = replace(summary, model_package_arn=choice.version.arn)
    if request.output and summary.scores:
        _copy(Path(summary.scores), request.output)
        return replace(summary, scores=str(request.output.absolute()))
    return summary


def forecast(request: ScoreRequest) -> Forecast:
    """Return what scoring would do; nothing is stored. Raise UsageError or CliError."""
    run_request, choice = _checked(request)
    return forecast_run(run_request, str(choice))


def _checked(request: ScoreRequest) -> tuple[RunRequest, Choice]:
    """Return the run and its version, after printing a warning of it. Raise UsageError."""
    for name, instead in (
        (Parameter.DATASET_URI, "the argument REVIEWS"),
        (Parameter.MODEL_VERSION, "--model"),
    ):
        if name in request.parameters:
            raise UsageError(f"--parameter {name}=...: use {instead} instead")
    if request.output:
        require_folder("--output", request.output)
    choice = LocalModelRegistry(request.workdir).choose(request.model)
    if choice.warning:
        print_warning(choice.warning)
    run_request = RunRequest(
        dataset=request.reviews,
        parameters={**request.parameters, Parameter.MODEL_VERSION: str(choice.version.number)},
        definition=request.definition,
        workdir=request.workdir,
        is_labelled=False,
        column_options=_COLUMN_OPTIONS,
    )
    return run_request, choice


def _copy(scores: Path, output: Path) -> None:
    try:
        with output_file("--output", output) as target, scores.open("rb") as source:
            shutil.copyfileobj(source, target)
    except CliError as error:
        raise CliError(f"{error}; the scores are in {scores}") from None
