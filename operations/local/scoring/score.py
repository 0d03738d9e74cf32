"""Run the scoring pipeline locally."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from operations.errors import CliError, UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.model_versions import LocalModelRegistry
from operations.local.results import summarize
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
    _validate(request)
    registry = LocalModelRegistry(request.workdir)
    choice = registry.choose(request.model)
    version = choice.version
    run_request = RunRequest(
        dataset=request.reviews,
        parameters={**request.parameters, Parameter.MODEL_VERSION: str(version.number)},
        definition=request.definition,
        workdir=request.workdir,
        is_labelled=False,
        column_options=_COLUMN_OPTIONS,
    )
    if choice.warning:
        print_warning(choice.warning)
    execution = run_pipeline(run_request, quiet=quiet, first_line=str(choice))
    summary = replace(summarize(execution, registry.workdir), model_package_arn=version.arn)
    if request.output and summary.scores:
        _copy(Path(summary.scores), request.output)
        return replace(summary, scores=str(request.output.absolute()))
    return summary


def _validate(request: ScoreRequest) -> None:
    for name, instead in (
        (Parameter.DATASET_URI, "the argument REVIEWS"),
        (Parameter.MODEL_VERSION, "--model"),
    ):
        if name in request.parameters:
            raise UsageError(f"--parameter {name}=...: use {instead} instead")
    if request.output:
        require_folder("--output", request.output)


def _copy(scores: Path, output: Path) -> None:
    try:
        with output_file("--output", output) as target, scores.open("rb") as source:
            shutil.copyfileobj(source, target)
    except CliError as error:
        raise CliError(f"{error}; the scores are in {scores}") from None
