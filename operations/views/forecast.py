"""A dry run: what each step would do, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from local_runner import forecast
from local_runner.definition.model import FAIL
from local_runner.forecast import StepForecast
from operations.views.printing import print_json, print_line, print_pairs
from operations.views.reasons import listed, with_texts

if TYPE_CHECKING:
    from operations.aws.pricing.expected_cost import ExpectedCost


def print_forecast(
    steps: Sequence[StepForecast],
    parameters: Mapping[str, Any],
    notes: Sequence[str] = (),
    expected_cost: ExpectedCost | None = None,
    *,
    as_json: bool,
) -> None:
    """Print a line for each step and the expected cost on AWS, or JSON."""
    text, cost = "", None
    if expected_cost:
        from operations.views.maintenance.expected_cost import (
            expected_cost_document,
            expected_cost_text,
        )

        cached = [it.name for it in steps if it.verdict == forecast.CACHED]
        text = f"expected cost: {expected_cost_text(expected_cost, cached)}"
        cost = expected_cost_document(expected_cost, cached)
    if as_json:
        print_json(
            {
                "expected_cost": cost,
                "notes": list(notes),
                "parameters": dict(parameters),
                "steps": [_document(it) for it in steps],
            }
        )
        return
    for note in notes:
        print_line(note)
    print_pairs((it.name, _text(it)) for it in steps)
    if text:
        print_line(text)


def _document(step: StepForecast) -> dict[str, Any]:
    reasons = with_texts([asdict(reason) for reason in step.reasons])
    return {**asdict(step), "reasons": reasons, "text": _text(step)}


def _text(step: StepForecast) -> str:
    others = " and ".join(step.steps)
    match step.verdict:
        case forecast.REUSED | forecast.CACHED:
            return f"{step.verdict} ({step.execution_id})"
        case forecast.SKIPPED:
            return f"doesn't run (condition {others})"
        case forecast.CONDITIONAL if step.outcome is not None:
            return f"runs if {others} is {str(step.outcome).lower()}"
        case forecast.CONDITIONAL:
            return f"may run (depends on {others})"
        case forecast.DEPENDS:
            return f"runs, unless the results of {others} are the same as before"
        case forecast.REPEATS:
            return f"runs, unless {others}, which has the same inputs, ends before it starts"
    if step.outcome is not None:
        return f"runs (condition {str(step.outcome).lower()})"
    if step.type == FAIL:
        return "runs (fails the execution)"
    because = listed([asdict(reason) for reason in step.reasons])
    if others:
        because = f"depends on the results of {others}"
    return f"runs ({because})" if because else "runs"
