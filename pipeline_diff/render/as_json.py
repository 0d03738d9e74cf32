"""A report as one JSON object for machines, keys sorted."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline_diff.compare import Comparison, StepChange
from pipeline_diff.cost import Cost
from pipeline_diff.prices import AS_OF
from pipeline_diff.render.format_values import Shown
from pipeline_diff.report import Report
from pipeline_diff.step_attributes import Change

_DIGITS = 6


def as_json(report: Report) -> str:
    """The report, one line with its end."""
    told = {
        "comparisons": [_comparison(comparison) for comparison in report.comparisons],
        "differs": report.differs,
        "new": report.new,
        "old": report.old,
        "prices_as_of": AS_OF,
    }
    return json.dumps(told, sort_keys=True) + "\n"


def _comparison(it: Comparison) -> dict[str, Any]:
    return {
        "differs": it.differs,
        "filled_parameters": it.filled,
        "gates": [asdict(gate) for gate in it.gates],
        "new_stands": it.new_stands,
        "old_stands": it.old_stands,
        "open_parameters": it.open_parameters,
        "parameters": [asdict(change) for change in it.parameters],
        "permissions": None
        if it.permissions is None
        else [asdict(change) for change in it.permissions],
        "reruns": [asdict(rerun) for rerun in it.reruns],
        "scores": it.scores,
        "stack": it.stack,
        "steps": [_step(change) for change in it.steps],
        "usd": {"after": _cost(it.cost_after), "before": _cost(it.cost_before)},
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        name: round(value, _DIGITS) if isinstance(value, float) else value
        for name, value in asdict(cost).items()
    }


def _step(change: StepChange) -> dict[str, Any]:
    return {
        "after": change.after,
        "before": change.before,
        "changes": [_change(item) for item in change.changes],
        "moved": change.moved,
        "type": change.new.step.type if change.new else None,
        "waits_for": change.waits_for,
        "waits_no_more": change.waits_no_more,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "new": _value(change.new),
        "old": _value(change.old),
        "path": change.path,
        "place": change.place,
        "weakens": change.weakens,
    }


def _value(shown: Shown | None) -> Any:
    return None if shown is None else shown.value
