"""``show``: the steps and parameters of a pipeline definition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.command_line.parameters import parameters_options
from operations.options import (
    DEFINITION,
    SCORE_DEFINITION,
    json_option,
    preset_option,
    scoring_option,
)


@click.command()
@preset_option
@parameters_options
@click.option(
    "--definition",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    show_default="the committed definition",
    help="Path of a pipeline definition (JSON).",
)
@scoring_option
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Save a drawing of the steps (SVG); - writes it to stdout.",
)
@click.option("--mermaid", is_flag=True, help="Print the steps as a Mermaid flowchart.")
@json_option
def show(
    preset: str | None,
    parameters: Mapping[str, str],
    definition: Path | None,
    scoring: bool,
    svg: Path | None,
    mermaid: bool,
    as_json: bool,
) -> None:
    """Show the steps and parameters of a pipeline definition."""
    from operations.errors import UsageError
    from operations.local.inputs import given_to_programs, inputs_of
    from operations.local.running.definitions import example_plan, required_parameters
    from operations.presets import with_preset
    from operations.views.plan_tree import print_plan
    from operations.views.printing import print_warning

    if definition and scoring:
        raise UsageError("--scoring shows the committed definition; omit it or --definition")
    if preset and scoring:
        raise UsageError("--preset can't be used with --scoring")
    if (svg is not None) + mermaid + as_json > 1:
        raise UsageError("--svg, --mermaid and --json are alternatives; use one of them")
    shown = definition or (SCORE_DEFINITION if scoring else DEFINITION)
    values = with_preset(preset, parameters)
    plan = example_plan(shown, values)
    for name in required_parameters(shown, values):
        print_warning(f"parameter {name} has no default; run it with --parameter {name}=VALUE")
    if svg or mermaid:
        from operations.views.drawing.write import print_mermaid, write_svg

        pipeline = "the scoring pipeline" if scoring else "the training pipeline"
        title = f"Steps of {definition.name if definition else pipeline}"
        if svg:
            write_svg(plan, title, svg)
        else:
            print_mermaid(plan)
    else:
        print_plan(plan, [*inputs_of(plan), *given_to_programs(plan)], as_json=as_json)
