"""The job Feedback, which joins labels with the scores of executions."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.errors import CliError
from operations.local.processing_code import run_job
from operations.views.printing import print_warning
from processing import names
from processing.names import Feedback, Parameter

STORED = (names.LABELS_FILE, names.FEEDBACK_FILE)
"""The files that are stored with an execution, the labels first."""


@dataclass(frozen=True)
class ScoredReviews:
    """The scores of an execution.

    parameters: those that say which columns were read, if raw is given. scores, drift: local files.
    labels: those that are stored with the scores; None without any. raw: folder with the texts,
    which an export reads; None if they can't be read.
    """

    name: str
    started: str
    parameters: Mapping[str, Any]
    scores: Path
    drift: Path
    labels: Path | None = None
    raw: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the job reads."""
        files = {
            names.SCORES: self.scores,
            names.DRIFT: self.drift,
            names.LABELS: self.labels,
            names.RAW: self.raw,
        }
        return {
            **{name: str(path) for name, path in files.items() if path},
            Feedback.ID_COLUMN: self.parameters.get(Parameter.ID_COLUMN, "id"),
            Feedback.NAME: self.name,
            Feedback.STARTED: self.started,
            Feedback.TEXT_COLUMN: self.parameters.get(Parameter.TEXT_COLUMN, names.AUTO),
        }


@dataclass(frozen=True)
class Joined:
    """Labels joined with scores.

    document: the content of ``feedback.json``. page: the HTML page. stored: the files to store with
    each execution that got labels, by name. exported: the labeled reviews, if asked.
    """

    document: Mapping[str, Any]
    page: bytes
    stored: Mapping[str, Mapping[str, bytes]]
    exported: bytes | None


def join(executions: Sequence[ScoredReviews], labels: Path | None, *, export: bool) -> Joined:
    """Join labels with the scores of executions, which are given oldest first. Raise CliError."""
    with tempfile.TemporaryDirectory(prefix="sentiment-feedback-") as scratch:
        folder = Path(scratch)
        request = folder / "executions.json"
        request.write_text(json.dumps({Feedback.EXECUTIONS: [it.as_json() for it in executions]}))
        options: dict[str, str | Path] = {"executions": request, "output": folder}
        if labels:
            options["labels"] = labels.absolute()
        flags = ["page", *(["export"] if export else [])]
        run_job(names.FEEDBACK, options, flags=flags)
        stored = {
            it.name: {name: (folder / it.name / name).read_bytes() for name in STORED}
            for it in executions
            if (folder / it.name).is_dir()
        }
        return Joined(
            document=json.loads((folder / names.FEEDBACK_FILE).read_bytes()),
            page=(folder / names.FEEDBACK_PAGE).read_bytes(),
            stored=stored,
            exported=(folder / names.LABELS_FILE).read_bytes() if export else None,
        )


def names_classes(execution: str, drift: bytes) -> bool:
    """Return whether a drift report names the classes, without which labels mean nothing.

    Otherwise print a warning.
    """
    try:
        found = isinstance(json.loads(drift)[names.LABELS], list)
    except (ValueError, KeyError, TypeError):
        found = False
    if not found:
        print_warning(f"{execution} isn't used: older code scored it, and didn't store the classes")
    return found


def require_scores(executions: Sequence[ScoredReviews], wanted: str | None, remedy: str) -> None:
    """Raise CliError without an execution with scores. wanted: the only one to look at."""
    if not executions:
        raise CliError(
            f"no execution has scores; {remedy}"
            if wanted is None
            else f"execution {wanted} has no scores"
        )
