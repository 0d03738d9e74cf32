"""Print or save a drawing of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from local_runner.plan import Plan
from operations.output_files import STDOUT, save
from operations.views.drawing.graph import graph_of
from operations.views.drawing.mermaid import mermaid
from operations.views.drawing.svg import svg


def print_mermaid(plan: Plan) -> None:
    """Print the plan as a Mermaid flowchart."""
    click.echo(mermaid(graph_of(plan)), nl=False)


def write_svg(plan: Plan, title: str, path: Path) -> None:
    """Save the plan's drawing, or print it for ``-``. Raise UsageError or CliError."""
    drawing = svg(graph_of(plan), title)
    if path == STDOUT:
        click.echo(drawing, nl=False)
        return
    save("--svg", path, drawing.encode())
