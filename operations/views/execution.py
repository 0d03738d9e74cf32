"""An execution, local or on AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from operations.execution_summary import (
    DRIFT_PAGE,
    FAILED,
    HTML_REPORT,
    ExecutionSummary,
    StepSummary,
)
from operations.views.printing import (
    duration,
    location,
    print_json,
    print_line,
    print_pairs,
    utc,
)
from processing import names

_ARTIFACTS = (
    names.MODEL,
    names.VOCABULARY,
    names.PREDICTIONS,
    names.EVALUATION,
    HTML_REPORT,
    names.MANIFEST,
)
"""The artifacts that are listed, in this order; the JSON output has all of them."""


def print_execution(summary: ExecutionSummary, *, as_json: bool, next_command: str = "") -> None:
    """Print an execution with its results.

    The reasons of failed steps aren't printed again: `Progress` has printed them.
    next_command: the command that usually comes next.
    """
    if as_json:
        print_json(document(summary))
        return
    failed = [step.name for step in summary.steps or () if step.status == FAILED]
    where = f", step {' and '.join(failed)}" if failed else ""
    print_line(f"{summary.status}: execution {summary.execution_id}{where}")
    if summary.failure_reason and not failed:
        print_line(summary.failure_reason)
    # The command is alone on its line, so it needs no quotes.
    following = [("next", next_command.strip("`"))] if next_command else []
    print_pairs([*_results(summary), *following])


def _results(summary: ExecutionSummary) -> Iterator[tuple[str, str]]:
    if summary.accuracy is not None:
        note = "  (demo dataset; not comparable with the article)" if summary.demo else ""
        yield "accuracy", f"{summary.accuracy:.5f}{note}"
    if summary.gate and summary.gate.metric != names.ACCURACY:
        yield summary.gate.metric, f"{summary.gate.measured:.5f}"
    if summary.positive_class:
        yield "positive class", summary.positive_class
    if summary.columns:
        yield "columns", summary.columns
    if summary.splits:
        yield "splits", summary.splits
    if summary.model_package_arn and summary.outputs is None:
        yield "version", summary.model_package_arn
    for output in summary.outputs or ():
        yield f"{output.step}: {output.name}", location(output.location)
    artifacts = summary.artifacts if summary.artifacts and summary.outputs is None else {}
    for name in _ARTIFACTS:
        if name in artifacts:
            yield name, location(artifacts[name])
    if summary.scores:
        yield "scores", location(summary.scores)
    if summary.drift:
        yield from _drift(summary.drift, summary.drift_threshold)
    if DRIFT_PAGE in artifacts:
        yield "drift page", location(artifacts[DRIFT_PAGE])
    if summary.console_url:
        yield "console", summary.console_url
    if summary.seconds is not None:
        yield "started", utc(summary.started)
        yield "duration", duration(summary.seconds)


def _drift(drift: Any, threshold: float | None) -> Iterator[tuple[str, str]]:
    yield "rows", str(drift[names.ROWS])
    yield "not scored", str(drift[names.UNSCORED])
    note = "" if threshold is None else f"; threshold {threshold:g}"
    if drift[names.DRIFT_STATUS] == names.DRIFT_UNKNOWN:
        note = f": {drift[names.DRIFT_REASON]}"
    yield "drift", f"{drift_text(drift)}{note}"
    for name, value in sorted(drift[names.MEASURES].items()):
        yield "", f"{_words(name):<15} {value:.3f}"


def drift_text(drift: Mapping[str, Any]) -> str:
    """Return the largest measure of drift and its name, or "unknown"."""
    if drift[names.DRIFT_STATUS] == names.DRIFT_UNKNOWN:
        return names.DRIFT_UNKNOWN
    return f"{drift[names.MAX_DRIFT]:.3f} ({_words(drift[names.MAX_DRIFT_MEASURE])})"


def _words(key: str) -> str:
    return key.replace("_", " ")


def document(summary: ExecutionSummary) -> dict[str, Any]:
    """Return the JSON of an execution: the same keys on this machine and on AWS."""
    steps = summary.steps
    return {
        "accuracy": summary.accuracy,
        "arn": summary.arn,
        "artifacts": summary.artifacts,
        "console_url": summary.console_url,
        "demo": summary.demo,
        "display_name": summary.display_name,
        "drift": summary.drift,
        "drift_threshold": summary.drift_threshold,
        "execution_id": summary.execution_id,
        "expected_cost": summary.expected_cost,
        "failure_reason": summary.failure_reason,
        "gate": asdict(summary.gate) if summary.gate else None,
        "metrics": summary.metrics,
        "model_package_arn": summary.model_package_arn,
        "outputs": None if summary.outputs is None else [asdict(it) for it in summary.outputs],
        "parameters": summary.parameters,
        "positive_class": summary.positive_class,
        "columns": summary.columns,
        "splits": summary.splits,
        "scores": summary.scores,
        "seconds": summary.seconds,
        "started": summary.started.isoformat(),
        "status": summary.status,
        "steps": None if steps is None else [_step(step) for step in steps],
    }


def _step(step: StepSummary) -> dict[str, Any]:
    return {
        "attempts": step.attempts,
        "cached": step.cached,
        "cached_from": step.cached_from,
        "failure_reason": step.failure_reason,
        "name": step.name,
        "reasons": step.reasons,
        "reused_from": step.reused_from,
        "seconds": step.seconds,
        "status": step.status,
    }
