"""The evaluation report and the HTML report of a local execution.

The HTML report that Evaluate writes contains no reviews, so that they don't leave their bucket.
This one is rendered again by the same code, next to the reviews, and shows the largest errors.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.evaluation_report import EvaluationReport
from operations.local.errors import translated_errors
from operations.local.processing_code import run_job
from operations.local.results import find_with_output, reviews_path
from operations.output_files import save
from processing import names
from processing.names import Parameter

_INPUTS = (
    names.PREDICTIONS,
    names.PACKAGE,
    names.LABELS,
    names.ROWS,
    names.TRAIN,
    names.VALIDATION,
    names.VOCABULARY,
    names.MANIFEST,
    names.EVALUATION,
)
"""Outputs of the execution that the job reads; its options have the same names."""

_COLUMNS = {
    Parameter.TEXT_COLUMN: "text-column",
    Parameter.LABEL_COLUMN: "label-column",
    Parameter.ID_COLUMN: "id-column",
}


@dataclass(frozen=True)
class ReportRequest:
    """Options of a report to render. execution: None for the newest with an evaluation.

    reviews: whether the HTML report may contain reviews. html: its path; None for the work folder.
    """

    execution: str | None
    workdir: Path
    reviews: bool
    html: Path | None


def render_report(request: ReportRequest) -> tuple[EvaluationReport, Path]:
    """Return the evaluation report and the path of the new HTML report. Raise CliError."""
    workdir = Workdir(request.workdir.resolve())
    with translated_errors(workdir.root):
        execution, outputs = find_with_output(workdir, request.execution, names.EVALUATION)
        path = outputs[names.EVALUATION] / names.EVALUATION_FILE
        report = EvaluationReport.parse(str(path), path.read_bytes())
        folder = workdir.executions.folder(execution.execution_id)
        html = request.html or folder / names.REPORT_FILE
        reviews = reviews_path(execution, workdir) if request.reviews else None
        save("--html", html, _rendered(_options(execution, outputs, reviews)))
    return report, html


def _options(
    execution: PipelineExecution, outputs: Mapping[str, Path], reviews: Path | None
) -> dict[str, str | Path]:
    """The job's options: folders, and with reviews the columns that the execution read."""
    options: dict[str, str | Path] = {name: outputs[name] for name in _INPUTS if name in outputs}
    if reviews:
        options |= {names.RAW: reviews, **column_options(execution.parameters)}
    return options


def column_options(parameters: Mapping[str, object]) -> dict[str, str]:
    """Return options of a job that reads the raw reviews: the columns that an execution read."""
    return {
        option: str(parameters[parameter])
        for parameter, option in _COLUMNS.items()
        if parameter in parameters
    }


def _rendered(options: Mapping[str, str | Path]) -> bytes:
    """Run the job that renders the HTML report, and return the report."""
    with tempfile.TemporaryDirectory() as scratch:
        run_job("report", {**options, "output": scratch})
        return (Path(scratch) / names.REPORT_FILE).read_bytes()
