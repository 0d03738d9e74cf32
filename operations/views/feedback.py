"""Labels that were joined with scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from operations.views.execution import drift_text
from operations.views.printing import (
    location,
    print_json,
    print_line,
    print_pairs,
    print_table,
    print_warning,
    utc,
)
from processing import names
from processing.names import Feedback

_COLUMNS = ("EXECUTION", "STARTED", "REVIEWS", "LABELED", "ACCURACY", "95% CI", "TEST SET")
_MORE = ("PRECISION", "RECALL", "DRIFT")
_NUMBERS = ("REVIEWS", "LABELED", "ACCURACY", "TEST SET", "PRECISION", "RECALL")


def print_feedback(
    document: Mapping[str, Any], *, as_json: bool, page: Path | None, export: Path | None
) -> None:
    """Print the accuracy and the drift of each execution, newest first."""
    without = document.get(Feedback.WITHOUT_TEXT)
    for name, reviews in (without or {}).items():
        print_warning(f"{name}: not exported, because no text can be read: {reviews:,} reviews")
    if as_json:
        paths = {"html": page, "export": export}
        print_json({**document, **{key: path and str(path) for key, path in paths.items()}})
        return
    print_table([*_COLUMNS, *_MORE], map(_row, reversed(document[Feedback.EXECUTIONS])), _NUMBERS)
    print_line("")
    print_pairs(_summary(document, page, export))


def _row(execution: Mapping[str, Any]) -> list[str]:
    accuracy, test = execution[names.ACCURACY], execution[Feedback.TEST_ACCURACY]
    return [
        execution[Feedback.NAME],
        utc(datetime.fromisoformat(execution[Feedback.STARTED])),
        f"{execution[names.ROWS]:,}",
        f"{execution[Feedback.LABELED]:,}",
        _share(accuracy),
        _interval(accuracy) if accuracy else "-",
        "-" if test is None else f"{test:.5f}",
        _share(execution[Feedback.PRECISION]),
        _share(execution[Feedback.RECALL]),
        drift_text(execution[names.DRIFT]),
    ]


def _summary(
    document: Mapping[str, Any], page: Path | None, export: Path | None
) -> Iterator[tuple[str, str]]:
    read, total = document[names.LABELS], document[Feedback.TOTAL]
    if read:
        added, corrected = (
            sum(it[key] for it in document[Feedback.EXECUTIONS])
            for key in (Feedback.ADDED, Feedback.CORRECTED)
        )
        yield "labels", f"{read[names.ROWS]:,} rows; {added:,} new, {corrected:,} changed"
        if read[Feedback.UNLABELED]:
            yield "", f"{read[Feedback.UNLABELED]:,} rows without a label"
        if read[Feedback.UNKNOWN]:
            examples = ", ".join(map(repr, read[Feedback.EXAMPLES]))
            yield "", f"{read[Feedback.UNKNOWN]:,} ids that weren't scored, such as {examples}"
    accuracy = total[names.ACCURACY]
    if accuracy:
        yield (
            "accuracy",
            f"{_share(accuracy)} of {total[Feedback.LABELED]:,} (95% CI {_interval(accuracy)})",
        )
    if page:
        yield "page", location(str(page))
    if export:
        yield "export", f"{location(str(export))} ({document[Feedback.EXPORTED]:,} reviews)"


def _share(found: Mapping[str, float] | None) -> str:
    return "-" if found is None else f"{found[names.VALUE]:.5f}"


def _interval(found: Mapping[str, float]) -> str:
    return f"{found[Feedback.LOW]:.5f} to {found[Feedback.HIGH]:.5f}"
