"""Labels of reviews that were scored on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from local_runner.execution.record import PipelineExecution
from local_runner.platform.atomic import atomic_path
from local_runner.workdir import Workdir
from operations.feedback.job import Joined, ScoredReviews, join, names_classes, require_scores
from operations.local.errors import translated_errors
from operations.local.executions import is_scoring
from operations.local.results import load_execution, output_paths, reviews_path
from operations.program import local_command
from processing import names


def give_feedback(
    path: Path, labels: Path | None, execution: str | None, *, export: bool
) -> Joined:
    """Join labels with the scores in a work folder, and store them beside the scores.

    labels: None to use only those that are stored. execution: whose scores; None for all. Raise
    UsageError or CliError.
    """
    workdir = Workdir(path.resolve())
    with translated_errors(workdir.root):
        found = list(_scored(workdir, execution))
        remedy = f"score reviews with {local_command(path, 'score', 'REVIEWS')}"
        require_scores(found, execution, remedy)
        joined = join(found, labels, export=export)
        for it in found:
            for name, content in joined.stored.get(it.name, {}).items():
                with atomic_path(_folder(it.scores) / name) as staging:
                    staging.write_bytes(content)
    return joined


def _scored(workdir: Workdir, wanted: str | None) -> Iterator[ScoredReviews]:
    """Yield the executions with scores, oldest first, without those that took them from another."""
    executions = (
        sorted(workdir.executions.newest_first(), key=lambda it: it.started)
        if wanted is None
        else [load_execution(workdir, wanted)]
    )
    known = set()
    for execution in executions:
        outputs = output_paths(execution, workdir) if is_scoring(execution) else {}
        found = _scored_reviews(execution, outputs, workdir)
        if found and found.scores not in known:
            known.add(found.scores)
            yield found


def _scored_reviews(
    execution: PipelineExecution, outputs: dict[str, Path], workdir: Workdir
) -> ScoredReviews | None:
    if not outputs.keys() >= {names.SCORES, names.DRIFT}:
        return None
    scores = outputs[names.SCORES] / names.SCORES_FILE
    drift = outputs[names.DRIFT] / names.DRIFT_FILE
    if not (scores.is_file() and drift.is_file()):
        return None
    if not names_classes(execution.execution_id, drift.read_bytes()):
        return None
    labels = _folder(scores) / names.LABELS_FILE
    return ScoredReviews(
        name=execution.execution_id,
        started=execution.started,
        parameters=execution.parameters,
        scores=scores,
        drift=drift,
        labels=labels if labels.is_file() else None,
        raw=reviews_path(execution, workdir),
    )


def _folder(scores: Path) -> Path:
    """Return the folder of an execution's feedback, beside the output with the scores."""
    return scores.parents[1] / names.FEEDBACK
