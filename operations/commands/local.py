"""``run`` and ``show``: the training pipeline on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.command_line.completion import complete_files
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    DEFINITION,
    SCORE_DEFINITION,
    definition_option,
    json_option,
    pairs,
    parameters_option,
    preset_option,
    scoring_option,
    workdir_option,
)


@click.command()
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="Reviews to train and test on: an archive (tar, zip), a table (csv, json, parquet), a "
    "folder, or an https:// URI.  [default: the demo dataset]",
)
@preset_option
@parameters_option
@definition_option
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="S3_URI=PATH",
    help="Use a local folder or file as the objects below an S3 URI, for definitions whose steps "
    "read other data than the dataset. Can be repeated.",
)
@click.option(
    "--handler",
    "handlers",
    multiple=True,
    metavar="STEP=MODULE:FUNCTION",
    callback=pairs,
    help="Run a Lambda or Callback step by a Python function in the current folder, called with "
    "the step's arguments as a dict; it returns the step's outputs. Can be repeated.",
)
@workdir_option
@click.option(
    "--max-parallel-steps",
    type=click.IntRange(min=1),
    show_default="number of CPU cores",
    help="Maximum number of steps that run at the same time.",
)
@json_option
def run(
    dataset: str | None,
    preset: str | None,
    parameters: Mapping[str, str],
    definition: Path,
    inputs: tuple[str, ...],
    handlers: Mapping[str, str],
    workdir: Path,
    max_parallel_steps: int | None,
    as_json: bool,
) -> int:
    """Run the training pipeline on this machine.

    Needs neither an AWS account nor Docker. Continues an interrupted execution. Uses cached results
    for steps whose inputs haven't changed.
    """
    from operations.execution_summary import next_words
    from operations.local.model_versions import LocalModelRegistry
    from operations.local.run import RunRequest, run_training
    from operations.presets import with_preset
    from operations.views.execution import print_execution

    chosen = with_preset(preset, parameters)
    request = RunRequest(
        dataset,
        chosen,
        definition,
        workdir,
        max_parallel_steps,
        inputs=inputs,
        handlers=handlers,
    )
    summary = run_training(request, quiet=as_json)
    registry = LocalModelRegistry(workdir)
    words = next_words(summary, registry.is_pending)
    command = registry.command(*words) if words else ""
    print_execution(summary, as_json=as_json, next_command=command)
    return SUCCESS if summary.succeeded else FAILURE


@click.command()
@preset_option
@parameters_option
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
    from operations.local.inputs import inputs_of
    from operations.local.run import example_plan
    from operations.presets import with_preset
    from operations.views.plan_tree import print_plan

    if definition and scoring:
        raise UsageError("--scoring shows the committed definition; omit it or --definition")
    if preset and scoring:
        raise UsageError("--preset can't be used with --scoring")
    if (svg is not None) + mermaid + as_json > 1:
        raise UsageError("--svg, --mermaid and --json are alternatives; use one of them")
    shown = definition or (SCORE_DEFINITION if scoring else DEFINITION)
    plan = example_plan(shown, with_preset(preset, parameters))
    if svg or mermaid:
        from operations.views.drawing.write import print_mermaid, write_svg

        pipeline = "the scoring pipeline" if scoring else "the training pipeline"
        title = f"Steps of {definition.name if definition else pipeline}"
        if svg:
            write_svg(plan, title, svg)
        else:
            print_mermaid(plan)
    else:
        print_plan(plan, inputs_of(plan), as_json=as_json)
