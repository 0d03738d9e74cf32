"""A plan: steps in order, their dependencies, and the branches of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from local_runner.definition.model import CONDITION
from local_runner.inputs import StepInput, readers_of
from local_runner.plan import Plan, PlannedStep
from local_runner.refusals import notes, refusals
from operations.views.printing import print_json, print_warning


def print_plan(plan: Plan, inputs: Sequence[StepInput], *, as_json: bool) -> None:
    """Print steps, parameters and inputs, as trees or as JSON; warn of what can't run here."""
    for message in (*refusals(plan), *notes(plan)):
        print_warning(message)
    if as_json:
        steps = [_document(planned) for planned in plan.steps]
        print_json(
            {
                "inputs": [asdict(item) for item in inputs],
                "parameters": dict(plan.parameters),
                "steps": steps,
            }
        )
        return
    _print_trees(plan, inputs)


def _document(planned: PlannedStep) -> dict[str, Any]:
    condition, outcome = planned.branch or (None, None)
    return {
        "branch": planned.branch and {"condition": condition, "outcome": outcome},
        "cacheable": planned.step.cache_enabled,
        "depends_on": planned.depends_on,
        "name": planned.step.name,
        "triggers": dict(planned.step.triggers),
        "type": planned.step.type,
    }


def _print_trees(plan: Plan, inputs: Sequence[StepInput]) -> None:
    console = Console(highlight=False, width=200)
    steps = Tree("[bold]steps[/]")
    branches: dict[tuple[str, bool] | None, Tree] = {None: steps}
    for planned in plan.steps:
        node = branches[planned.branch].add(_line(planned))
        if planned.step.type == CONDITION:
            branches[planned.step.name, True] = node.add("[green]if true[/]")
            branches[planned.step.name, False] = node.add("[red]if false[/]")
    console.print(steps)
    parameters = Tree("[bold]parameters[/]")
    for name, value in sorted(plan.parameters.items()):
        parameters.add(f"{name} = {escape(str(value))}")
    if plan.parameters:
        console.print(parameters)
    if inputs:
        tree = Tree("[bold]inputs[/] [dim]map local data with --input S3_URI=PATH[/]")
        for uri, readers in readers_of(inputs).items():
            tree.add(escape(f"{uri} ({'; '.join(readers)})"))
        console.print(tree, soft_wrap=True)


def _line(planned: PlannedStep) -> str:
    step = planned.step
    triggers = dict(step.triggers)
    names = escape(
        ", ".join(
            f"{name} ({triggers[name]})" if name in triggers else name
            for name in planned.depends_on
        )
    )
    after = f" [dim]after {names}[/]" if names else ""
    cacheable = " [dim]cacheable[/]" if step.cache_enabled else ""
    return f"{escape(step.name)} ({step.type}){after}{cacheable}"
