"""Feedback: the accuracy of scored reviews, from labels that arrive later.

    labels, {"executions": [{"name": ..., "started": ..., "scores": FILE, "drift": FILE,
                             "labels": FILE, ...}, ...]}
    -> feedback.json, feedback.html
    -> NAME/labels.csv, NAME/feedback.json of each execution that got labels, to be stored with it

Labels and scores are joined by id. ``labels`` of an execution are those that it has already.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.evaluation.feedback import (
    LabeledScores,
    Labels,
    label_scores,
    read_labels,
    read_stored_labels,
    share,
    stored_labels,
)
from processing.json_files import read_json, write_json
from processing.names import Feedback

_KEPT = (
    *(names.DRIFT_REASON, names.DRIFT_STATUS, names.MAX_DRIFT, names.MAX_DRIFT_MEASURE),
    names.MEASURES,
)
"""The keys of a drift report that the document repeats."""


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Feedback job."""
    parser = ArgumentParser(prog="feedback", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--executions", type=Path, required=True, help="JSON file with the executions"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help=f"folder of {names.FEEDBACK_FILE}"
    )
    parser.add_argument("--labels", type=Path, help="table with the columns id and label")
    parser.add_argument("--page", action="store_true", help=f"also write {names.FEEDBACK_PAGE}")
    parser.add_argument(
        "--export", action="store_true", help=f"write the labeled reviews to {names.LABELS_FILE}"
    )
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError for labels that can't be joined."""
    given = read_labels(options.labels) if options.labels else Labels()
    executions = read_json(options.executions)[Feedback.EXECUTIONS]
    described, joined, known = [], [], set[str]()
    for execution in executions:
        drift = read_json(Path(execution[names.DRIFT]))
        negative, positive = drift[names.LABELS]
        labels = Path(execution[names.LABELS]) if execution.get(names.LABELS) else None
        scores = Path(execution[names.SCORES])
        found = label_scores(scores, (negative, positive), given, read_stored_labels(labels))
        known.update(name for name in found.labels if name in given.by_id)
        described.append(_described(execution, drift, found))
        joined.append(found)
    document = {
        Feedback.EXECUTIONS: described,
        names.LABELS: given.summary(known) if options.labels else None,
        Feedback.TOTAL: _total(described),
        Feedback.UPDATED: _total(
            it for it in described if it[Feedback.ADDED] or it[Feedback.CORRECTED]
        ),
    }
    for entry, found in zip(described, joined):
        if found.added or found.corrected:
            folder = options.output / entry[Feedback.NAME]
            write_json(folder / names.FEEDBACK_FILE, entry)
            text = stored_labels(found.labels)
            (folder / names.LABELS_FILE).write_text(text, "utf-8", "surrogateescape", "\n")
    if options.export:
        from processing.evaluation.labeled_reviews import export

        document |= export(options.output / names.LABELS_FILE, executions, joined)
    write_json(options.output / names.FEEDBACK_FILE, document)
    if options.page:
        from processing.report.scoring.feedback_page import render

        page = options.output / names.FEEDBACK_PAGE
        page.write_text(render(document), encoding="utf-8")


def _described(
    execution: Mapping[str, Any], drift: Mapping[str, Any], found: LabeledScores
) -> dict[str, Any]:
    """Return what the document says about an execution."""
    return {
        Feedback.ADDED: found.added,
        Feedback.CORRECTED: found.corrected,
        Feedback.MODEL_VERSION: drift[names.PACKAGE_ARN_PATH],
        Feedback.NAME: execution[Feedback.NAME],
        Feedback.STARTED: execution[Feedback.STARTED],
        Feedback.TEST_ACCURACY: drift[Feedback.TEST_ACCURACY],
        names.DRIFT: {key: drift[key] for key in _KEPT},
        names.LABELS: [*found.classes],
        names.ROWS: drift[names.ROWS],
        names.UNSCORED: drift[names.UNSCORED],
        **found.shares(),
    }


def _total(executions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the accuracy of the reviews of several executions."""
    listed = list(executions)
    correct, labeled = (
        sum(it[key] for it in listed) for key in (Feedback.CORRECT, Feedback.LABELED)
    )
    return {
        names.ACCURACY: share(correct, labeled),
        Feedback.CORRECT: correct,
        Feedback.LABELED: labeled,
    }
