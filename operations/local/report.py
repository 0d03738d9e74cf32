"""``report --local``: what an execution measured, and its report for people.

The report that Evaluate leaves holds no review, as data stays where it is. This one is made anew,
by the same code, beside the reviews, and shows the worst mistakes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.evaluation_report import Report
from operations.local.deployment_values import job_output
from operations.local.summary import failure, folders_of, relative
from operations.views import model as view
from operations.views.printing import print_line

_PAGE = "report.html"
_EVALUATION, _RAW = "evaluation", "raw"
_INPUTS = (
    "predictions",
    "model",
    "labels",
    "rows",
    "train",
    "validation",
    "vocabulary",
    "manifest",
    _EVALUATION,
)
"""What the job draws the report from: the execution's outputs, which its options are named by."""


_COLUMNS = {
    "TextColumn": "text-column",
    "LabelColumn": "label-column",
    "IdColumn": "id-column",
}


@dataclass(frozen=True)
class ReportRequest:
    """What the user asked for; None is for what was left open.

    reviews: whether the page may hold texts. html, output: where the page and evaluation.json go.
    """

    execution: str | None
    workdir: Path
    reviews: bool
    html: Path | None
    output: Path | None


def report(request: ReportRequest, *, as_json: bool) -> None:
    """Prints what was measured, and makes the page. Raises UsageError or CliError."""
    workdir = Workdir(request.workdir.resolve())
    try:
        execution = _found(workdir, request.execution)
        folders = folders_of(execution, workdir)
        if _EVALUATION not in folders:
            why = failure(execution) or f"it is {execution.status}"
            raise UsageError(f"execution {execution.execution_id} has no evaluation: {why}")
        path = folders[_EVALUATION] / "evaluation.json"
        measured = Report.of(relative(path), path.read_bytes())
        if request.output:
            request.output.write_bytes(measured.content)
        page = request.html or _beside_the_record(execution, workdir)
        _make_page(page, _options(execution, folders, with_reviews=request.reviews))
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror}") from None
    view.print_report(measured, as_json)
    if not as_json:
        print_line(f"{'page':<12} {relative(page.absolute())}")


def _found(workdir: Workdir, wanted: str | None) -> PipelineExecution:
    """The execution of this id; for None the newest that has measured a model."""
    if wanted is None:
        for execution in workdir.executions.newest_first():
            if _EVALUATION in folders_of(execution, workdir):
                return execution
        raise UsageError(f"nothing was measured in {workdir.root} yet; `sentiment run` does")
    found = workdir.executions.load(wanted)
    if found is None:
        raise UsageError(f"there is no execution {wanted} in {workdir.root}")
    return found


def _beside_the_record(execution: PipelineExecution, workdir: Workdir) -> Path:
    return workdir.executions.folder(execution.execution_id) / _PAGE


def _options(
    execution: PipelineExecution, folders: Mapping[str, Path], *, with_reviews: bool
) -> dict[str, str | Path]:
    """What the job is told: folders, and for texts the columns that the execution has read."""
    options: dict[str, str | Path] = {
        # Jobs are given folders; the model is one archive.
        name: folders[name].parent if folders[name].is_file() else folders[name]
        for name in _INPUTS
        if name in folders
    }
    if with_reviews and _RAW in folders:
        options[_RAW] = folders[_RAW]
        for parameter, option in _COLUMNS.items():
            if parameter in execution.parameters:
                options[option] = str(execution.parameters[parameter])
    return options


def _make_page(page: Path, options: Mapping[str, str | Path]) -> None:
    """Runs the job that draws it; the page appears whole."""
    with tempfile.TemporaryDirectory(prefix=".report-", dir=page.absolute().parent) as scratch:
        job_output("report", {**options, "output": scratch})
        (Path(scratch) / _PAGE).replace(page)
