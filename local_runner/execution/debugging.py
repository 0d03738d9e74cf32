"""Debugged steps of a plan: they run in the foreground, never from the cache nor into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from local_runner.definition.expressions import resolve
from local_runner.definition.model import FUNCTION_TYPES, Json, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.errors import SelectionError
from local_runner.plan import Plan
from local_runner.selection import Selection, selected_steps

_CLUSTERS: Mapping[str, tuple[str, ...]] = {
    "Processing": ("ProcessingResources", "ClusterConfig"),
    "Training": ("ResourceConfig",),
    "Transform": ("TransformResources",),
}
"""By the type of steps that run a program, where their requests have the InstanceCount."""


def with_debugging(plan: Plan, name: str) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan for debugging a step, and the names of its steps with this name.

    name: as of `Selection`. Raise SelectionError for a step that isn't to run, or that runs no
    program or several at the same time.
    """
    names = selected_steps(plan, Selection(only=(name,)))
    for planned in plan.steps:
        if planned.step.name in names:
            _require_one_program(planned.step, plan)
    steps = (
        replace(it, step=replace(it.step, cache_enabled=False)) if it.step.name in names else it
        for it in plan.steps
    )
    return replace(plan, steps=tuple(steps)), names


def _require_one_program(step: Step, plan: Plan) -> None:
    where = f"step {step.name} can't be debugged"
    if step.name in plan.reused:
        raise SelectionError(f"{where}: it isn't selected, and its result is reused; select it too")
    if step.type not in (*_CLUSTERS, *FUNCTION_TYPES):
        raise SelectionError(
            f"{where}: only a step that runs one program can be, not one of type {step.type}"
        )
    hosts: Json = step.arguments
    for key in _CLUSTERS.get(step.type, ()):
        hosts = hosts.get(key) if isinstance(hosts, Mapping) else None
    if isinstance(hosts, Mapping):
        count = resolve(hosts.get("InstanceCount", 1), DefaultsScope(plan.parameters, ""))
        if isinstance(count, int) and count > 1:
            raise SelectionError(f"{where}: it runs on {count} hosts; set its InstanceCount to 1")
