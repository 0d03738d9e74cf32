"""Save tables of local executions: scores of new reviews, predictions of a test set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local_runner.workdir import Workdir
from operations import predictions_table
from operations.evaluation_report import EvaluationReport
from operations.local.errors import translated_errors
from operations.local.results import find_with_output
from operations.output_files import CsvWriter, SavedTable, StoredPage, csv_output
from processing import names

_CHUNK_BYTES = 1 << 20


def save_scores(workdir: Path, wanted: str | None, output: Path) -> SavedTable:
    """Copy ``scores.csv`` of an execution, None for the newest that has one. Raise CliError."""

    def write(outputs: dict[str, Path], file: CsvWriter) -> Path:
        scores = outputs[names.SCORES] / names.SCORES_FILE
        with scores.open("rb") as source:
            while content := source.read(_CHUNK_BYTES):
                file.write(content)
        return scores

    return _save(workdir, wanted, output, names.SCORES, write)


def drift_page(workdir: Path, wanted: str | None) -> StoredPage:
    """Return the page about drift of an execution, None for the newest with scores.

    Raise CliError.
    """
    with translated_errors(workdir):
        execution, outputs = find_with_output(Workdir(workdir.resolve()), wanted, names.DRIFT)
        path = outputs[names.DRIFT] / names.DRIFT_PAGE
        return StoredPage(execution.execution_id, str(path), path.read_bytes())


def save_predictions(workdir: Path, wanted: str | None, output: Path) -> SavedTable:
    """Save the predictions of a training execution's test set as one table. Raise CliError."""

    def write(outputs: dict[str, Path], file: CsvWriter) -> Path:
        evaluation = outputs[names.EVALUATION] / names.EVALUATION_FILE
        report = EvaluationReport.parse(str(evaluation), evaluation.read_bytes())
        files = {
            content: [str(path) for path in outputs[content].rglob("*") if path.is_file()]
            for content in predictions_table.CONTENTS
        }
        for content in predictions_table.table(files, lambda path: Path(path).read_bytes(), report):
            file.write(content)
        return outputs[names.PREDICTIONS]

    return _save(workdir, wanted, output, names.EVALUATION, write)


def _save(
    workdir: Path,
    wanted: str | None,
    output: Path,
    required: str,
    write: Callable[[dict[str, Path], CsvWriter], Path],
) -> SavedTable:
    """Save what ``write`` writes of the execution; ``write`` returns the path that it read."""
    with translated_errors(workdir):
        execution, outputs = find_with_output(Workdir(workdir.resolve()), wanted, required)
        with csv_output(output) as file:
            source = write(outputs, file)
    return SavedTable(execution.execution_id, str(source), output, file.rows)
