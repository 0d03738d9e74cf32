"""SelectiveExecutionConfig: steps to run, with results of an earlier execution for the others.

The rules are those of the API reference and of the developer guide, which says of the selected
steps that they must be connected: every step on a path between two of them must be selected, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.service import invalid
from local_runner.errors import SelectionError
from local_runner.execution.record import FAILED, SUCCEEDED, PipelineExecution
from local_runner.plan import Plan
from local_runner.selection import Selection, direct_dependencies, select, steps_between

SELECTIVE = "SelectiveExecutionConfig"
SOURCE = "SourcePipelineExecutionArn"

_STEPS = "SelectedSteps"
_MOST_STEPS = 50


def step_names(configuration: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the names of the selected steps; none if all steps run."""
    return tuple(item["StepName"] for item in configuration[_STEPS]) if configuration else ()


def selected_plan(
    plan: Plan,
    configuration: Mapping[str, Any] | None,
    source: PipelineExecution | None,
    time: datetime,
) -> Plan:
    """Return the plan of the selected steps, whose reused results have this time.

    Raise ApiError for a configuration that the service refuses.
    """
    if configuration is None:
        return plan
    names = step_names(configuration)
    _require_valid(plan, names)
    needed = direct_dependencies(plan, names)
    if needed and source is None:
        raise invalid(
            f"Invalid {SOURCE}: null. The selected steps {_listed(names)} have dependencies on "
            f"{_listed(needed)}"
        )
    if source:
        _require_results(source, needed, configuration[SOURCE])
    try:
        plan = select(plan, Selection(only=names), source)
    except SelectionError as error:
        raise invalid(str(error)) from None
    reused = {name: replace(it, started=time.isoformat()) for name, it in plan.reused.items()}
    return replace(plan, reused=reused)


def _require_valid(plan: Plan, names: tuple[str, ...]) -> None:
    if len(names) > _MOST_STEPS:
        raise invalid(
            f"Value at '{_STEPS}' failed to satisfy constraint: Member must have length less than "
            f"or equal to {_MOST_STEPS}"
        )
    if unknown := set(names) - {it.step.name for it in plan.steps}:
        raise invalid(f"Invalid {_STEPS}: the pipeline has no steps {_listed(sorted(unknown))}.")
    if between := steps_between(plan, names):
        raise invalid(
            f"Invalid {_STEPS}: {_listed(names)}. All steps in all paths between two selected "
            f"steps must be selected: {_listed(between)}"
        )


def _require_results(source: PipelineExecution, needed: Iterable[str], arn: str) -> None:
    if source.status not in (SUCCEEDED, FAILED):
        raise invalid(f"Invalid {SOURCE}: {arn}. Its status is {source.status}.")
    succeeded = {name for name, step in source.steps.items() if step.status == SUCCEEDED}
    if missing := [name for name in needed if name not in succeeded]:
        raise invalid(f"Invalid {SOURCE}: {arn}. It has no results of {_listed(missing)}.")


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"
