"""A plan as a tree: steps in order, their dependencies, and the branches of conditions."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from local_runner.plan import Plan, PlannedStep


def print_plan(plan: Plan) -> None:
    """Print the steps and the parameters."""
    console = Console(highlight=False, width=200)
    steps = Tree("[bold]steps[/]")
    branches: dict[tuple[str, bool] | None, Tree] = {None: steps}
    for planned in plan.steps:
        node = branches[planned.branch].add(_line(planned))
        if planned.step.type == "Condition":
            branches[planned.step.name, True] = node.add("[green]if true[/]")
            branches[planned.step.name, False] = node.add("[red]if false[/]")
    console.print(steps)
    parameters = Tree("[bold]parameters[/]")
    for name, value in sorted(plan.parameters.items()):
        parameters.add(f"{name} = {escape(str(value))}")
    console.print(parameters)


def _line(planned: PlannedStep) -> str:
    step = planned.step
    names = escape(", ".join(planned.depends_on))
    after = f" [dim]after {names}[/]" if names else ""
    cacheable = " [dim]cacheable[/]" if step.cache_enabled else ""
    return f"{escape(step.name)} ({step.type}){after}{cacheable}"
